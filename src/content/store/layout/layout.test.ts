import { fork } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { environmentForPeers, needs, requirePeer } from '../../../../test/support/peers.ts';
import { randomIndex, writeLayout } from '../../../../test/support/random-image.ts';
import { startRegistry } from '../../../../test/support/registry.ts';
import { runOk } from '../../../../test/support/run.ts';
import { temporaryFolder } from '../../../../test/support/temporary-folder.ts';
import { nodeHost } from '../../../base/host/host.ts';
import { type Descriptor, describe as describeBytes } from '../../oci/descriptor.ts';
import { digestOf, parseDigest } from '../../oci/digest.ts';
import { makeIndex, serializeManifest } from '../../oci/manifest.ts';
import { ociTypes } from '../../oci/media-types.ts';
import { copyGraph, readBytes, writeBytes } from '../copy.ts';
import { memoryStore } from '../memory.ts';
import { openStores } from '../open.ts';
import { blob, inPieces, testStore, writeImage } from '../store.contract.ts';
import { layoutStore } from './layout.ts';

const host = nodeHost();
const open = (path: string) => layoutStore({ kind: 'layout', path }, host);
const indexOf = (path: string) => JSON.parse(readFileSync(join(path, 'index.json'), 'utf8'));

testStore('an OCI layout', async () => {
  const folder = temporaryFolder('layout');
  const store = open(join(folder.path, 'new'));
  return { store, [Symbol.asyncDispose]: async () => folder[Symbol.dispose]() };
});

describe('a layout', () => {
  test('that is only looked at is not made', async () => {
    using folder = temporaryFolder('layout');
    const store = open(join(folder.path, 'absent'));
    const { content } = blob('absent', 10);
    expect(await store.has(content)).toBe(false);
    expect(await store.resolve('latest')).toBeUndefined();
    expect(await store.referrers(content.digest)).toEqual([]);
    await store.untag('latest');
    expect(existsSync(join(folder.path, 'absent'))).toBe(false);
  });

  test('has the files of the specification and no other', async () => {
    using folder = temporaryFolder('layout');
    const store = open(folder.path);
    const image = await writeImage(store, 'files');
    await store.tag(image, 'v1');
    expect(readdirSync(folder.path).sort()).toEqual(['blobs', 'index.json', 'oci-layout']);
    expect(JSON.parse(readFileSync(join(folder.path, 'oci-layout'), 'utf8'))).toEqual({ imageLayoutVersion: '1.0.0' });
    expect(indexOf(folder.path)).toEqual({
      schemaVersion: 2,
      mediaType: ociTypes.index,
      manifests: [{ ...image, annotations: { 'org.opencontainers.image.ref.name': 'v1' } }],
    });
  });

  test('writes nothing for a tag that is right, and nothing for content that is there', async () => {
    using folder = temporaryFolder('layout');
    const store = open(folder.path);
    const image = await writeImage(store, 'again');
    await store.tag(image, 'v1');
    const past = new Date(1000);
    const files = readdirSync(folder.path, { recursive: true, withFileTypes: true });
    for (const file of files) utimesSync(join(file.parentPath, file.name), past, past);
    await writeImage(store, 'again');
    await store.tag(image, 'v1');
    await store.untag('v2');
    for (const file of files) expect(statSync(join(file.parentPath, file.name)).mtimeMs).toBe(1000);
  });

  test('shows a blob only when it is whole, and leaves no part behind', async () => {
    using folder = temporaryFolder('layout');
    const store = open(folder.path);
    const { content, bytes } = blob('halfway', 3_000_000);
    const seen: boolean[] = [];
    const watched = (async function* () {
      for await (const piece of inPieces(bytes, 500_000)) {
        yield piece;
        seen.push(await store.has(content));
      }
      throw new Error('the source broke');
    })();
    await expect(store.write(content, watched)).rejects.toThrow('the source broke');
    expect(new Set(seen)).toEqual(new Set([false]));
    expect(readdirSync(folder.path).filter((name) => name.startsWith('.'))).toEqual([]);
    expect(readdirSync(join(folder.path, 'blobs', 'sha256'))).toEqual([]);
  });

  test('removes the parts of writers that died long ago, and no others', async () => {
    using folder = temporaryFolder('layout');
    writeFileSync(join(folder.path, '.part-old'), 'x');
    utimesSync(join(folder.path, '.part-old'), new Date(1000), new Date(1000));
    writeFileSync(join(folder.path, '.part-new'), 'x');
    await writeImage(open(folder.path), 'sweep');
    expect(readdirSync(folder.path).filter((name) => name.startsWith('.'))).toEqual(['.part-new']);
  });

  test('counts a blob of another size as missing, and heals it', async () => {
    using folder = temporaryFolder('layout');
    const store = open(folder.path);
    const { content, bytes } = blob('damaged', 1000);
    await store.write(content, inPieces(bytes, 1000));
    const file = join(folder.path, 'blobs', 'sha256', content.digest.slice(7));
    writeFileSync(file, bytes.subarray(1));
    expect(await store.has(content)).toBe(false);
    await expect(readBytes(store, content, 1000)).rejects.toMatchObject({ code: 'content.size' });
    await store.write(content, inPieces(bytes, 1000));
    writeFileSync(file, Buffer.alloc(1000));
    await expect(readBytes(store, content, 1000)).rejects.toMatchObject({ code: 'content.digest' });
  });

  test('keeps what other programs wrote into index.json', async () => {
    using folder = temporaryFolder('layout');
    const store = open(folder.path);
    const image = await writeImage(store, 'others');
    const foreign = { ...image, annotations: { 'io.containerd.image.name': 'docker.io/a/b:c' }, newField: [1] };
    const whole = { schemaVersion: 2, manifests: [foreign], annotations: { a: 'b' }, other: true };
    writeFileSync(join(folder.path, 'index.json'), JSON.stringify(whole));
    await store.tag(image, 'v1');
    expect(indexOf(folder.path)).toMatchObject({ annotations: { a: 'b' }, other: true });
    expect(indexOf(folder.path).manifests[0]).toEqual(foreign);
    await store.untag('v1');
    expect(indexOf(folder.path).manifests).toEqual([foreign]);
  });

  test('finds a manifest by its digest that no tag names', async () => {
    using folder = temporaryFolder('layout');
    const store = open(folder.path);
    const image = await writeImage(store, 'by digest');
    expect(await store.resolve(image.digest)).toEqual(image);
    const index = await writeBytes(store, ociTypes.index, serializeManifest(makeIndex([image])));
    expect(await store.resolve(index.digest)).toEqual(index);
    const plain = await writeBytes(store, 'text/plain', Buffer.from('{"no": "manifest"}'));
    expect(await store.resolve(plain.digest)).toBeUndefined();
  });

  test('a referrer that loses its tag is still found', async () => {
    using folder = temporaryFolder('layout');
    const store = open(folder.path);
    const subject = await writeImage(store, 'subject');
    const empty = await writeBytes(store, ociTypes.empty, Buffer.from('{}'));
    const manifest = {
      kind: 'manifest',
      mediaType: ociTypes.manifest,
      config: empty,
      layers: [empty],
      subject,
    } as const;
    const referrer = await writeBytes(store, ociTypes.manifest, serializeManifest(manifest));
    await store.tag(referrer, 'signature');
    await store.untag('signature');
    expect((await store.referrers(subject.digest)).map(({ digest }) => digest)).toEqual([referrer.digest]);
    const listed = indexOf(folder.path).manifests.map(({ digest }: Descriptor) => digest);
    expect(listed.filter((digest: string) => digest === referrer.digest)).toHaveLength(1);
  });

  test.for([
    { name: 'no JSON', text: '{"manifests": [' },
    { name: 'a list', text: '[]' },
    { name: 'manifests that are no list', text: '{"manifests": {"length": 3}}' },
    { name: 'a descriptor without a digest', text: '{"manifests": [{"mediaType": "a", "size": 1}]}' },
    {
      name: 'a digest that is a way out',
      text: '{"manifests": [{"mediaType": "a", "digest": "sha256:../../../etc/passwd", "size": 1}]}',
    },
    { name: 'a negative size', text: `{"manifests": [{"mediaType": "a", "digest": "${digestOf('x')}", "size": -1}]}` },
    { name: 'deep nesting', text: `{"manifests": ${'['.repeat(1000)}${']'.repeat(1000)}}` },
  ])('with an index.json that is $name is refused, and not changed', async ({ text }) => {
    using folder = temporaryFolder('layout');
    const store = open(folder.path);
    const image = await writeImage(store, 'hostile');
    writeFileSync(join(folder.path, 'index.json'), text);
    await expect(store.resolve('latest')).rejects.toMatchObject({ code: expect.stringMatching(/^content\./) });
    await expect(store.tag(image, 'latest')).rejects.toMatchObject({ code: expect.stringMatching(/^content\./) });
    expect(readFileSync(join(folder.path, 'index.json'), 'utf8')).toBe(text);
  });

  test('of another version is refused', async () => {
    using folder = temporaryFolder('layout');
    writeFileSync(join(folder.path, 'oci-layout'), '{"imageLayoutVersion": "9.0.0"}');
    await expect(writeImage(open(folder.path), 'version')).rejects.toMatchObject({ code: 'content.invalid' });
  });

  test('a link in the place of a blob is read only as what it is announced as', async () => {
    using folder = temporaryFolder('layout');
    const store = open(folder.path);
    await writeImage(store, 'link');
    const { content } = blob('link target', 100);
    writeFileSync(join(folder.path, 'secret'), 'x'.repeat(100));
    symlinkSync(join(folder.path, 'secret'), join(folder.path, 'blobs', 'sha256', content.digest.slice(7)));
    await expect(readBytes(store, content, 100)).rejects.toMatchObject({ code: 'content.digest' });
  });

  test('no digest leads out of the folder', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.constantFrom('../x', 'sha256:../../x', 'sha256:/etc/passwd')), (text) => {
        expect(() => parseDigest(`sha256:${text}`)).toThrow();
      }),
    );
  });

  test('any order of writing, tagging and untagging leaves what the last of each said', async () => {
    const operation = fc.record({
      kind: fc.constantFrom('tag', 'tag', 'untag'),
      image: fc.nat({ max: 2 }),
      name: fc.constantFrom('a', 'b', 'c'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 12 }), async (operations) => {
        using folder = temporaryFolder('layout');
        const store = open(folder.path);
        const images = await Promise.all([0, 1, 2].map((seed) => writeImage(store, `any ${seed}`)));
        const want = new Map<string, string>();
        for (const { kind, image, name } of operations) {
          const content = images[image];
          if (content === undefined) continue;
          if (kind === 'tag') await store.tag(content, name);
          else await store.untag(name);
          if (kind === 'tag') want.set(name, content.digest);
          else want.delete(name);
        }
        const found = new Map<string, string | undefined>();
        for await (const name of store.tags()) found.set(name, (await store.resolve(name))?.digest);
        expect([...found]).toEqual([...want].sort());
      }),
      { numRuns: 25 },
    );
  });

  test('two processes that write at once lose nothing', async () => {
    using folder = temporaryFolder('layout');
    const writer = join(import.meta.dirname, '..', '..', '..', '..', 'test', 'support', 'layout-writer.ts');
    const names = ['one', 'two', 'three'];
    const children = names.map((name) =>
      fork(writer, [folder.path, name, '12'], { execArgv: ['--import', 'tsx'], stdio: 'inherit' }),
    );
    for (const ended of await Promise.all(children.map((child) => once(child, 'exit')))) expect(ended[0]).toBe(0);
    const tags: string[] = [];
    for await (const tag of open(folder.path).tags()) tags.push(tag);
    expect(tags).toEqual(names.flatMap((name) => Array.from({ length: 12 }, (_, place) => `${name}-${place}`)).sort());
    expect(readdirSync(folder.path).sort()).toEqual(['blobs', 'index.json', 'oci-layout']);
  });
});

describe.runIf(needs('docker-registry', 'skopeo', 'oras', 'crane'))('independent readers', () => {
  const twoPlatforms = [
    { os: 'linux', architecture: 'amd64' },
    { os: 'linux', architecture: 'arm64' },
  ];

  test('read the layout and the repository that we wrote', async () => {
    using folder = temporaryFolder('peers');
    await using registry = await startRegistry();
    const [given, made] = [join(folder.path, 'given'), join(folder.path, 'made')];
    mkdirSync(given);
    const content = randomIndex('readers', twoPlatforms, { layers: 2 });
    writeLayout(given, content, 'v1');
    const stores = openStores(host);
    const repository = await stores.open({ kind: 'registry', host: registry.host, repository: 'acme/readers' });
    const root = await open(given).resolve('v1');
    if (root === undefined) throw new Error('the layout has no tag v1');
    for (const store of [open(made), repository]) {
      await copyGraph(open(given), store, root);
      await store.tag(root, 'v1');
    }
    const ok = (program: 'skopeo' | 'oras' | 'crane', ...args: string[]) =>
      runOk(requirePeer(program), args, { env: environmentForPeers(), cwd: folder.path });
    const reference = `${registry.host}/acme/readers:v1`;
    const raw = [
      await ok('skopeo', 'inspect', '--raw', `oci:${made}:v1`),
      await ok('skopeo', 'inspect', '--raw', '--tls-verify=false', `docker://${reference}`),
      await ok('oras', 'manifest', 'fetch', '--oci-layout', `${made}:v1`),
      await ok('oras', 'manifest', 'fetch', '--plain-http', reference),
      await ok('crane', 'manifest', '--insecure', reference),
    ];
    for (const text of raw) expect(digestOf(text)).toBe(root.digest);
    // Whole: every blob is read and checked by another program.
    await ok('skopeo', 'copy', '--all', `oci:${made}:v1`, `oci:${join(folder.path, 'copied')}:v1`);
    await ok('crane', 'validate', '--insecure', '--remote', reference);
    await host.http.close();
  });

  test('are read: what skopeo and oras wrote into one layout', async () => {
    using folder = temporaryFolder('peers');
    const path = join(folder.path, 'shared');
    const content = randomIndex('written by others', twoPlatforms);
    writeLayout(join(folder.path, 'given'), content, 'v1');
    const env = environmentForPeers();
    await runOk(
      requirePeer('skopeo'),
      ['copy', '--all', `oci:${join(folder.path, 'given')}:v1`, `oci:${path}:skopeo`],
      { env },
    );
    await runOk(requirePeer('oras'), ['cp', '--from-oci-layout', `${path}:skopeo`, '--to-oci-layout', `${path}:oras`], {
      env,
    });
    const store = open(path);
    const image = await writeImage(store, 'ours');
    await store.tag(image, 'ours');
    const memory = memoryStore();
    for (const name of ['skopeo', 'oras']) {
      const root = await store.resolve(name);
      expect(root?.digest).toBe(content.index.digest);
      if (root !== undefined) await copyGraph(store, memory, root);
    }
    expect(await runOk(requirePeer('oras'), ['repo', 'tags', '--oci-layout', path], { env })).toBe(
      'oras\nours\nskopeo\n',
    );
    expect(describeBytes('', content.index.bytes).digest).toBe(content.index.digest);
  });
});
