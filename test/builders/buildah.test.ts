// Buildah as a builder: bases by the digest of the key, equal bytes for equal inputs, nothing left in its storage.

import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildahBuilder } from '../../src/build/buildah.ts';
import { type Digest, parseDigest } from '../../src/content/oci/digest.ts';
import { type Location, parseLocation } from '../../src/content/oci/reference.ts';
import { copyGraph } from '../../src/content/store/copy.ts';
import { openStores } from '../../src/content/store/open.ts';
import { buildRequest, peersHost, type RequestDifferences } from '../support/build-request.ts';
import { configOf, filesOf, imageManifest, listingOf } from '../support/image-content.ts';
import { pushBusybox, pushTestIndex } from '../support/images.ts';
import { memoryTree } from '../support/memory-tree.ts';
import { environmentForPeers, needs, requirePeer } from '../support/peers.ts';
import { imageOf, indexOf, rootOf, type TestIndex, writeLayout } from '../support/random-image.ts';
import { type Registry, startRegistry } from '../support/registry.ts';
import { runOk } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const digestIn = (reference: string): Digest => parseDigest(reference.slice(reference.indexOf('@') + 1));
const marked = (text: string): TestIndex => indexOf([imageOf([[{ path: 'mark', content: Buffer.from(text) }]])]);

describe.runIf(needs('buildah', 'docker-registry', 'skopeo'))('buildah', { timeout: 180_000 }, () => {
  let registry: Registry;
  let base: string;
  let baseDigest: Digest;
  const host = peersHost();
  const stores = openStores(host);
  const open = (location: Location) => stores.open(location);

  beforeAll(async () => {
    registry = await startRegistry();
    base = `${registry.host}/busybox:latest`;
    baseDigest = digestIn(await pushBusybox(registry.host));
  });
  afterAll(() => registry.stop());

  const onBase = (): NonNullable<RequestDifferences['inputs']> => ({
    bases: [{ role: 'from', reference: base, digest: baseDigest }],
  });
  const build = async (differences: RequestDifferences) => {
    const request = buildRequest({ open, ...differences });
    return { request, outcome: await buildahBuilder.build(request, host, {}) };
  };
  const images = () =>
    runOk(requirePeer('buildah'), ['images', '--quiet', '--no-trunc'], { env: environmentForPeers() });

  test('an emulated leg with a RUN arrives, twice with equal bytes, and its storage keeps no result', async () => {
    const leg = {
      platform: 'linux/arm64',
      dockerfile: `FROM ${base}\nRUN uname -m > /machine\nCOPY . /app\n`,
      files: { 'a.txt': 'hello', '.dockerignore': '*' },
      target: { labels: { 'org.example.a': 'b c' }, annotations: { 'org.example.note': 'x, "y"' } },
      inputs: onBase(),
    } satisfies RequestDifferences;
    const first = await build(leg);
    expect(await filesOf(first.request.store, first.outcome.manifest)).toMatchObject({
      machine: 'aarch64\n',
      'app/a.txt': 'hello',
    });
    expect(await configOf(first.request.store, first.outcome.manifest)).toMatchObject({
      architecture: 'arm64',
      config: { Labels: { 'org.example.a': 'b c' } },
    });
    const { annotations, mediaType } = await imageManifest(first.request.store, first.outcome.manifest);
    expect(annotations).toMatchObject({ 'org.example.note': 'x, "y"' });
    expect(mediaType).toBe('application/vnd.oci.image.manifest.v1+json');
    const second = await build(leg);
    expect(second.outcome.manifest.digest).toBe(first.outcome.manifest.digest);
    expect(await images()).not.toContain(
      (await imageManifest(first.request.store, first.outcome.manifest)).config.digest,
    );
    expect(first.outcome.builder.version).toMatch(/^\d/);
    expect(first.request.notices()).toEqual([]);
  });

  test('bases are read by the digest of the key, wherever their tag has moved since', async () => {
    const reference = (name: string) => `${registry.host}/moving-${name}:latest`;
    const moved = (name: string, text: string) => pushTestIndex(registry.host, `moving-${name}`, marked(text));
    const keyed = digestIn(await moved('from', 'first'));
    for (const name of ['copy', 'mount']) await moved(name, 'first');
    for (const name of ['from', 'copy', 'mount']) await moved(name, 'second');
    const before = (await registry.requests()).length;
    const { request, outcome } = await build({
      dockerfile: [
        `FROM ${reference('from')} AS built`,
        `FROM ${base}`,
        'COPY --from=built /mark /from',
        `COPY --from=${reference('copy')} /mark /copied`,
        `RUN --mount=type=bind,from=${reference('mount')},target=/other cat /other/mark > /mounted`,
      ].join('\n'),
      inputs: {
        bases: [
          { role: 'from', reference: base, digest: baseDigest },
          { role: 'from', reference: reference('from'), digest: keyed },
          { role: 'copy-from', reference: reference('copy'), digest: keyed },
          { role: 'mount', reference: reference('mount'), digest: keyed },
        ],
      },
    });
    expect(await filesOf(request.store, outcome.manifest)).toMatchObject({
      from: 'first',
      copied: 'first',
      mounted: 'first',
    });
    const asked = (await registry.requests())
      .slice(before)
      .filter(({ path }) => path.startsWith('/v2/moving-') && path.includes('/manifests/'));
    expect(asked.length).toBeGreaterThan(0);
    for (const { path } of asked) expect(path).toMatch(/\/manifests\/sha256:/);
  });

  test('a target that others build on is read by digest from staging, a registry or a layout', async () => {
    using folder = temporaryFolder('staging');
    const first = await build({ dockerfile: 'FROM scratch\nCOPY . /\n', files: { lib: 'built before' } });
    for (const text of [`${registry.host}/staging/lib`, `oci:${join(folder.path, 'staging')}`]) {
      const location = parseLocation(text);
      await copyGraph(first.request.store, await open(location), first.outcome.manifest);
      const { request, outcome } = await build({
        dockerfile: 'FROM lib\nCOPY . /\n',
        files: { app: 'built on it' },
        target: { contexts: { lib: { kind: 'target', target: 'lib' } } },
        buildsOn: new Map([['lib', { location, manifest: first.outcome.manifest }]]),
      });
      expect(await filesOf(request.store, outcome.manifest)).toEqual({ lib: 'built before', app: 'built on it' });
    }
  });

  test('a named layout is read by the digest of the key, its path relative to the family', async () => {
    using folder = temporaryFolder('family');
    const content = marked('kept');
    writeLayout(join(folder.path, 'layouts', 'kept'), content, '1');
    const digest = parseDigest(rootOf(content).digest);
    writeLayout(join(folder.path, 'layouts', 'kept'), marked('moved'), '1');
    const { request, outcome } = await build({
      dockerfile: 'FROM scratch\nCOPY --from=kept /mark /\n',
      target: {
        place: { file: join(folder.path, 'fanfold.yaml') },
        contexts: { kept: { kind: 'layout', reference: 'layouts/kept:1' } },
      },
      inputs: { bases: [{ role: 'copy-from', reference: 'oci:layouts/kept:1', context: 'kept', digest }] },
      open,
    });
    expect(await filesOf(request.store, outcome.manifest)).toEqual({ mark: 'kept' });
  });

  test('arguments, a stage, a named folder and a secret reach the build; what Buildah has not is told', async () => {
    const request = buildRequest({
      dockerfile: [
        `FROM ${base} AS wanted`,
        'ARG FLAVOR',
        'RUN --mount=type=secret,id=token echo "$FLAVOR $(cat /run/secrets/token | wc -c)" > /said; cat /run/secrets/token',
        'COPY --from=extra x.txt /',
        'FROM scratch AS unwanted',
      ].join('\n'),
      target: {
        stage: 'wanted',
        secret: ['id=token,env=TOKEN'],
        contexts: { extra: { kind: 'folder', path: 'extra' } },
        attestations: { provenance: 'max', sbom: true },
        cacheTo: ['type=gha'],
      },
      inputs: {
        ...onBase(),
        args: { FLAVOR: '--slim "a,b"' },
        folders: new Map([['extra', memoryTree({ 'x.txt': 'x' })]]),
      },
      open,
    });
    const outcome = await buildahBuilder.build(request, peersHost({ TOKEN: 'very-secret-token' }), {});
    expect(await filesOf(request.store, outcome.manifest)).toMatchObject({ said: '--slim "a,b" 17\n', 'x.txt': 'x' });
    expect(outcome.attestations).toEqual([]);
    expect(request.notices()).toEqual([
      'Buildah makes no attestations: the image has none',
      'Buildah does not read BuildKit caches: cache-from and cache-to are left out',
    ]);
    expect(request.log()).toContain('***');
    expect(request.log()).not.toContain('very-secret-token');
  });

  test('files have one fixed time', async () => {
    const { request, outcome } = await build({ dockerfile: 'FROM scratch\nCOPY . /\n', files: { 'a/b': 'b' } });
    expect(await listingOf(request.store, outcome.manifest)).toContain('-rw-r--r-- 1970-01-01 a/b');
  });

  test('a failure names the line of the Dockerfile and shows the end of the log', async () => {
    const failed = build({ dockerfile: `FROM ${base}\n\nRUN echo "no luck" \\\n  && false\n`, inputs: onBase() });
    await expect(failed).rejects.toMatchObject({
      code: 'build.failed',
      place: { target: 'app', file: 'Dockerfile', line: 3 },
      message: expect.stringContaining('no luck'),
    });
  });
});
