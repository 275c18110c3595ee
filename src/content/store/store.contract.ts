/** What every kind of store must do: the same tests for memory, layout, registry and fan-out. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { randomBytes } from '../../../test/support/random-image.ts';
import { type Descriptor, describe as describeBytes } from '../oci/descriptor.ts';
import { type Digest, digestOf } from '../oci/digest.ts';
import { type ImageManifest, serializeManifest } from '../oci/manifest.ts';
import { dockerTypes, ociTypes } from '../oci/media-types.ts';
import { streamOf } from './bytes.ts';
import { readBytes, readManifest, readNamed, writeBytes } from './copy.ts';
import { hasReferrers, hasTags, type Mounts, type Store, tellsSizes, type Uploads } from './store.ts';

/** A store to be tested, and how it ends. */
export interface StoreUnderTest extends AsyncDisposable {
  readonly store: Store & Uploads & Mounts;
}

const blobType = 'application/octet-stream';

/** The suite, for stores that `make` gives, empty each. */
export function testStore(name: string, make: () => Promise<StoreUnderTest>): void {
  describe(`${name} keeps the store contract`, () => {
    let under: StoreUnderTest;
    let store: StoreUnderTest['store'];
    beforeAll(async () => {
      under = await make();
      ({ store } = under);
    });
    afterAll(async () => {
      await under[Symbol.asyncDispose]();
    });

    test.for([
      { name: 'nothing', sizeBytes: 0 },
      { name: 'one byte', sizeBytes: 1 },
      { name: 'a little more than one piece of reading', sizeBytes: 256 * 1024 + 1 },
      { name: 'more than any buffer', sizeBytes: 12 * 1024 * 1024 + 17 },
    ])('a blob of $name comes back as it was', async ({ name, sizeBytes }) => {
      const { content, bytes } = blob(`contract ${name}`, sizeBytes);
      expect(await store.has(content)).toBe(false);
      await store.write(content, inPieces(bytes, 100_000));
      expect(await store.has(content)).toBe(true);
      expect(digestOf(await readBytes(store, content, sizeBytes))).toBe(content.digest);
    });

    test('a blob has its size by its digest alone, where the store tells sizes', async () => {
      const { content, bytes } = blob('sized', 1000);
      if (!tellsSizes(store)) return;
      expect(await store.sizeOf(content.digest)).toBeUndefined();
      await store.write(content, streamOf(bytes));
      expect(await store.sizeOf(content.digest)).toBe(1000);
    });

    test('writing what is there reads nothing of the source', async () => {
      const { content, bytes } = blob('twice', 1000);
      await store.write(content, streamOf(bytes));
      await store.write(content, untouchable());
      expect(await store.has(content)).toBe(true);
    });

    test('reading what is not there says so at the first step', async () => {
      const { content } = blob('absent', 10);
      await expect(readBytes(store, content, 10)).rejects.toMatchObject({ code: 'content.missing' });
      const manifest = { ...content, mediaType: ociTypes.manifest };
      expect(await store.has(manifest)).toBe(false);
      await expect(readBytes(store, manifest, 10)).rejects.toMatchObject({ code: 'content.missing' });
      expect(await store.resolve(content.digest)).toBeUndefined();
      expect(await store.resolve('no-such-tag')).toBeUndefined();
    });

    test.for([
      {
        name: 'another digest',
        change: (good: Buffer) => Buffer.concat([good.subarray(1), Buffer.from('x')]),
        code: 'content.digest',
      },
      { name: 'a byte too few', change: (good: Buffer) => good.subarray(1), code: 'content.size' },
      {
        name: 'a byte too many',
        change: (good: Buffer) => Buffer.concat([good, Buffer.from('x')]),
        code: 'content.size',
      },
    ])('bytes with $name are refused, and nothing is kept', async ({ name, change, code }) => {
      for (const sizeBytes of [1000, 2_000_000]) {
        const { content, bytes } = blob(`bad ${name}`, sizeBytes);
        await expect(store.write(content, inPieces(change(bytes), 300_000))).rejects.toMatchObject({ code });
        expect(await store.has(content)).toBe(false);
      }
    });

    test('a source that fails in the middle leaves nothing, and its own error', async () => {
      const { content, bytes } = blob('broken', 3_000_000);
      await expect(store.write(content, failing(bytes, 2_000_000))).rejects.toThrow('the source broke');
      expect(await store.has(content)).toBe(false);
      await store.write(content, streamOf(bytes));
      expect(await store.has(content)).toBe(true);
    });

    test('a size that is announced wrong is found out in reading', async () => {
      const { content, bytes } = blob('announced', 500);
      await store.write(content, streamOf(bytes));
      const reading = readBytes(store, { ...content, size: 499 }, 1000);
      await expect(reading).rejects.toMatchObject({ code: 'content.size' });
    });

    test('a signal ends a write with its reason', async () => {
      const controller = new AbortController();
      const { content, bytes } = blob('cancelled', 3_000_000);
      const source = (async function* () {
        yield bytes.subarray(0, 1_000_000);
        controller.abort(new Error('enough'));
        yield bytes.subarray(1_000_000);
      })();
      await expect(store.write(content, source, { signal: controller.signal })).rejects.toThrow('enough');
      expect(await store.has(content)).toBe(false);
    });

    test.for([
      {
        name: 'an OCI image',
        types: { manifest: ociTypes.manifest, config: ociTypes.config, layer: ociTypes.layerGzip },
      },
      {
        name: 'a Docker schema 2 image',
        types: { manifest: dockerTypes.manifest, config: dockerTypes.config, layer: dockerTypes.layerGzip },
      },
    ])('$name is found by tag and by digest, and read as it is', async ({ name, types }) => {
      const content = await writeImage(store, name, types);
      expect(await store.has(content)).toBe(true);
      expect(await store.resolve(content.digest)).toMatchObject(content);
      await store.tag(content, 'v1');
      await store.tag(content, 'v1');
      expect(await store.resolve('v1')).toMatchObject(content);
      const { manifest, bytes } = await readManifest(store, content);
      expect(manifest.mediaType).toBe(types.manifest);
      for (const named of ['v1', content.digest]) {
        expect(await readNamed(store, named)).toMatchObject({ content, bytes, manifest });
      }
    });

    test('a name that names nothing is read as nothing', async () => {
      expect(await readNamed(store, 'no-such-tag')).toBeUndefined();
      expect(await readNamed(store, absentDigest)).toBeUndefined();
    });

    test('a tag moves, and both manifests stay', async () => {
      const [one, two] = [await writeImage(store, 'move one'), await writeImage(store, 'move two')];
      await store.tag(one, 'moving');
      await store.tag(two, 'moving');
      expect((await store.resolve('moving'))?.digest).toBe(two.digest);
      expect(await store.has(one)).toBe(true);
    });

    test('content that is not there gets no tag', async () => {
      const { content } = blob('tag of nothing', 10);
      await expect(store.tag({ ...content, mediaType: ociTypes.manifest }, 'nothing')).rejects.toMatchObject({
        code: 'content.missing',
      });
      expect(await store.resolve('nothing')).toBeUndefined();
    });

    test.for([
      { name: 'nothing', sizeBytes: 0 },
      { name: 'a little', sizeBytes: 1000 },
      { name: 'more than any buffer', sizeBytes: 12 * 1024 * 1024 + 17 },
    ])('an upload of $name tells its digest last', async ({ name, sizeBytes }) => {
      const { content, bytes } = blob(`upload ${name}`, sizeBytes);
      const upload = await store.begin();
      for await (const piece of inPieces(bytes, 700_000)) await upload.append(piece);
      expect(await upload.commit(content.digest)).toMatchObject({ digest: content.digest, size: sizeBytes });
      expect(digestOf(await readBytes(store, content, sizeBytes))).toBe(content.digest);
    });

    test.for([1000, 3_000_000])(
      'an upload of %d bytes that ends with another digest keeps nothing',
      async (sizeBytes) => {
        const { content, bytes } = blob(`other digest`, sizeBytes);
        const upload = await store.begin();
        await upload.append(bytes);
        const other = digestOf(`not ${sizeBytes}`);
        await expect(upload.commit(other)).rejects.toMatchObject({ code: 'content.digest' });
        expect(await store.has(content)).toBe(false);
        expect(await store.has({ ...content, digest: other })).toBe(false);
      },
    );

    test('an upload that is cancelled keeps nothing', async () => {
      const { content, bytes } = blob('cancelled upload', 3_000_000);
      const upload = await store.begin();
      await upload.append(bytes);
      await upload.cancel();
      expect(await store.has(content)).toBe(false);
    });

    test('many writers of the same and of other blobs at once', async () => {
      const blobs = Array.from({ length: 6 }, (_, place) => blob(`many ${place}`, 600_000));
      await Promise.all(
        [...blobs, ...blobs].map(({ content, bytes }) => store.write(content, inPieces(bytes, 50_000))),
      );
      for (const { content } of blobs) expect(await store.has(content)).toBe(true);
    });

    test('a malformed manifest is refused', async () => {
      const bytes = Buffer.from('{"schemaVersion": 2, "config": 3}');
      await expect(writeBytes(store, ociTypes.manifest, bytes)).rejects.toMatchObject({ code: 'content.invalid' });
    });

    test('mounting from where nothing is does no harm', async () => {
      const { content, bytes } = blob('mount', 1000);
      expect(await store.mount(content, 'no/such/repository')).toBe(false);
      await store.write(content, streamOf(bytes));
      expect(await store.has(content)).toBe(true);
    });

    test('tags and referrers are listed, where the kind can', async () => {
      if (hasTags(store)) {
        const content = await writeImage(store, 'listed');
        for (const tag of ['z', 'B', 'a', '1.0']) await store.tag(content, tag);
        const tags: string[] = [];
        for await (const tag of store.tags()) tags.push(tag);
        expect(tags.filter((tag) => ['z', 'B', 'a', '1.0'].includes(tag))).toEqual(['1.0', 'B', 'a', 'z']);
      }
      if (!hasReferrers(store)) return;
      const subject = await writeImage(store, 'subject');
      expect(await store.referrers(subject.digest)).toEqual([]);
      const names = ['one', 'two', 'three'];
      const made = await Promise.all(names.map((name) => writeReferrer(store, subject, name)));
      const found = await store.referrers(subject.digest);
      expect(found.map(({ digest }) => digest).sort()).toEqual(made.map(({ digest }) => digest).sort());
      expect(found.map(({ annotations }) => annotations?.['name']).sort()).toEqual([...names].sort());
      expect(new Set(found.map(({ artifactType }) => artifactType))).toEqual(new Set(['application/x-test']));
    });
  });
}

/** A blob from a seed. */
export function blob(seed: string, sizeBytes: number): { content: Descriptor; bytes: Buffer } {
  const bytes = Buffer.from(randomBytes(seed, sizeBytes));
  return { content: describeBytes(blobType, bytes), bytes };
}

/** Bytes in pieces of one size. */
export async function* inPieces(bytes: Uint8Array, pieceBytes: number): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

/** A source that nobody may read. */
export async function* untouchable(): AsyncIterable<Uint8Array> {
  yield await Promise.reject(new Error('the source was read'));
}

/** A source that breaks after some bytes. */
export async function* failing(bytes: Uint8Array, afterBytes: number): AsyncIterable<Uint8Array> {
  yield* inPieces(bytes.subarray(0, afterBytes), 100_000);
  throw new Error('the source broke');
}

const ociImage = { manifest: ociTypes.manifest, config: ociTypes.config, layer: ociTypes.layerGzip };

/** Writes a small image with one layer and gives its manifest's descriptor. */
export async function writeImage(
  store: Store,
  seed: string,
  types: { manifest: string; config: string; layer: string } = ociImage,
): Promise<Descriptor> {
  const config = await writeBytes(store, types.config, Buffer.from(JSON.stringify({ seed })));
  const layer = await writeBytes(store, types.layer, blob(`layer ${seed}`, 2000).bytes);
  return await writeManifest(store, { kind: 'manifest', mediaType: types.manifest, config, layers: [layer] });
}

async function writeReferrer(store: Store, subject: Descriptor, name: string): Promise<Descriptor> {
  const empty = await writeBytes(store, ociTypes.empty, Buffer.from('{}'));
  return await writeManifest(store, {
    kind: 'manifest',
    mediaType: ociTypes.manifest,
    artifactType: 'application/x-test',
    config: empty,
    layers: [empty],
    subject,
    annotations: { name },
  });
}

async function writeManifest(store: Store, manifest: ImageManifest): Promise<Descriptor> {
  return await writeBytes(store, manifest.mediaType, serializeManifest(manifest));
}

/** A digest of nothing that is anywhere. */
export const absentDigest: Digest = digestOf('nothing has this digest');
