// Buildx against the real BuildKit: what was keyed is what is built, and it arrives by one push.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Host } from '../../src/base/host/host.ts';
import { buildxBuilder } from '../../src/build/buildx.ts';
import { type Digest, parseDigest } from '../../src/content/oci/digest.ts';
import { parseLocation } from '../../src/content/oci/reference.ts';
import { copyGraph } from '../../src/content/store/copy.ts';
import { openStores } from '../../src/content/store/open.ts';
import { buildRequest, peersHost, type RequestDifferences } from '../support/build-request.ts';
import { configOf, filesOf, imageManifest, listingOf, statementsOf, statementTexts } from '../support/image-content.ts';
import { pushBusybox, pushSbomGenerator, pushTestIndex } from '../support/images.ts';
import { memoryTree } from '../support/memory-tree.ts';
import { environmentForPeers, needs, requirePeer } from '../support/peers.ts';
import { imageOf, indexOf, rootOf, type TestIndex, writeLayout } from '../support/random-image.ts';
import { type LoggedRequest, type Registry, startRegistry } from '../support/registry.ts';
import { run, runOk } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const digestIn = (reference: string): Digest => parseDigest(reference.slice(reference.indexOf('@') + 1));
const marked = (text: string): TestIndex => indexOf([imageOf([[{ path: 'mark', content: Buffer.from(text) }]])]);

describe.runIf(needs('engine', 'docker', 'docker-registry', 'skopeo'))('buildx', { timeout: 180_000 }, () => {
  let registry: Registry;
  let base: string;

  beforeAll(async () => {
    registry = await startRegistry();
    base = `${registry.host}/busybox`;
    await pushBusybox(registry.host);
  });
  afterAll(() => registry.stop());

  // One host: the builder is probed once for each.
  const host = peersHost();
  const build = async (differences: RequestDifferences, more: Record<string, string> = {}) => {
    const request = buildRequest(differences);
    const outcome = await buildxBuilder.build(request, Object.keys(more).length === 0 ? host : peersHost(more), {});
    return { request, outcome };
  };

  /** Builds an image for both platforms beside Fanfold and pushes it. Gives the reference by digest. */
  const pushBuilt = async (repository: string, dockerfile: string): Promise<string> => {
    using folder = temporaryFolder('base');
    writeFileSync(join(folder.path, 'Dockerfile'), dockerfile);
    const reference = `${registry.host}/${repository}:latest`;
    const platforms = '--platform=linux/amd64,linux/arm64';
    const metadata = join(folder.path, 'metadata.json');
    const outputs = [`--output=type=image,name=${reference},push=true,store=false`, `--metadata-file=${metadata}`];
    const args = ['buildx', 'build', platforms, '--network=none', ...outputs, folder.path];
    await runOk(requirePeer('docker'), args, { env: environmentForPeers() });
    return `${reference}@${JSON.parse(readFileSync(metadata, 'utf8'))['containerimage.digest']}`;
  };

  test('an emulated leg with a RUN arrives with both attestations, whose subjects name every destination', async () => {
    const sbom = await pushSbomGenerator(registry.host);
    const { request, outcome } = await build({
      platform: 'linux/arm64',
      dockerfile: `FROM ${base}\nRUN uname -m > /machine\nCOPY . /app\n`,
      files: { 'a.txt': 'hello' },
      destinations: ['one.example/team/app', 'two.example:5000/app'],
      target: { attestations: { provenance: 'max', sbom } },
    });
    expect(outcome.manifest.platform).toEqual({ architecture: 'arm64', os: 'linux' });
    expect(await filesOf(request.store, outcome.manifest)).toMatchObject({
      machine: 'aarch64\n',
      'app/a.txt': 'hello',
    });
    const statements = await statementsOf(request.store, outcome.attestations);
    expect(statements.map(({ predicateType }) => predicateType).sort()).toEqual([
      'https://slsa.dev/provenance/v0.2',
      'https://spdx.dev/Document',
    ]);
    const sha256 = outcome.manifest.digest.split(':')[1];
    for (const { subjects } of statements) {
      expect(subjects.map((subject) => subject.name.split('@')[0])).toEqual([
        'pkg:docker/one.example/team/app',
        'pkg:docker/two.example:5000/app',
      ]);
      for (const subject of subjects) expect(subject.digest).toEqual({ sha256 });
    }
    expect(outcome.builder.version).toMatch(/^\d/);
    const images = await runOk(requirePeer('docker'), ['images', '--digests'], { env: environmentForPeers() });
    expect(images).not.toContain(outcome.pushed.digest);
    expect(request.notices()).toEqual([]);
    expect(request.log()).toContain('RUN uname -m');
  });

  test('bases are read by the digest of the key, wherever their tag has moved since', async () => {
    const moved = (tag: string) => pushTestIndex(registry.host, `moving-${tag}`, marked('first'));
    const keyed = digestIn(await moved('from'));
    for (const name of ['copy', 'mount']) await moved(name);
    for (const name of ['from', 'copy', 'mount']) {
      await pushTestIndex(registry.host, `moving-${name}`, marked('second'));
    }
    const before = (await registry.requests()).length;
    const reference = (name: string) => `${registry.host}/moving-${name}:latest`;
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
    const asked = manifestsAsked(await registry.requests(), before, '/v2/moving-');
    expect(asked.length).toBeGreaterThan(0);
    for (const path of asked) expect(path).toMatch(/\/manifests\/sha256:/);
  });

  test("a base's ENV and ONBUILD, and FROM --platform, hold through the forced digest", async () => {
    const reference = await pushBuilt('onbuild', `FROM ${base}\nENV BACKEND=x\nONBUILD RUN echo onbuild > /onbuild\n`);
    const { request, outcome } = await build({
      dockerfile: [
        `FROM --platform=linux/arm64 ${registry.host}/onbuild AS other`,
        'RUN uname -m > /machine',
        `FROM ${registry.host}/onbuild`,
        'COPY --from=other /machine /onbuild /other/',
        'RUN echo $BACKEND > /backend',
      ].join('\n'),
      inputs: { bases: [{ role: 'from', reference: `${registry.host}/onbuild`, digest: digestIn(reference) }] },
    });
    expect(await filesOf(request.store, outcome.manifest)).toMatchObject({
      'other/machine': 'aarch64\n',
      'other/onbuild': 'onbuild\n',
      onbuild: 'onbuild\n',
      backend: 'x\n',
    });
  });

  test('the frontend is read by the digest of the key', async () => {
    const before = (await registry.requests()).length;
    const frontend = `${registry.host}/frontend:1`;
    const pushed = digestIn(await pushTestIndex(registry.host, 'frontend', marked('no frontend'), '1'));
    const failed = build({
      dockerfile: `# syntax=${frontend}\nFROM scratch\nCOPY . /\n`,
      inputs: { bases: [{ role: 'frontend', reference: frontend, digest: pushed }] },
    });
    await expect(failed).rejects.toMatchObject({ code: 'build.failed' });
    const asked = manifestsAsked(await registry.requests(), before, '/v2/frontend/');
    expect(asked[0]).toBe(`/v2/frontend/manifests/${pushed}`);
    expect(asked).not.toContain('/v2/frontend/manifests/1');
  });

  test('the context is the keyed files: an ignore file in it ignores nothing more, modes and times are fixed', async () => {
    const { request, outcome } = await build({
      dockerfile: 'FROM scratch\nCOPY . /\n',
      files: {
        '.dockerignore': '*',
        'run.sh': { text: '#!/bin/sh\n', executable: true },
        'a/b.txt': 'b',
        link: { linkTo: 'a/b.txt' },
      },
    });
    const entries = await listingOf(request.store, outcome.manifest);
    expect(entries).toEqual([
      '-rw-r--r-- 1980-01-01 .dockerignore',
      'drwxr-xr-x 1980-01-01 a/',
      '-rw-r--r-- 1980-01-01 a/b.txt',
      'lrwxrwxrwx 1980-01-01 link -> a/b.txt',
      '-rwxr-xr-x 1980-01-01 run.sh',
    ]);
  });

  test('a file of the same path, size and time as in an earlier build is built as it is now', async () => {
    const name = `file-${process.hrtime.bigint()}`;
    for (const text of ['one', 'two', 'six']) {
      const { request, outcome } = await build({
        dockerfile: `FROM scratch\nCOPY ${name} /\nCOPY --from=extra ${name} /extra/\n`,
        files: { [name]: text },
        target: { contexts: { extra: { kind: 'folder', path: 'extra' } } },
        inputs: { folders: new Map([['extra', memoryTree({ [name]: text.toUpperCase() })]]) },
      });
      expect(await filesOf(request.store, outcome.manifest)).toEqual({
        [name]: text,
        [`extra/${name}`]: text.toUpperCase(),
      });
    }
  });

  test('a target that others build on is read by digest from staging, a registry or a layout', async () => {
    using folder = temporaryFolder('staging');
    const stores = openStores(host);
    const first = await build({ dockerfile: 'FROM scratch\nCOPY . /\n', files: { lib: 'built before' } });
    for (const text of [`${registry.host}/staging/lib`, `oci:${join(folder.path, 'staging')}`]) {
      const location = parseLocation(text);
      await copyGraph(first.request.store, await stores.open(location), first.outcome.manifest);
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
    });
    expect(await filesOf(request.store, outcome.manifest)).toEqual({ mark: 'kept' });
  });

  test('labels, annotations, arguments, a stage, a named folder and a secret reach the build', async () => {
    // Another one in each run, or the step would come from BuildKit's cache and say nothing.
    const flavor = `--slim "a,b" ${process.pid} ${process.hrtime.bigint()}`;
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
        labels: { 'org.example.a': 'b c' },
        annotations: { 'org.example.note': '--output=x, "y"' },
        secret: ['id=token,env=TOKEN'],
        contexts: { extra: { kind: 'folder', path: 'extra' } },
      },
      inputs: { args: { FLAVOR: flavor }, folders: new Map([['extra', memoryTree({ 'x.txt': 'x' })]]) },
    });
    const outcome = await buildxBuilder.build(request, peersHost({ TOKEN: 'very-secret-token' }), {});
    expect(await filesOf(request.store, outcome.manifest)).toMatchObject({ said: `${flavor} 17\n`, 'x.txt': 'x' });
    expect((await imageManifest(request.store, outcome.manifest)).annotations).toEqual({
      'org.example.note': '--output=x, "y"',
    });
    expect(await configOf(request.store, outcome.manifest)).toMatchObject({
      config: { Labels: { 'org.example.a': 'b c' } },
    });
    expect(request.log()).toContain('***');
    expect(request.log()).not.toContain('very-secret-token');
  });

  test('a failure names the line of the Dockerfile and shows the end of the log, without secrets', async () => {
    const request = buildRequest({
      dockerfile: `FROM ${base}\n\nRUN --mount=type=secret,id=token \\\n  cat /run/secrets/token && false\n`,
      target: { secret: ['id=token,env=TOKEN'], dockerfile: 'docker/app.Dockerfile' },
    });
    const failed = buildxBuilder.build(request, peersHost({ TOKEN: 'another-secret' }), {});
    await expect(failed).rejects.toMatchObject({
      code: 'build.failed',
      place: { target: 'app', file: 'docker/app.Dockerfile', line: 3 },
      message: expect.stringContaining('did not complete successfully'),
    });
    await expect(failed).rejects.not.toThrow(/another-secret/);
  });

  test('what the environment would add behind the key does not reach the build', async () => {
    const differences = {
      dockerfile: 'FROM scratch\nCOPY . /\n',
      files: { a: 'a' },
      target: { attestations: { provenance: 'max', sbom: false } },
    } as const;
    const { request, outcome } = await build(differences, { SOURCE_DATE_EPOCH: '1', BUILDX_GIT_LABELS: 'full' });
    const [provenance, ...more] = await statementTexts(request.store, outcome.attestations);
    expect(more).toEqual([]);
    expect(provenance).toContain('"predicate"');
    expect(provenance).not.toContain('SOURCE_DATE_EPOCH');
    expect(await listingOf(request.store, outcome.manifest)).toEqual(['-rw-r--r-- 1980-01-01 a']);
  });

  test('the docker driver pushes by tag, attestations and all, and keeps no image', async () => {
    const { request, outcome } = await build({
      dockerfile: 'FROM scratch\nCOPY . /\n',
      files: { a: `docker driver ${process.pid}` },
      target: { builder: { kind: 'buildx', name: 'default' }, attestations: { provenance: 'max', sbom: false } },
    });
    expect(outcome.attestations).toHaveLength(1);
    expect(request.notices()).toEqual([]);
    const images = await runOk(requirePeer('docker'), ['images', '--digests'], { env: environmentForPeers() });
    expect(images).not.toContain(outcome.pushed.digest);
  });

  test('a builder that is not there is an error that says so', async () => {
    const builder = { kind: 'buildx', name: 'no-such-builder' } as const;
    await expect(build({ target: { builder } })).rejects.toMatchObject({
      code: 'build.builder',
      message: 'the Buildx builder no-such-builder does not answer: no builder "no-such-builder" found',
    });
  });

  test('remembers what RUN made, and an audit’s build does not: it runs anew', async () => {
    // Another mark than in any run before, so that nothing of it is remembered yet.
    const mark = `${process.pid}-${process.hrtime.bigint()}`;
    const dockerfile = `FROM ${base}\nRUN echo ${mark} && cat /proc/sys/kernel/random/uuid > /id\n`;
    const idOf = async (fresh: boolean): Promise<unknown> => {
      const { request, outcome } = await build({ dockerfile, fresh });
      return (await filesOf(request.store, outcome.manifest))['id'];
    };
    const first = await idOf(false);
    expect(first).toMatch(/^[0-9a-f-]{36}\n$/);
    expect(await idOf(false)).toBe(first);
    const anew = await idOf(true);
    expect(anew).toMatch(/^[0-9a-f-]{36}\n$/);
    expect(anew).not.toBe(first);
  });

  test('cancelled, it ends at once and leaves no process and no folder', async () => {
    const stop = new AbortController();
    const mark = `cancelled-${process.pid}-${process.hrtime.bigint()}`;
    const folders: string[] = [];
    const temporaryFolder: Host['files']['temporaryFolder'] = async (name) => {
      const folder = await host.files.temporaryFolder(name);
      folders.push(folder.path);
      return folder;
    };
    const watched = { ...host, files: { ...host.files, temporaryFolder } };
    const dockerfile = `FROM ${base}\nRUN echo "started ${mark}" && sleep 600\n`;
    const request = buildRequest({ dockerfile, target: { labels: { mark } } }, (event) => {
      if (event.kind === 'log' && event.line.endsWith(`started ${mark}`)) stop.abort(new Error('stopped by the test'));
    });
    const build = buildxBuilder.build(request, watched, { signal: stop.signal });
    await expect(build).rejects.toThrow('stopped by the test');
    expect((await run('ps', ['-eo', 'args'])).stdout).not.toContain(mark);
    expect(folders.length).toBeGreaterThan(0);
    for (const folder of folders) expect(existsSync(folder)).toBe(false);
  });
});

/** Paths of manifests that BuildKit asked for after the first `before` requests. */
function manifestsAsked(requests: readonly LoggedRequest[], before: number, prefix: string): readonly string[] {
  return requests
    .slice(before)
    .filter(({ path, userAgent }) => path.startsWith(prefix) && userAgent.includes('buildkit'))
    .map(({ path }) => path)
    .filter((path) => path.includes('/manifests/'));
}
