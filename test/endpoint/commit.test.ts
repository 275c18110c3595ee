// What the endpoint holds back, and what makes it commit.

import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { describe, expect, test } from 'vitest';
import { parseDigest } from '../../src/content/oci/digest.ts';
import {
  type Blob,
  blobOf,
  blobsOf,
  descriptorOf,
  jsonBlob,
  randomImage,
  randomIndex,
} from '../support/random-image.ts';
import { blobOfSize, clientOf } from './client.ts';
import { recordingStore, startRig } from './rig.ts';

const image = randomImage('commit', { layers: 2 });
const index = randomIndex('commit', [
  { os: 'linux', architecture: 'amd64' },
  { os: 'linux', architecture: 'arm64' },
]);
const digestsOf = (blobs: readonly Blob[]) => blobs.map(({ digest }) => digest).sort();
const written = (store: { readonly calls: readonly { call: string; what: string }[] }) =>
  store.calls.filter(({ call }) => call === 'write').map(({ what }) => what);
const mebibyte = 1024 * 1024;

describe('a push by tag', () => {
  test('is answered when the store has the graph, children first; a leg moves no tag', async () => {
    await using rig = await startRig();
    const reply = await rig.client.push(index, 'latest');
    expect(reply.status).toBe(201);
    expect(reply.headers.get('docker-content-digest')).toBe(index.index.digest);
    expect(digestsOf(blobsOf(index))).toEqual([...written(rig.store)].sort());
    expect(written(rig.store).at(-1)).toBe(index.index.digest);
    expect(rig.store.calls.filter(({ call }) => call === 'tag')).toEqual([]);
    const pushed = { ...descriptorOf(index.index) };
    expect(await rig.endpoint.finish()).toEqual([{ tag: 'latest', pushed, published: pushed }]);
    expect(rig.events).toEqual([{ kind: 'committed', tag: 'latest', pushed, published: pushed }]);
  });

  test('writes the manifests of an index side by side, and the index after both', async () => {
    const store = recordingStore();
    const waiting: (() => void)[] = [];
    const children = new Set<string>(index.images.map(({ manifest }) => manifest.digest));
    // No child's write ends before all have begun.
    const write: typeof store.write = async (content, bytes, cancel) => {
      if (children.has(content.digest)) {
        await new Promise<void>((resolve) => {
          waiting.push(resolve);
          if (waiting.length === children.size) for (const go of waiting) go();
        });
      }
      await store.write(content, bytes, cancel);
    };
    await using rig = await startRig({ store: { ...store, write } });
    expect((await rig.client.push(index, 'latest')).status).toBe(201);
    expect(waiting).toHaveLength(2);
    expect(written(store).slice(-3, -1).sort()).toEqual([...children].sort());
    expect(written(store).at(-1)).toBe(index.index.digest);
  });

  test('writes an index in an index after what that points to', async () => {
    await using rig = await startRig();
    const outer = jsonBlob(
      { schemaVersion: 2, mediaType: index.index.mediaType, manifests: [descriptorOf(index.index)] },
      index.index.mediaType,
    );
    await rig.client.push(index);
    expect((await rig.client.pushManifest(outer, 'latest')).status).toBe(201);
    expect(written(rig.store).slice(-2)).toEqual([index.index.digest, outer.digest]);
  });

  test('is tagged in the store where tags are written, behind all content', async () => {
    await using rig = await startRig({ tags: true });
    await rig.client.push(image, 'v1');
    await rig.client.pushManifest(image.manifest, 'v2');
    expect(rig.store.calls.slice(-2).map(({ what }) => what)).toEqual(['v1', 'v2']);
    expect(await rig.store.resolve('v2')).toEqual(descriptorOf(image.manifest));
  });

  test('by digest with tags in the query (distribution specification, "Pushing Manifests")', async () => {
    await using rig = await startRig({ tags: true });
    for (const blob of blobsOf(image)) await rig.client.pushBlob(blob);
    const reply = await rig.client.pushManifest(image.manifest, `${image.manifest.digest}?tag=a&tag=b`);
    expect(reply.headers.get('oci-tag')).toBe('a, b');
    expect((await rig.endpoint.finish()).map(({ tag }) => tag)).toEqual(['a', 'b']);
  });
});

describe('what is held', () => {
  test('nothing reaches the store before a commit; held content is read back as it is', async () => {
    await using rig = await startRig();
    expect((await rig.client.push(index)).status).toBe(201);
    expect(rig.store.calls).toEqual([]);
    for (const blob of blobsOf(index)) {
      const path = `${blob.mediaType.includes('json') && !blob.mediaType.includes('config') ? 'manifests' : 'blobs'}/${blob.digest}`;
      const head = await rig.client.send('HEAD', path);
      expect([head.status, head.headers.get('content-length')]).toEqual([200, String(blob.sizeBytes)]);
      expect((await rig.client.send('GET', path)).body.equals(blob.bytes)).toBe(true);
    }
  });

  test('finish commits the root that was pushed by digest', async () => {
    await using rig = await startRig();
    await rig.client.push(index);
    const pushed = descriptorOf(index.index);
    expect(await rig.endpoint.finish()).toEqual([{ pushed, published: pushed }]);
    expect([...written(rig.store)].sort()).toEqual(digestsOf(blobsOf(index)));
  });

  test('what no manifest points to is never written', async () => {
    await using rig = await startRig();
    await rig.client.pushBlob(blobOf(Buffer.from('stray')));
    expect(await rig.endpoint.finish()).toEqual([]);
    expect(rig.store.calls).toEqual([]);
  });

  test('disposing of it commits nothing', async () => {
    const rig = await startRig();
    await rig.client.push(image);
    await rig.endpoint[Symbol.asyncDispose]();
    expect(rig.store.calls).toEqual([]);
  });

  test('with `eager` a manifest is committed as it comes', async () => {
    await using rig = await startRig({ eager: true });
    await rig.client.push(index);
    expect(rig.events.map(({ kind }) => kind)).toEqual(['committed', 'committed', 'committed']);
    expect([...written(rig.store)].sort()).toEqual(digestsOf(blobsOf(index)));
  });

  test('beyond 64 MiB of small blobs what comes goes on to the store', async () => {
    await using rig = await startRig();
    const blobs = Array.from({ length: 80 }, (_, place) => blobOfSize(mebibyte - 1, place));
    for (const blob of blobs) expect((await rig.client.pushBlob(blob)).status).toBe(201);
    expect(rig.store.calls).toHaveLength(16);
    for (const { digest } of blobs) expect((await rig.client.send('HEAD', `blobs/${digest}`)).status).toBe(200);
  });
});

describe('a blob of 1 MiB or more streams on', () => {
  test.for([
    { name: 'its digest and size known: by one write', chunks: 1, calls: ['write'] },
    { name: 'its digest known last: by an upload', chunks: 3, calls: ['upload'] },
  ])('$name', async ({ chunks, calls }) => {
    await using rig = await startRig();
    const blob = blobOfSize(3 * mebibyte);
    let location = (await rig.client.send('POST', 'blobs/uploads/')).headers.get('location') ?? '';
    for (let chunk = 0; chunk < chunks && chunks > 1; chunk += 1) {
      const body = blob.bytes.subarray(chunk * mebibyte, (chunk + 1) * mebibyte);
      location = (await rig.client.send('PATCH', location, { body })).headers.get('location') ?? '';
    }
    const rest = chunks > 1 ? new Uint8Array() : blob.bytes;
    expect((await rig.client.send('PUT', `${location}?digest=${blob.digest}`, { body: rest })).status).toBe(201);
    expect(rig.store.calls.map(({ call }) => call)).toEqual(calls);
    expect((await rig.client.send('GET', `blobs/${blob.digest}`)).body.equals(blob.bytes)).toBe(true);
  });

  test('one byte less waits', async () => {
    await using rig = await startRig();
    await rig.client.pushBlob(blobOfSize(mebibyte - 1));
    expect(rig.store.calls).toEqual([]);
  });
});

describe('again', () => {
  test('a push that is repeated writes nothing twice', async () => {
    await using rig = await startRig({ tags: true });
    await rig.client.push(index, 'latest');
    const before = rig.store.calls.length;
    for (const { digest } of index.images.flatMap(blobsOf)) {
      expect((await rig.client.send('HEAD', `blobs/${digest}`)).status).toBe(200);
    }
    await rig.client.push(index, 'latest');
    expect(rig.store.calls.slice(before)).toEqual([{ call: 'tag', what: 'latest' }]);
  });

  test('a new endpoint before the same store, too', async () => {
    const store = recordingStore();
    for (const _ of [1, 2]) {
      await using rig = await startRig({ store });
      expect((await rig.client.push(image, 'latest')).status).toBe(201);
    }
    expect(store.calls).toHaveLength(blobsOf(image).length);
  });

  test('ten pushes of one image at once write it once', async () => {
    await using rig = await startRig();
    const replies = await Promise.all(Array.from({ length: 10 }, (_, n) => rig.client.push(index, `t${n}`)));
    expect(replies.map(({ status }) => status)).toEqual(Array(10).fill(201));
    expect([...written(rig.store)].sort()).toEqual(digestsOf(blobsOf(index)));
  });
});

describe('what cannot be committed', () => {
  test.for(['manifests', 'tags'])('a manifest whose children were not pushed (%s) is refused', async (kind) => {
    await using rig = await startRig();
    await rig.client.pushBlob(image.config);
    const reply = await rig.client.pushManifest(image.manifest, kind === 'tags' ? 'latest' : undefined);
    expect([reply.status, reply.codes]).toEqual([400, ['MANIFEST_BLOB_UNKNOWN']]);
    expect(await rig.endpoint.finish()).toEqual([]);
    expect(rig.store.calls).toEqual([]);
  });

  test('a layer that is kept elsewhere is not asked for', async () => {
    await using rig = await startRig();
    const layer = { mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip', size: 1, urls: ['x:y'] };
    const manifest = {
      schemaVersion: 2,
      config: descriptorOf(image.config),
      layers: [{ ...layer, digest: image.manifest.digest }],
    };
    await rig.client.pushBlob(image.config);
    expect((await rig.client.pushManifest(jsonBlob(manifest, image.manifest.mediaType), 'a')).status).toBe(201);
  });

  test('a store that fails: the client is told, and so is finish; the next try goes through', async () => {
    await using rig = await startRig({ tags: true });
    rig.store.failWith(new Error('staging is full'));
    const reply = await rig.client.push(image, 'latest');
    expect([reply.status, reply.body.toString()]).toEqual([500, expect.stringContaining('staging is full')]);
    expect(rig.events).toEqual([expect.objectContaining({ kind: 'failed' })]);
    rig.store.failWith(undefined);
    expect((await rig.client.push(image, 'latest')).status).toBe(201);
    expect(await rig.store.resolve('latest')).toEqual(descriptorOf(image.manifest));
    expect(await rig.endpoint.finish()).toHaveLength(1);
  });

  test.for(['PUT', 'PATCH'])(
    'a store that fails at the first byte of a large %s: the rest of it is still read',
    async (method) => {
      await using rig = await startRig();
      rig.store.failWith(new Error('staging is full'));
      const blob = blobOfSize(32 * mebibyte);
      const location = (await rig.client.send('POST', 'blobs/uploads/')).headers.get('location') ?? '';
      const path = method === 'PUT' ? `${location}?digest=${blob.digest}` : location;
      const [hostname, port] = rig.endpoint.host.split(':');
      const headers = { 'content-length': String(blob.sizeBytes) };
      const request = httpRequest({ hostname, port, method, path, headers });
      const answered = once(request, 'response');
      // A client of this kind looks at the answer when it has written everything.
      await new Promise<void>((resolve, reject) => {
        request.on('error', reject);
        request.end(blob.bytes, () => resolve());
      });
      const [response] = await answered;
      expect(response.statusCode).toBe(500);
      response.resume();
    },
  );

  test('a store that fails to the end: finish throws, no tag has moved', async () => {
    await using rig = await startRig({ tags: true });
    rig.store.failWith(new Error('staging is full'));
    await rig.client.push(image, 'latest');
    await expect(rig.endpoint.finish()).rejects.toThrow('staging is full');
    expect(rig.store.calls).toEqual([]);
  });
});

test('a path beside the own one passes straight through to its store', async () => {
  const cache = recordingStore();
  await using rig = await startRig({ other: (repository) => (repository === 'cache' ? cache : undefined) });
  const path = rig.endpoint.otherReference('cache').slice(rig.endpoint.host.length + 1);
  const client = clientOf(rig.endpoint, path);
  await client.pushBlob(image.config);
  expect(cache.calls).toHaveLength(1);
  expect((await client.push(image, 'main')).status).toBe(201);
  expect(await cache.resolve('main')).toEqual(descriptorOf(image.manifest));
  expect(rig.store.calls).toEqual([]);
  const reply = await clientOf(rig.endpoint, `${path}-other`).send('POST', 'blobs/uploads/');
  expect([reply.status, reply.codes]).toEqual([404, ['NAME_UNKNOWN']]);
  expect(await rig.endpoint.finish()).toEqual([]);
});

test('a path beside the own one has a secret of its own, which opens nothing of the leg', async () => {
  const cache = recordingStore();
  await using rig = await startRig({ other: () => cache });
  await rig.client.push(image, 'latest');
  const { endpoint } = rig;
  const other = endpoint.otherReference('cache').slice(endpoint.host.length + 1);
  const [secret = '', own = ''] = endpoint.repository.split('/');
  const [otherSecret = ''] = other.split('/');
  expect(otherSecret).toMatch(/^[0-9a-f]{32}$/);
  expect(otherSecret).not.toBe(secret);
  // Below the other's secret the own name is a cache's; below the own secret there is no cache.
  for (const path of [`${otherSecret}/${own}`, `${secret}/cache`]) {
    const reply = await clientOf(endpoint, path).send('GET', 'manifests/latest');
    expect([path, reply.status]).toEqual([path, 404]);
  }
  expect(cache.calls).toEqual([]);
  expect(await endpoint.finish()).toHaveLength(1);
});

test('what a store beside the own one cannot do is told, and fails no leg', async () => {
  const cache = recordingStore();
  cache.failWith(new Error('the cache is full'));
  await using rig = await startRig({ other: () => cache });
  const path = rig.endpoint.otherReference('cache').slice(rig.endpoint.host.length + 1);
  expect((await clientOf(rig.endpoint, path).pushBlob(image.config)).status).toBe(500);
  expect(rig.events).toEqual([expect.objectContaining({ kind: 'failed', isOwn: false })]);
  expect(await rig.endpoint.finish()).toEqual([]);
});

test('what refers to an image is listed while it is held, by type', async () => {
  await using rig = await startRig();
  await rig.client.push(image);
  const config = jsonBlob({}, 'application/vnd.oci.empty.v1+json');
  const referrer = (artifactType: string) =>
    jsonBlob(
      {
        schemaVersion: 2,
        mediaType: image.manifest.mediaType,
        artifactType,
        config: descriptorOf(config),
        layers: [],
        subject: descriptorOf(image.manifest),
        annotations: { a: 'b' },
      },
      image.manifest.mediaType,
    );
  await rig.client.pushBlob(config);
  const reply = await rig.client.pushManifest(referrer('a/b'));
  expect(reply.headers.get('oci-subject')).toBe(image.manifest.digest);
  await rig.client.pushManifest(referrer('c/d'));
  const list = await rig.client.send('GET', `referrers/${image.manifest.digest}?artifactType=c/d`);
  expect(list.headers.get('oci-filters-applied')).toBe('artifactType');
  expect(JSON.parse(list.body.toString()).manifests).toEqual([
    { ...descriptorOf(referrer('c/d')), artifactType: 'c/d', annotations: { a: 'b' } },
  ]);
  expect(await rig.endpoint.finish()).toHaveLength(3);
  expect(await rig.store.referrers(parseDigest(image.manifest.digest))).toHaveLength(2);
});
