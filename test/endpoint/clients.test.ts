// Real clients push through one endpoint to two real registries: the same bytes on both, nothing sent twice.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pushBusybox } from '../support/images.ts';
import { environmentForPeers, needs, type PeerName, requirePeer } from '../support/peers.ts';
import { blobsOf, randomImage, randomIndex, rootOf, writeLayout } from '../support/random-image.ts';
import { type Registry, startRegistry } from '../support/registry.ts';
import { runOk } from '../support/run.ts';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder.ts';
import { startDestinations, writesOf } from './destinations.ts';

const platforms = [
  { os: 'linux', architecture: 'amd64' },
  { os: 'linux', architecture: 'arm64' },
];
const peers = ['docker-registry', 'skopeo', 'crane', 'oras', 'buildah', 'engine', 'docker'] as const;

/** Pushes to `REFERENCE:TAG`. */
type Push = (reference: string, tag: string) => Promise<unknown>;

describe.runIf(needs(...peers))('clients', () => {
  let folder: TemporaryFolder;
  let bases: Registry;
  const ok = (program: PeerName, ...args: string[]): Promise<string> =>
    runOk(requirePeer(program), args, { cwd: folder.path, env: environmentForPeers(), timeoutMs: 120_000 });
  // Layers of 3 MB stream through; the rest is held.
  const image = randomImage('clients', { layers: 2, layerBytes: 3_000_000 });
  const index = randomIndex('clients', platforms, { layers: 2, layerBytes: 300_000 });

  beforeAll(async () => {
    folder = temporaryFolder('clients');
    bases = await startRegistry();
    const base = await pushBusybox(bases.host);
    writeLayout(join(folder.path, 'image'), image);
    writeLayout(join(folder.path, 'index'), index);
    mkdirSync(join(folder.path, 'context'));
    const lines = [`FROM ${base}`, 'ARG SEED', `RUN echo "$SEED" > /seed`, 'CMD ["cat", "/seed"]'];
    writeFileSync(join(folder.path, 'context', 'Dockerfile'), lines.join('\n'));
  });
  afterAll(async () => {
    await bases.stop();
    folder[Symbol.dispose]();
  });

  const pushes: Readonly<Record<string, Push>> = {
    'skopeo, an image': (reference, tag) =>
      ok('skopeo', 'copy', '--dest-tls-verify=false', 'oci:image:latest', `docker://${reference}:${tag}`),
    'skopeo, an index': (reference, tag) =>
      ok('skopeo', 'copy', '--all', '--dest-tls-verify=false', 'oci:index:latest', `docker://${reference}:${tag}`),
    'crane, an image': (reference, tag) => ok('crane', 'push', '--insecure', 'image', `${reference}:${tag}`),
    'crane, an index': (reference, tag) => ok('crane', 'push', '--insecure', 'index', `${reference}:${tag}`),
    'oras, an image': (reference, tag) =>
      ok('oras', 'cp', '--to-plain-http', '--from-oci-layout', 'image:latest', `${reference}:${tag}`),
    'oras, an index': (reference, tag) =>
      ok('oras', 'cp', '--to-plain-http', '--from-oci-layout', 'index:latest', `${reference}:${tag}`),
    'buildx, one platform': (reference, tag) =>
      ok('docker', ...build, '--build-arg', `SEED=${tag}`, '--push', '--tag', `${reference}:${tag}`, 'context'),
    'buildx, two platforms and provenance': (reference, tag) =>
      ok('docker', ...build, '--platform=linux/amd64,linux/arm64', '--push', '--tag', `${reference}:${tag}`, 'context'),
    buildah: async (reference, tag) => {
      const name = `endpoint-${tag}`;
      await ok('buildah', 'build', '--tls-verify=false', '--network=none', '--tag', name, 'context');
      await ok('buildah', 'push', '--tls-verify=false', name, `docker://${reference}:${tag}`);
      await ok('buildah', 'rmi', name);
    },
    'oras, an artifact': (reference, tag) =>
      ok('oras', 'push', '--plain-http', `${reference}:${tag}`, 'context/Dockerfile:text/plain'),
  };
  const build = ['buildx', 'build', '--network=none', '--quiet'];

  test('ten at once', { timeout: 240_000 }, async () => {
    await using first = await startRegistry();
    await using second = await startRegistry();
    await using rig = await startDestinations([first.host, second.host], { tags: true });
    const tags = Object.keys(pushes).map((name) => name.replace(/\W+/g, '-'));
    await Promise.all(Object.values(pushes).map((push, place) => push(rig.endpoint.reference, `${tags[place]}`)));
    const committed = await rig.endpoint.finish();
    expect([...committed.map(({ tag }) => tag)].sort()).toEqual([...tags].sort());
    expect([...rig.store.dropped()]).toEqual([]);
    for (const { tag, pushed, published } of committed) {
      expect(published).toEqual(pushed);
      for (const { host } of [first, second]) {
        const reference = `${host}/api:${tag}`;
        expect((await ok('crane', 'digest', '--insecure', reference)).trim()).toBe(pushed.digest);
        await ok(
          'skopeo',
          'copy',
          '--all',
          '--src-tls-verify=false',
          `docker://${reference}`,
          `oci:read-${host.split(':')[1]}`,
        );
      }
    }
    // One registry is asked to write exactly what the other is, each manifest and blob once.
    const [one, other] = [writesOf(await first.requests()), writesOf(await second.requests())];
    const puts = (requests: typeof one) =>
      requests.filter(({ path, method }) => method === 'PUT' && path.includes('/manifests/')).map(({ path }) => path);
    expect([...puts(one)].sort()).toEqual([...puts(other)].sort());
    expect(new Set(puts(one)).size).toBe(puts(one).length);
  });

  test.for(['skopeo, an image', 'crane, an index', 'oras, an index'])(
    '%s: what is there already is not sent again, by another endpoint either',
    async (name) => {
      await using first = await startRegistry();
      await using second = await startRegistry();
      const counts: number[] = [];
      for (const _ of ['once', 'again']) {
        await using rig = await startDestinations([first.host, second.host], { tags: true });
        await pushes[name]?.(rig.endpoint.reference, 'latest');
        await rig.endpoint.finish();
        counts.push(writesOf(await first.requests()).length, writesOf(await second.requests()).length);
      }
      const content = name.includes('index') ? index : image;
      expect(counts[0]).toBeGreaterThanOrEqual(blobsOf(content).length);
      expect(counts.slice(2)).toEqual(counts.slice(0, 2));
      expect((await ok('crane', 'digest', '--insecure', `${second.host}/api:latest`)).trim()).toBe(
        rootOf(content).digest,
      );
    },
  );

  test('a cache export goes straight through to its own store, the image does not', async () => {
    await using first = await startRegistry();
    await using cache = await startRegistry();
    await using caches = await startDestinations([cache.host]);
    await using rig = await startDestinations([first.host], { other: () => caches.store });
    const cacheTo = `type=registry,ref=${rig.endpoint.otherReference('cache')}:main,mode=max`;
    const output = `type=image,name=${rig.endpoint.reference},push=true,push-by-digest=true`;
    await ok('docker', ...build, '--output', output, '--cache-to', cacheTo, 'context');
    const exported = writesOf(await cache.requests());
    expect(exported.filter(({ path }) => path.endsWith('/manifests/main'))).toHaveLength(1);
    expect(await rig.endpoint.finish()).toHaveLength(1);
    expect(writesOf(await cache.requests())).toHaveLength(exported.length);
    expect((await first.requests()).filter(({ path }) => path.includes('main'))).toEqual([]);
  });

  test('a RUN with the network of the host reaches loopback, and gets nothing', async () => {
    await using first = await startRegistry();
    await using rig = await startDestinations([first.host], { tags: true });
    await rig.client.push(image, 'latest');
    const { host } = rig.endpoint;
    const paths = ['_catalog', 'api/tags/list', 'api/manifests/latest', `api/blobs/${image.config.digest}`];
    const tries = paths.map((path) => `wget -q -O - http://${host}/v2/${path} >> /got || echo refused >> /got`);
    writeFileSync(
      join(folder.path, 'Dockerfile.reach'),
      [
        `FROM ${await pushBusybox(bases.host)}`,
        `RUN wget -q -O /version http://${host}/v2/`,
        ...tries.map((line) => `RUN ${line}`),
        'RUN cat /got',
      ].join('\n'),
    );
    const args = [
      'buildx',
      'build',
      '--network=host',
      '--allow=network.host',
      '--no-cache',
      '--file',
      'Dockerfile.reach',
    ];
    await ok('docker', ...args, '--output', 'type=local,dest=reached', 'context');
    expect(readFileSync(join(folder.path, 'reached', 'version'), 'utf8')).toBe('{}');
    expect(readFileSync(join(folder.path, 'reached', 'got'), 'utf8')).toBe('refused\n'.repeat(paths.length));
  });
});
