// The registries that tests start: open, with a login, read-only, and back on another's storage and port.

import { describe, expect, test } from 'vitest';
import { needs } from './peers.ts';
import { type Blob, blobOf, randomBytes } from './random-image.ts';
import { startRegistry } from './registry.ts';
import { temporaryFolder } from './temporary-folder.ts';

const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });

/** Pushes a blob by POST and PUT. Gives the status of the last answer. */
async function push(host: string, blob: Blob, headers: Record<string, string> = {}): Promise<number> {
  const begun = await fetch(`http://${host}/v2/a/blobs/uploads/`, { method: 'POST', headers });
  const location = begun.headers.get('location');
  if (location === null) return begun.status;
  const url = `${location}&digest=${blob.digest}`;
  const type = { 'content-type': 'application/octet-stream' };
  return (await fetch(url, { method: 'PUT', headers: { ...headers, ...type }, body: Buffer.from(blob.bytes) })).status;
}

describe.runIf(needs('docker-registry'))('startRegistry', () => {
  const blob = blobOf(randomBytes('registry', 5000));

  test('logs each request with its query, status and bytes', async () => {
    await using registry = await startRegistry();
    expect(await push(registry.host, blob)).toBe(201);
    await (await fetch(`http://${registry.host}/v2/a/blobs/${blob.digest}`)).arrayBuffer();
    const requests = await registry.requests();
    expect(requests.map(({ method, status }) => `${method} ${status}`)).toEqual(['POST 202', 'PUT 201', 'GET 200']);
    expect(requests[1]?.query.get('digest')).toBe(blob.digest);
    expect(requests[2]).toMatchObject({ path: `/v2/a/blobs/${blob.digest}`, sentBytes: 5000 });
  });

  test('asks for the login where there is one', async () => {
    await using registry = await startRegistry({ login: { username: 'ada', password: 'pass:word' } });
    const status = async (headers: Record<string, string>): Promise<number> =>
      (await fetch(`http://${registry.host}/v2/`, { headers })).status;
    expect(await status({})).toBe(401);
    expect(await status(basic('ada:pass'))).toBe(401);
    expect(await status(basic('ada:pass:word'))).toBe(200);
  });

  test('comes back on the same port and storage, reading only', async () => {
    using folder = temporaryFolder();
    const first = await startRegistry({ storageFolder: folder.path });
    expect(await push(first.host, blob)).toBe(201);
    await first.stop('SIGKILL');
    await using second = await startRegistry({ storageFolder: folder.path, port: first.port, readOnly: true });
    expect(second.host).toBe(first.host);
    expect((await fetch(`http://${second.host}/v2/a/blobs/${blob.digest}`, { method: 'HEAD' })).status).toBe(200);
    expect(await push(second.host, blobOf(randomBytes('another', 10)))).toBe(405);
  });

  test('says why it did not start', async () => {
    await using registry = await startRegistry();
    await expect(startRegistry({ port: registry.port })).rejects.toThrow('address already in use');
  });
});
