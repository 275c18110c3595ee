// A client of the distribution API that sends exactly what a test asks for.

import { request as httpRequest } from 'node:http';
import type { Endpoint } from '../../src/content/endpoint/endpoint.ts';
import { type Blob, blobOf, blobsOf, rootOf, type TestImage, type TestIndex } from '../support/random-image.ts';

/** One answer, read to its end. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
  /** The codes of an OCI error body; empty where there is none. */
  readonly codes: readonly string[];
}

/** What is sent beside method and path. */
export interface Sent {
  readonly body?: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A client of one endpoint. */
export interface Client {
  /** A request below `/v2/REPOSITORY/`; a path that begins with a slash is taken as it is. */
  send(method: string, path: string, sent?: Sent): Promise<Reply>;
  /** POST, then PUT with the digest, as BuildKit does. */
  pushBlob(blob: Blob): Promise<Reply>;
  /** By digest, or by the name. */
  pushManifest(blob: Blob, name?: string): Promise<Reply>;
  /** All blobs and manifests leaf first; the root by the tag, where one is given. */
  push(content: TestImage | TestIndex, tag?: string): Promise<Reply>;
}

/** A client that pushes to the endpoint's own path, or to another below the same host. */
export function clientOf(endpoint: Pick<Endpoint, 'host' | 'repository'>, repository = endpoint.repository): Client {
  const send = (method: string, path: string, sent: Sent = {}) =>
    sendTo(endpoint.host, method, path.startsWith('/') ? path : `/v2/${repository}/${path}`, sent);
  const pushBlob = async (blob: Blob): Promise<Reply> => {
    const opened = await send('POST', 'blobs/uploads/');
    const location = opened.headers.get('location');
    if (location === null) return opened;
    return await send('PUT', `${location}?digest=${blob.digest}`, { body: blob.bytes });
  };
  const pushManifest = (blob: Blob, name: string = blob.digest) =>
    send('PUT', `manifests/${name}`, { body: blob.bytes, headers: { 'content-type': blob.mediaType } });
  return {
    send,
    pushBlob,
    pushManifest,
    async push(content, tag) {
      const root = rootOf(content);
      for (const blob of blobsOf(content)) {
        if (blob === root) continue;
        const reply = blob.mediaType.includes('manifest') ? await pushManifest(blob) : await pushBlob(blob);
        if (reply.status >= 300) return reply;
      }
      return await pushManifest(root, tag);
    },
  };
}

/** A blob of that many bytes. */
export function blobOfSize(sizeBytes: number, fill = 7): Blob {
  return blobOf(Buffer.alloc(sizeBytes, fill));
}

/** No URL is built on the way, so that a path arrives as it is written. */
function sendTo(host: string, method: string, path: string, { body, headers = {} }: Sent): Promise<Reply> {
  const [hostname, port] = host.split(':');
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(body.length) };
    const request = httpRequest({ hostname, port, method, path, headers: { ...length, ...headers } }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('error', reject);
      response.on('end', () => {
        const whole = Buffer.concat(pieces);
        const named = Object.entries(response.headers).map(([name, value]): [string, string] => [name, String(value)]);
        resolve({
          status: response.statusCode ?? 0,
          headers: new Headers(named),
          body: whole,
          codes: codesOf(whole),
        });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}

function codesOf(body: Buffer): readonly string[] {
  try {
    const { errors } = JSON.parse(body.toString());
    return Array.isArray(errors) ? errors.map(({ code }: { code: string }) => code) : [];
  } catch {
    return [];
  }
}
