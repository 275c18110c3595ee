// Requests that are wrong, out of order, too large or hostile, and clients that die.

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { startEndpoint } from '../../src/content/endpoint/endpoint.ts';
import { describe as describeBytes } from '../../src/content/oci/descriptor.ts';
import { parsePlatform } from '../../src/content/oci/platform.ts';
import { streamOf } from '../../src/content/store/bytes.ts';
import { fanOut } from '../../src/content/store/fan-out.ts';
import type { Member } from '../../src/content/store/members.ts';
import { type MemoryStore, memoryStore } from '../../src/content/store/memory.ts';
import { descriptorOf, indexOf, jsonBlob, mediaTypes, randomImage } from '../support/random-image.ts';
import { blobOfSize, clientOf, type Sent } from './client.ts';
import { type Rig, startRig } from './rig.ts';

const image = randomImage('requests');
const zeros = `sha256:${'0'.repeat(64)}`;
const mebibyte = 1024 * 1024;

describe('a request that is wrong', () => {
  interface Row {
    readonly name: string;
    readonly method: string;
    readonly path: string;
    readonly sent?: Sent;
    readonly status: number;
    readonly code?: string;
  }
  const typed = (type: string, body: string): Sent => ({ headers: { 'content-type': type }, body: Buffer.from(body) });
  const rows: readonly Row[] = [
    { name: 'a digest too short', method: 'GET', path: 'blobs/sha256:ab', status: 400, code: 'DIGEST_INVALID' },
    { name: 'an unknown algorithm', method: 'HEAD', path: `blobs/md5:${'0'.repeat(32)}`, status: 400 },
    { name: 'a blob that is not here', method: 'GET', path: `blobs/${zeros}`, status: 404, code: 'BLOB_UNKNOWN' },
    {
      name: 'a manifest that is not here',
      method: 'GET',
      path: `manifests/${zeros}`,
      status: 404,
      code: 'MANIFEST_UNKNOWN',
    },
    { name: 'a tag that is not here', method: 'HEAD', path: 'manifests/latest', status: 404 },
    { name: 'no tag', method: 'GET', path: 'manifests/-x', status: 400, code: 'MANIFEST_INVALID' },
    { name: 'a path that leads out', method: 'GET', path: 'manifests/../../x', status: 404, code: 'NAME_UNKNOWN' },
    {
      name: 'a path that leads out, escaped',
      method: 'GET',
      path: 'blobs/%2e%2e%2fx',
      status: 404,
      code: 'NAME_UNKNOWN',
    },
    { name: 'a broken escape', method: 'GET', path: 'blobs/%zz', status: 404, code: 'NAME_UNKNOWN' },
    { name: 'no such list', method: 'GET', path: 'tags/all', status: 404, code: 'NAME_UNKNOWN' },
    { name: 'the catalog', method: 'GET', path: '/v2/_catalog', status: 404, code: 'NAME_UNKNOWN' },
    { name: 'the root', method: 'GET', path: '/', status: 404, code: 'NAME_UNKNOWN' },
    {
      name: 'an upload that is not open',
      method: 'PATCH',
      path: 'blobs/uploads/nothing',
      status: 404,
      code: 'BLOB_UPLOAD_UNKNOWN',
    },
    { name: 'an upload without a digest', method: 'PUT', path: 'UPLOAD', status: 400, code: 'DIGEST_INVALID' },
    {
      name: 'a blob of another digest',
      method: 'PUT',
      path: `UPLOAD?digest=${zeros}`,
      sent: { body: Buffer.from('x') },
      status: 400,
      code: 'DIGEST_INVALID',
    },
    {
      name: 'a large blob of another digest',
      method: 'PUT',
      path: `UPLOAD?digest=${zeros}`,
      sent: { body: Buffer.alloc(2 * mebibyte) },
      status: 400,
      code: 'DIGEST_INVALID',
    },
    {
      name: 'a whole blob by POST, of another digest',
      method: 'POST',
      path: `blobs/uploads/?digest=${zeros}`,
      sent: { body: Buffer.from('x') },
      status: 400,
      code: 'DIGEST_INVALID',
    },
    {
      name: 'a chunk that leaves a gap',
      method: 'PATCH',
      path: 'UPLOAD',
      sent: { body: Buffer.from('x'), headers: { 'content-range': '5-5' } },
      status: 416,
    },
    {
      name: 'a chunk that is not as long as it says',
      method: 'PATCH',
      path: 'UPLOAD',
      sent: { body: Buffer.from('x'), headers: { 'content-range': '0-5' } },
      status: 416,
    },
    {
      name: 'a chunk with a range that is none',
      method: 'PATCH',
      path: 'UPLOAD',
      sent: { body: Buffer.from('x'), headers: { 'content-range': 'all' } },
      status: 416,
    },
    {
      name: 'a manifest that is no JSON',
      method: 'PUT',
      path: 'manifests/a',
      sent: typed(mediaTypes.manifest, '{'),
      status: 400,
      code: 'MANIFEST_INVALID',
    },
    {
      name: 'a manifest of another digest',
      method: 'PUT',
      path: `manifests/${zeros}`,
      sent: typed(mediaTypes.manifest, '{}'),
      status: 400,
      code: 'DIGEST_INVALID',
    },
    {
      name: 'a manifest of an unknown type',
      method: 'PUT',
      path: 'manifests/a',
      sent: typed('text/html', '{}'),
      status: 400,
      code: 'MANIFEST_INVALID',
    },
    {
      name: 'a manifest of two types',
      method: 'PUT',
      path: 'manifests/a',
      sent: typed(mediaTypes.index, `{"schemaVersion":2,"mediaType":"${mediaTypes.manifest}"}`),
      status: 400,
      code: 'MANIFEST_INVALID',
    },
    {
      name: 'a manifest that is an index, too',
      method: 'PUT',
      path: 'manifests/a',
      sent: typed(mediaTypes.index, '{"schemaVersion":2,"manifests":[],"layers":[]}'),
      status: 400,
      code: 'MANIFEST_INVALID',
    },
    {
      name: 'a manifest nested too deep',
      method: 'PUT',
      path: 'manifests/a',
      sent: typed(mediaTypes.index, `{"x":${'['.repeat(99)}${']'.repeat(99)}}`),
      status: 400,
      code: 'MANIFEST_INVALID',
    },
    {
      name: 'a manifest past 4 MiB',
      method: 'PUT',
      path: 'manifests/a',
      sent: typed(mediaTypes.index, ' '.repeat(4 * mebibyte + 1)),
      status: 413,
      code: 'SIZE_INVALID',
    },
    { name: 'deleting a manifest', method: 'DELETE', path: `manifests/${zeros}`, status: 405, code: 'UNSUPPORTED' },
    { name: 'deleting a blob', method: 'DELETE', path: `blobs/${zeros}`, status: 405, code: 'UNSUPPORTED' },
    { name: 'writing where there are lists', method: 'PUT', path: 'tags/list', status: 405, code: 'UNSUPPORTED' },
    { name: 'referrers of no digest', method: 'GET', path: 'referrers/x', status: 400, code: 'DIGEST_INVALID' },
  ];
  test.for(rows)('$name', async ({ method, path, sent, status, code }) => {
    await using rig = await startRig();
    const opened = await rig.client.send('POST', 'blobs/uploads/');
    const asked = path.replace('UPLOAD', opened.headers.get('location') ?? '');
    const reply = await rig.client.send(method, asked, sent);
    expect([reply.status, ...reply.codes]).toEqual(code === undefined ? [status, ...reply.codes] : [status, code]);
    expect(await rig.endpoint.finish()).toEqual([]);
    expect(rig.store.calls.filter(({ call }) => call !== 'cancelled upload')).toEqual([]);
  });

  test('a header of 20 KB', async () => {
    await using rig = await startRig();
    const reply = await rig.client.send('GET', 'tags/list', { headers: { 'x-large': 'x'.repeat(20_000) } });
    expect(reply.status).toBe(431);
  });

  test('a body shorter than announced leaves nothing', async () => {
    await using rig = await startRig();
    const opened = await rig.client.send('POST', 'blobs/uploads/');
    const path = `${opened.headers.get('location')}?digest=${blobOfSize(5).digest}`;
    const socket = connect(Number(rig.endpoint.host.split(':')[1]), '127.0.0.1');
    socket.end(`PUT ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nshort`);
    socket.resume();
    await once(socket, 'close');
    expect((await rig.client.send('GET', opened.headers.get('location') ?? '')).status).toBe(404);
    expect(rig.store.calls).toEqual([]);
  });
});

describe('the path', () => {
  test.for([
    { name: 'other random bits', change: (path: string) => `${path[0] === 'a' ? 'b' : 'a'}${path.slice(1)}` },
    { name: 'no random bits', change: (path: string) => path.slice(33) },
    { name: 'fewer of them', change: (path: string) => path.slice(1) },
    { name: 'in capitals', change: (path: string) => path.toUpperCase() },
    { name: 'another name', change: (path: string) => `${path}x` },
    { name: 'only the random bits', change: (path: string) => path.slice(0, 32) },
  ])('$name: 404, and nothing told', async ({ change }) => {
    await using rig = await startRig();
    await rig.client.push(image, 'latest');
    const stranger = clientOf(rig.endpoint, change(rig.endpoint.repository));
    for (const [method, path] of [
      ['GET', 'manifests/latest'],
      ['GET', `blobs/${image.config.digest}`],
      ['POST', 'blobs/uploads/'],
      ['GET', 'tags/list'],
      ['GET', `referrers/${image.manifest.digest}`],
    ] as const) {
      const reply = await stranger.send(method, path);
      expect([reply.status, reply.codes]).toEqual([404, ['NAME_UNKNOWN']]);
      expect(reply.body.toString()).not.toContain(rig.endpoint.repository);
    }
  });

  test('holds 128 random bits, other ones each time, on loopback only', async () => {
    await using one = await startRig({ name: 'A Target/with: odd-name' });
    await using two = await startRig();
    expect(one.endpoint.repository).toMatch(/^[0-9a-f]{32}\/a-target-with-odd-name$/);
    expect(one.endpoint.repository.slice(0, 32)).not.toBe(two.endpoint.repository.slice(0, 32));
    expect(one.endpoint.reference).toMatch(/^127\.0\.0\.1:\d+\//);
  });

  test('clients may ask for the version without it', async () => {
    await using rig = await startRig();
    const reply = await rig.client.send('GET', '/v2/');
    expect([reply.status, reply.headers.get('docker-distribution-api-version')]).toEqual([200, 'registry/2.0']);
  });

  test.for(['finish', 'dispose', 'cancel'])('is dead after %s', async (how) => {
    const cancelling = new AbortController();
    await using rig = await startRig({}, { signal: cancelling.signal });
    await rig.client.push(image, 'latest');
    if (how === 'finish') await rig.endpoint.finish();
    if (how === 'dispose') await rig.endpoint[Symbol.asyncDispose]();
    if (how === 'cancel') cancelling.abort(new Error('stopped'));
    await expect(rig.client.send('GET', 'manifests/latest')).rejects.toThrow(/ECONNREFUSED|ECONNRESET|hang up/);
    if (how === 'cancel') await expect(rig.endpoint.finish()).rejects.toThrow('stopped');
  });
});

describe('uploads', () => {
  test('chunks, their status, and the end', async () => {
    await using rig = await startRig();
    const blob = blobOfSize(10);
    const opened = await rig.client.send('POST', 'blobs/uploads/');
    const location = opened.headers.get('location') ?? '';
    const patch = (from: number, to: number) =>
      rig.client.send('PATCH', location, {
        body: blob.bytes.subarray(from, to),
        headers: { 'content-range': `${from}-${to - 1}` },
      });
    expect((await patch(0, 4)).headers.get('range')).toBe('0-3');
    expect((await patch(0, 4)).status).toBe(416);
    const status = await rig.client.send('GET', location);
    expect([status.status, status.headers.get('range')]).toEqual([204, '0-3']);
    expect((await patch(4, 8)).status).toBe(202);
    const body = blob.bytes.subarray(8);
    const last = { body, headers: { 'content-range': '8-9' } };
    expect((await rig.client.send('PUT', `${location}?digest=${blob.digest}`, last)).status).toBe(201);
    expect((await rig.client.send('GET', location)).status).toBe(404);
    const range = await rig.client.send('GET', `blobs/${blob.digest}`, { headers: { range: 'bytes=2-4' } });
    expect([range.status, range.headers.get('content-range'), range.body.length]).toEqual([206, 'bytes 2-4/10', 3]);
  });

  test('one that is cancelled is gone', async () => {
    await using rig = await startRig();
    const location = (await rig.client.send('POST', 'blobs/uploads/')).headers.get('location') ?? '';
    await rig.client.send('PATCH', location, { body: Buffer.alloc(2 * mebibyte) });
    expect((await rig.client.send('DELETE', location)).status).toBe(204);
    expect((await rig.client.send('PATCH', location, { body: Buffer.from('x') })).status).toBe(404);
    expect(rig.store.calls.map(({ call }) => call)).toEqual(['cancelled upload']);
  });

  test.for([
    { name: 'not here: an upload, whatever `from` says', pushed: false, status: 202 },
    { name: 'here: created', pushed: true, status: 201 },
  ])('a mount of a blob that is $name', async ({ pushed, status }) => {
    await using rig = await startRig();
    if (pushed) await rig.client.pushBlob(image.config);
    const query = `mount=${image.config.digest}&from=${encodeURIComponent('127.0.0.1/other/repository')}`;
    expect((await rig.client.send('POST', `blobs/uploads/?${query}`)).status).toBe(status);
  });

  test('a blob that a client asks for, would mount and sends: each store is asked once, and again after it has it', async () => {
    const asked: string[] = [];
    const member = (name: string): Member => {
      const store = memoryStore();
      const told = <T>(call: string, ask: () => Promise<T>): Promise<T> => {
        asked.push(`${name} ${call}`);
        return ask();
      };
      const has: MemoryStore['has'] = (content, cancel) => told('has', () => store.has(content, cancel));
      const sizeOf: MemoryStore['sizeOf'] = (digest, cancel) => told('sizeOf', () => store.sizeOf(digest, cancel));
      const counting = { ...store, has, sizeOf };
      return { name, store: counting, required: true };
    };
    const store = fanOut([member('one'), member('two')]);
    await using endpoint = await startEndpoint({ store, name: 'api', random: randomBytes });
    const client = clientOf(endpoint);
    const blob = blobOfSize(2 * mebibyte);
    expect((await client.send('HEAD', `blobs/${blob.digest}`)).status).toBe(404);
    const opened = await client.send('POST', `blobs/uploads/?mount=${blob.digest}&from=other`);
    const location = opened.headers.get('location') ?? '';
    expect((await client.send('PUT', `${location}?digest=${blob.digest}`, { body: blob.bytes })).status).toBe(201);
    expect(asked.sort()).toEqual(['one sizeOf', 'two sizeOf']);

    const again = describeBytes('application/octet-stream', blob.bytes);
    await store.write(again, streamOf(blob.bytes));
    expect(asked.filter((call) => call.endsWith(' has'))).toEqual(['one has', 'two has']);
  });

  test('257 open at once: the one that stood still longest is let go', async () => {
    await using rig = await startRig();
    const open = async () => (await rig.client.send('POST', 'blobs/uploads/')).headers.get('location') ?? '';
    const [first, second] = [await open(), await open()];
    await rig.client.send('GET', first);
    for (let count = 2; count < 257; count += 1) await open();
    expect((await rig.client.send('GET', first)).status).toBe(204);
    expect((await rig.client.send('GET', second)).status).toBe(404);
  });

  test.for([
    { name: 'known last', digest: false },
    { name: 'known first', digest: true },
  ])('a client that dies in the middle of a blob, its digest $name: nothing half is left', async ({ digest }) => {
    await using rig = await startRig();
    const blob = blobOfSize(3 * mebibyte);
    const location = (await rig.client.send('POST', 'blobs/uploads/')).headers.get('location') ?? '';
    await dieAfter(rig, location, digest ? blob.digest : undefined, blob.bytes.subarray(0, 2 * mebibyte));
    await expect.poll(async () => (await rig.client.send('GET', location)).status).toBe(404);
    expect((await rig.client.send('HEAD', `blobs/${blob.digest}`)).status).toBe(404);
    expect(rig.store.calls.filter(({ call }) => call !== 'cancelled upload')).toEqual([]);
    expect(rig.events).toEqual([]);
    expect((await rig.client.pushBlob(blob)).status).toBe(201);
  });
});

/** Sends the first bytes of a longer body and breaks the connection. */
async function dieAfter(rig: Rig, location: string, digest: string | undefined, bytes: Uint8Array): Promise<void> {
  const [hostname, port] = rig.endpoint.host.split(':');
  const method = digest === undefined ? 'PATCH' : 'PUT';
  const path = digest === undefined ? location : `${location}?digest=${digest}`;
  const headers = { 'content-length': String(3 * mebibyte) };
  const request = httpRequest({ hostname, port, method, path, headers });
  request.on('error', () => undefined);
  await new Promise((resolve) => request.write(bytes, resolve));
  request.destroy();
}

describe('a leg takes one platform', () => {
  const [amd64, arm64, armv7] = (['linux/amd64', 'linux/arm64', 'linux/arm/v7'] as const).map((platform) =>
    randomImage(platform, { platform: parsePlatform(platform) }),
  );
  const noVariant = randomImage('linux/arm', { platform: { os: 'linux', architecture: 'arm' } });
  if (!amd64 || !arm64 || !armv7) throw new Error('unreachable');

  test.for([
    { name: 'another', leg: 'linux/arm64', content: amd64, names: ['linux/amd64', 'linux/arm64'] },
    { name: 'two', leg: 'linux/amd64', content: indexOf([amd64, arm64]), names: ['linux/arm64', 'linux/amd64'] },
    { name: 'another variant', leg: 'linux/arm/v6', content: armv7, names: ['linux/arm/v7', 'linux/arm/v6'] },
  ])('$name is refused by name, to the client and by finish', async ({ leg, content, names }) => {
    await using rig = await startRig({ platform: parsePlatform(leg) });
    const reply = await rig.client.push(content, 'latest');
    expect([reply.status, reply.codes]).toEqual([400, ['MANIFEST_INVALID']]);
    for (const name of names) expect(reply.body.toString()).toContain(name);
    await expect(rig.endpoint.finish()).rejects.toMatchObject({ code: 'endpoint.platform' });
    expect(rig.store.calls.filter(({ what }) => what === 'latest')).toEqual([]);
  });

  test('a platform whose name is no name is told escaped', async () => {
    await using rig = await startRig({ platform: parsePlatform('linux/amd64') });
    const hostile = randomImage('hostile', { platform: { os: 'linux', architecture: 'a\u001b[2J\nb' } });
    await rig.client.push(hostile, 'latest');
    await expect(rig.endpoint.finish()).rejects.toThrow(/pushed "linux\/a\\u001b\[2J\\nb" to/);
  });

  test('two images of the same platform in one index, too', async () => {
    await using rig = await startRig({ platform: parsePlatform('linux/amd64') });
    const second = randomImage('second');
    const reply = await rig.client.push(indexOf([amd64, second]), 'latest');
    expect(reply.body.toString()).toContain('2 images');
  });

  test.for([
    { name: 'its own', leg: 'linux/amd64', content: amd64 },
    { name: 'its own in an index', leg: 'linux/arm/v7', content: indexOf([armv7]) },
    { name: 'without the variant that the builder left out', leg: 'linux/arm/v6', content: noVariant },
  ])('$name passes', async ({ leg, content }) => {
    await using rig = await startRig({ platform: parsePlatform(leg) });
    expect((await rig.client.push(content, 'latest')).status).toBe(201);
    expect(await rig.endpoint.finish()).toHaveLength(1);
  });

  test('an artifact that is no image passes', async () => {
    await using rig = await startRig({ platform: parsePlatform('linux/amd64') });
    const config = jsonBlob({}, 'application/vnd.oci.empty.v1+json');
    await rig.client.pushBlob(config);
    const artifact = {
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      artifactType: 'a/b',
      config: descriptorOf(config),
      layers: [],
    };
    expect((await rig.client.pushManifest(jsonBlob(artifact, mediaTypes.manifest))).status).toBe(201);
  });
});

test('tags are listed in order, in pages', async () => {
  await using rig = await startRig();
  for (const tag of ['b', 'a', 'c']) await rig.client.push(image, tag);
  const page = async (query: string) => {
    const { body, headers } = await rig.client.send('GET', `tags/list${query}`);
    return [JSON.parse(body.toString()).tags, headers.get('link')];
  };
  expect(await page('')).toEqual([['a', 'b', 'c'], null]);
  expect(await page('?n=2')).toEqual([['a', 'b'], `</v2/${rig.endpoint.repository}/tags/list?n=2&last=b>; rel="next"`]);
  expect(await page('?n=2&last=b')).toEqual([['c'], null]);
  expect(await page('?n=0')).toEqual([[], null]);
});
