/** Uploads to a registry that remembers what it got of one that broke, as the specification has it and distribution 2.8 does not. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, describe, expect, test } from 'vitest';
import { nodeHost } from '../../../base/host/host.ts';
import { openStores } from '../open.ts';
import { blob, inPieces } from '../store.contract.ts';

interface Upload {
  bytes: Buffer;
}

/** A registry of one upload at a time that breaks the first body after some bytes, and answers with a Location of its own each time. */
async function startResumable(breakAfter: number, lostBytes = 0) {
  const upload: Upload = { bytes: Buffer.alloc(0) };
  const log: string[] = [];
  const blobs = new Set<string>();
  let broken = false;
  let steps = 0;
  let received = 0;
  let waiting: { readonly sizeBytes: number; readonly resolve: () => void }[] = [];
  const wake = (): void => {
    for (const one of waiting) if (broken || one.sizeBytes <= received) one.resolve();
    waiting = waiting.filter((one) => !broken && one.sizeBytes > received);
  };
  const take = async (request: IncomingMessage): Promise<boolean> => {
    const range = /^(\d+)-/.exec(String(request.headers['content-range'] ?? ''));
    if (range !== null && Number(range[1]) !== upload.bytes.length) throw new Error('out of order');
    const pieces: Buffer[] = [upload.bytes];
    let got = upload.bytes.length;
    for await (const piece of request) {
      pieces.push(piece);
      got += piece.length;
      received = Math.max(received, got);
      wake();
      if (broken || got < breakAfter) continue;
      broken = true;
      wake();
      upload.bytes = Buffer.concat(pieces).subarray(0, breakAfter - lostBytes);
      request.socket.destroy();
      return false;
    }
    upload.bytes = Buffer.concat(pieces);
    return true;
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url = '' } = request;
    log.push(`${method} ${url.split('?')[0]}`);
    const location = `/v2/a/blobs/uploads/step-${++steps}?signed=a%2Bb%20c&step=${steps}`;
    const range = `0-${Math.max(0, upload.bytes.length - 1)}`;
    if (method === 'HEAD') return void response.writeHead(blobs.has(url.split('/').at(-1) ?? '') ? 200 : 404).end();
    if (method === 'POST') {
      upload.bytes = Buffer.alloc(0);
      return void response.writeHead(202, { location, range: '0-0' }).end();
    }
    // A signed Location must come back to the letter.
    if (!url.includes('signed=a%2Bb%20c&step=')) return void response.writeHead(400).end();
    if (method === 'GET') return void response.writeHead(204, { location, range }).end();
    if (method === 'DELETE') return void response.writeHead(204).end();
    if (!(await take(request))) return;
    if (method === 'PATCH')
      return void response.writeHead(202, { location, range: `0-${upload.bytes.length - 1}` }).end();
    const digest = `sha256:${createHash('sha256').update(upload.bytes).digest('hex')}`;
    const asked = new URL(url, 'http://registry').searchParams.get('digest');
    blobs.add(digest);
    response.writeHead(asked === digest ? 201 : 400).end();
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    log,
    /** The bytes, never more than a MiB ahead of what arrived: how much lies in buffers is decided, not left to the kernel. */
    async *paced(bytes: Uint8Array): AsyncIterable<Uint8Array> {
      let sent = 0;
      for await (const piece of inPieces(bytes, 65_536)) {
        yield piece;
        sent += piece.length;
        const sizeBytes = sent - 1024 * 1024;
        if (!broken && sizeBytes > received) await new Promise<void>((resolve) => waiting.push({ sizeBytes, resolve }));
      }
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const size = 20 * 1024 * 1024;

describe('an upload that broke', () => {
  const host = nodeHost();
  afterAll(() => host.http.close());

  test.for([
    { name: 'a byte', breakAfter: 1, lostBytes: 0 },
    { name: 'a piece', breakAfter: 65_536, lostBytes: 0 },
    { name: 'more than is remembered', breakAfter: 15_000_001, lostBytes: 0 },
    {
      name: 'more than is remembered, some of which was lost on the way',
      breakAfter: 15_000_001,
      lostBytes: 1_000_000,
    },
    { name: 'all', breakAfter: size, lostBytes: 0 },
  ])('after $name goes on, its digest known', async ({ name, breakAfter, lostBytes }) => {
    await using server = await startResumable(breakAfter, lostBytes);
    const store = await openStores(host).open({ kind: 'registry', host: server.host, repository: 'a' });
    const { content, bytes } = blob(name, size);
    await store.write(content, server.paced(bytes));
    expect(await store.has(content)).toBe(true);
    expect(server.log.filter((line) => line.startsWith('PUT'))).toHaveLength(2);
  });

  test.for([1, 65_536, 15_000_001, size])('after %i bytes goes on, its digest known last', async (breakAfter) => {
    await using server = await startResumable(breakAfter);
    const store = await openStores(host).open({ kind: 'registry', host: server.host, repository: 'a' });
    const { content, bytes } = blob(`late ${breakAfter}`, size);
    const upload = await store.begin();
    for await (const piece of server.paced(bytes)) await upload.append(piece);
    await upload.commit(content.digest);
    expect(await store.has(content)).toBe(true);
    expect(server.log.filter((line) => line.startsWith('PATCH')).length).toBeLessThanOrEqual(2);
  });
});
