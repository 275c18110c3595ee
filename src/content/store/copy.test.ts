import { describe, expect, test, vi } from 'vitest';
import type { Descriptor } from '../oci/descriptor.ts';
import { type ImageManifest, makeIndex, serializeManifest } from '../oci/manifest.ts';
import { isManifestType, ociTypes } from '../oci/media-types.ts';
import { type CopyEvent, copyGraph, readManifest, writeBytes } from './copy.ts';
import { type MemoryStore, memoryStore } from './memory.ts';
import { absentDigest, blob, writeImage } from './store.contract.ts';
import type { Store } from './store.ts';

/** A store that logs what is asked of it, and whose answers a test may change. */
function watched(store: MemoryStore, change: Partial<Store> = {}): MemoryStore & { readonly log: string[] } {
  const log: string[] = [];
  const own = { ...store, ...change };
  return {
    ...own,
    log,
    has: (content, cancel) => {
      log.push(`has ${content.digest}`);
      return own.has(content, cancel);
    },
    read: (content, cancel) => {
      log.push(`read ${content.digest}`);
      return own.read(content, cancel);
    },
    write: async (content, bytes, cancel) => {
      await own.write(content, bytes, cancel);
      log.push(`write ${content.digest}`);
    },
  };
}

const lines = (log: readonly string[], verb: string): string[] => log.filter((line) => line.startsWith(`${verb} `));

async function writeIndex(store: Store, images: readonly Descriptor[]): Promise<Descriptor> {
  return await writeBytes(store, ociTypes.index, serializeManifest(makeIndex(images)));
}

async function family(): Promise<{ source: MemoryStore; root: Descriptor; images: readonly Descriptor[] }> {
  const source = memoryStore();
  const images = await Promise.all(['amd64', 'arm64', 's390x'].map((name) => writeImage(source, name)));
  return { source, root: await writeIndex(source, images), images };
}

describe('copyGraph', () => {
  test('writes children before parents, each once', async () => {
    const { source, root, images } = await family();
    const store = watched(memoryStore());
    const events: CopyEvent[] = [];
    await copyGraph(source, store, root, { on: (event) => events.push(event) });
    const order = lines(store.log, 'write').map((line) => line.slice(6));
    expect(order).toHaveLength(new Set(order).size);
    expect(order.at(-1)).toBe(root.digest);
    for (const image of images) {
      const { manifest } = await readManifest(source, image);
      const children = (manifest as ImageManifest).layers.map(({ digest }) => order.indexOf(digest));
      expect(Math.max(...children)).toBeLessThan(order.indexOf(image.digest));
    }
    expect(events.every(({ kind }) => kind === 'copied')).toBe(true);
    expect(events).toHaveLength(order.length);
  });

  test('reads nothing of the source where all is there', async () => {
    const { source, root } = await family();
    const store = memoryStore();
    await copyGraph(source, store, root);
    const from = watched(source);
    await copyGraph(from, store, root);
    expect(from.log).toEqual([]);
  });

  test('reads only what is missing', async () => {
    const { source, root, images } = await family();
    const store = memoryStore();
    if (images[0] === undefined) throw new Error('no image');
    await copyGraph(source, store, images[0]);
    const from = watched(source);
    await copyGraph(from, store, root);
    expect(lines(from.log, 'read')).not.toContain(`read ${images[0].digest}`);
    expect(lines(from.log, 'read')).toHaveLength(1 + 2 * 3);
  });

  test('finds a child that a registry collected below an index that it kept', async () => {
    const { source, root, images } = await family();
    const whole = memoryStore();
    await copyGraph(source, whole, root);
    const lost = images[1]?.digest;
    let back = false;
    const store = watched(whole, {
      has: async (content) => (content.digest === lost ? back : await whole.has(content)),
      write: async (content) => {
        back ||= content.digest === lost;
      },
    });
    await copyGraph(source, store, root);
    expect(lines(store.log, 'write')).toEqual([`write ${lost}`]);
  });

  test('takes an image on trust where it is there, unless told to look at its blobs', async () => {
    const { source, images } = await family();
    const image = images[0];
    if (image === undefined) throw new Error('no image');
    const store = memoryStore();
    const { bytes } = await readManifest(source, image);
    await writeBytes(store, image.mediaType, bytes);
    const trusting = watched(store);
    await copyGraph(source, trusting, image);
    expect(lines(trusting.log, 'write')).toEqual([]);
    const looking = watched(store);
    await copyGraph(source, looking, image, { check: 'blobs' });
    expect(lines(looking.log, 'write')).toHaveLength(2);
  });

  test('copies the children again where a store says that one is missing after all', async () => {
    const { source, images } = await family();
    const image = images[0];
    if (image === undefined) throw new Error('no image');
    const whole = memoryStore();
    let refusals = 0;
    const store = watched(whole, {
      // What it says of blobs is wrong until it has refused the manifest once.
      has: async (content) =>
        content.mediaType === ociTypes.layerGzip && refusals === 0 ? true : await whole.has(content),
      write: async (content, bytes) => {
        if (content.digest === image.digest && refusals++ === 0) {
          for await (const _ of bytes);
          const { FanfoldError } = await import('../../base/errors/error.ts');
          throw new FanfoldError('content.missing', 'a blob is unknown');
        }
        await whole.write(content, bytes);
      },
    });
    await copyGraph(source, store, image);
    expect(refusals).toBe(2);
    const { manifest } = await readManifest(whole, image);
    for (const layer of (manifest as ImageManifest).layers) expect(await whole.has(layer)).toBe(true);
  });

  test.for([1, 2, 8])('of 30 nested manifests with %i places does not lock', async (concurrency) => {
    const source = memoryStore();
    const images = await Promise.all(Array.from({ length: 10 }, (_, place) => writeImage(source, `wide ${place}`)));
    const inner = await Promise.all(
      images.map((image, place) => writeIndex(source, [image, ...images.slice(0, place)])),
    );
    const root = await writeIndex(source, [...inner, ...images]);
    const reading = { open: 0, most: 0 };
    const writing = { open: 0, most: 0 };
    const counted = {
      ...source,
      read: async function* (content: Descriptor) {
        if (!isManifestType(content.mediaType)) reading.most = Math.max(reading.most, ++reading.open);
        yield* source.read(content);
        if (!isManifestType(content.mediaType)) reading.open -= 1;
      },
    };
    const store = memoryStore();
    const counting = {
      ...store,
      write: async (content: Descriptor, bytes: AsyncIterable<Uint8Array>) => {
        writing.most = Math.max(writing.most, ++writing.open);
        await store.write(content, bytes);
        writing.open -= 1;
      },
    };
    await copyGraph(counted, counting, root, { concurrency });
    expect(reading.most).toBeLessThanOrEqual(concurrency);
    expect(writing.most).toBeLessThanOrEqual(2 * concurrency);
    expect(await store.has(root)).toBe(true);
  });

  test('reads the next blob while a store only has to answer for the last, but never more than twice the places', async () => {
    const { source, root } = await family();
    const answers: (() => void)[] = [];
    const store = memoryStore();
    const slow = {
      ...store,
      write: async (content: Descriptor, bytes: AsyncIterable<Uint8Array>) => {
        await store.write(content, bytes);
        if (!isManifestType(content.mediaType)) await new Promise<void>((resolve) => answers.push(resolve));
      },
    };
    const copying = copyGraph(source, slow, root, { concurrency: 1 });
    await vi.waitFor(() => expect(answers).toHaveLength(2));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(answers).toHaveLength(2);
    const answerAll = setInterval(() => answers.shift()?.(), 1);
    await copying.finally(() => clearInterval(answerAll));
    expect(await store.has(root)).toBe(true);
  });

  test('the first failure ends the rest, and is what the caller sees', async () => {
    const { source, root } = await family();
    const store = memoryStore();
    let failures = 0;
    const failing = {
      ...store,
      write: async () => {
        failures += 1;
        throw new Error(`failure ${failures}`);
      },
    };
    await expect(copyGraph(source, failing, root, { concurrency: 1 })).rejects.toThrow('failure 1');
    expect(failures).toBe(1);
    expect(await store.has(root)).toBe(false);
  });

  test('ends with the reason of the signal', async () => {
    const { source, root } = await family();
    const controller = new AbortController();
    const store = watched(memoryStore());
    const copying = copyGraph(source, store, root, { on: () => controller.abort(new Error('enough')) }, controller);
    await expect(copying).rejects.toThrow('enough');
    expect(await store.has(root)).toBe(false);
  });

  test('leaves foreign layers and absent subjects where they are', async () => {
    const source = memoryStore();
    const config = await writeBytes(source, ociTypes.config, Buffer.from('{}'));
    const foreign: Descriptor = {
      mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
      digest: absentDigest,
      size: 10,
      urls: ['https://example.com/layer'],
    };
    const subject: Descriptor = { mediaType: ociTypes.manifest, digest: absentDigest, size: 3 };
    const manifest: ImageManifest = {
      kind: 'manifest',
      mediaType: ociTypes.manifest,
      config,
      layers: [foreign],
      subject,
    };
    const root = await writeBytes(source, ociTypes.manifest, serializeManifest(manifest));
    const store = memoryStore();
    const events: CopyEvent[] = [];
    await copyGraph(source, store, root, { on: (event) => events.push(event) });
    expect(await store.has(root)).toBe(true);
    expect(events.find(({ content }) => content.digest === foreign.digest)?.kind).toBe('skipped');
  });

  test('copies a subject before what refers to it', async () => {
    const source = memoryStore();
    const subject = await writeImage(source, 'subject');
    const empty = await writeBytes(source, ociTypes.empty, Buffer.from('{}'));
    const manifest: ImageManifest = {
      kind: 'manifest',
      mediaType: ociTypes.manifest,
      config: empty,
      layers: [empty],
      subject,
    };
    const root = await writeBytes(source, ociTypes.manifest, serializeManifest(manifest));
    const store = watched(memoryStore());
    await copyGraph(source, store, root);
    const order = lines(store.log, 'write');
    expect(order.indexOf(`write ${subject.digest}`)).toBeLessThan(order.indexOf(`write ${root.digest}`));
  });

  test('names what the source does not hold', async () => {
    const source = memoryStore();
    const config = await writeBytes(source, ociTypes.config, Buffer.from('{}'));
    const layer: Descriptor = { mediaType: ociTypes.layer, digest: absentDigest, size: 3 };
    const manifest: ImageManifest = { kind: 'manifest', mediaType: ociTypes.manifest, config, layers: [layer] };
    const root = await writeBytes(source, ociTypes.manifest, serializeManifest(manifest));
    await expect(copyGraph(source, memoryStore(), root)).rejects.toMatchObject({
      code: 'content.missing',
      place: { digest: absentDigest },
    });
  });

  test('of manifests nested past the bound is refused', async () => {
    const source = memoryStore();
    let root = await writeImage(source, 'deep');
    for (let depth = 0; depth < 8; depth++) root = await writeIndex(source, [root]);
    await expect(copyGraph(source, memoryStore(), root)).rejects.toMatchObject({ code: 'content.too-deep' });
    const { manifest } = await readManifest(source, root);
    const inner = manifest.kind === 'index' ? manifest.manifests[0] : undefined;
    if (inner !== undefined) await copyGraph(source, memoryStore(), inner);
  });

  test('of more contents than the bound is refused', async () => {
    const { source, root } = await family();
    const bounds = { maxDepth: 8, maxCount: 5 };
    await expect(copyGraph(source, memoryStore(), root, { bounds })).rejects.toMatchObject({
      code: 'content.too-deep',
    });
  });

  test('a damaged source is found out, and its parent never written', async () => {
    const { source, images } = await family();
    const image = images[0];
    if (image === undefined) throw new Error('no image');
    const damaged = watched(source, {
      read: (content) =>
        content.mediaType === ociTypes.layerGzip
          ? (async function* () {
              yield blob('other bytes', content.size).bytes;
            })()
          : source.read(content),
    });
    const store = memoryStore();
    await expect(copyGraph(damaged, store, image)).rejects.toMatchObject({ code: 'content.digest' });
    expect(await store.has(image)).toBe(false);
  });
});
