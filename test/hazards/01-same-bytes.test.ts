// Same bytes everywhere: a leg is built once, and every registry gets the same manifests, attestations included, whose subjects name
// every destination.
//
// The failure comes first, with Buildx alone. Seen when the protection is taken out: without `subjects` the endpoint passes the
// statements on as BuildKit wrote them, and each names the endpoint's own path, which is gone; with one build for each registry the
// digests differ as in the first test.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Builder, BuildOutcome } from '../../src/build/builder.ts';
import { buildxBuilder } from '../../src/build/buildx.ts';
import { commandBuilder } from '../../src/build/command.ts';
import { parseDigest } from '../../src/content/oci/digest.ts';
import { type Location, parseLocation } from '../../src/content/oci/reference.ts';
import { openStores } from '../../src/content/store/open.ts';
import type { LegRecord } from '../../src/ledger/leg-record.ts';
import { desiredTarget } from '../../src/plan/desired.ts';
import { publishTarget } from '../../src/publish/reconcile.ts';
import type { Target } from '../../src/source/project/model.ts';
import { attestedImage } from '../support/attested-image.ts';
import { peersHost, type RequestDifferences } from '../support/build-request.ts';
import { builtLeg } from '../support/built-leg.ts';
import { statementsOf, statementTexts } from '../support/image-content.ts';
import { pushBusybox, pushSbomGenerator } from '../support/images.ts';
import { environmentForPeers, needs, type PeerName, requirePeer } from '../support/peers.ts';
import { imageOf, writeLayout } from '../support/random-image.ts';
import { type Registry, startRegistry } from '../support/registry.ts';
import { run, runOk } from '../support/run.ts';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder.ts';
import { missingBelow, namedDigest } from '../support/whole.ts';

const peers = ['engine', 'docker', 'docker-registry', 'skopeo', 'crane', 'oras'] as const;
const platforms = ['linux/amd64', 'linux/arm64'];
const env = environmentForPeers();
const options = { env, timeoutMs: 180_000 };
const ok = (program: PeerName, ...args: string[]) => runOk(requirePeer(program), args, options);

describe.runIf(needs(...peers))('same bytes everywhere', { timeout: 180_000 }, () => {
  let registries: readonly [Registry, Registry, Registry];
  let folder: TemporaryFolder;
  let dockerfile: string;
  let sbom: string;
  const host = peersHost();
  const stores = openStores(host);
  const open = (location: Location) => stores.open(location);
  const [one, two, three] = [0, 1, 2].map((at) => () => registries[at as 0 | 1 | 2].host) as [
    () => string,
    () => string,
    () => string,
  ];

  beforeAll(async () => {
    registries = [await startRegistry(), await startRegistry(), await startRegistry()];
    folder = temporaryFolder('same-bytes');
    const base = await pushBusybox(one());
    sbom = await pushSbomGenerator(one());
    dockerfile = `FROM ${base}\nRUN uname -m > /machine\nCOPY a.txt /\nCMD ["cat", "/machine", "/a.txt"]\n`;
    mkdirSync(join(folder.path, 'context'));
    writeFileSync(join(folder.path, 'context', 'Dockerfile'), dockerfile);
    writeFileSync(join(folder.path, 'context', 'a.txt'), 'hello\n');
  });
  afterAll(async () => {
    await Promise.all(registries.map((registry) => registry.stop()));
    folder[Symbol.dispose]();
  });

  test('the failure: two exporters give two indexes, and a merge asks for one that is not there', async () => {
    const exporter = (registry: string) => `--output=type=image,name=${registry}/bad/app,push-by-digest=true,push=true`;
    const metadata = join(folder.path, 'metadata.json');
    const flags = ['--platform=linux/amd64', '--network=none', '--provenance=mode=max', `--metadata-file=${metadata}`];
    await ok('docker', 'buildx', 'build', ...flags, exporter(one()), exporter(two()), join(folder.path, 'context'));
    const pushed = await Promise.all(registries.slice(0, 2).map((registry) => pushedIndexes(registry, 'bad/app')));
    expect(pushed.map(({ length }) => length)).toEqual([1, 1]);
    expect(pushed[0]).not.toEqual(pushed[1]);
    const reported: string = JSON.parse(readFileSync(metadata, 'utf8'))['containerimage.digest'];
    const lacking = pushed[0]?.[0] === reported ? two() : one();
    const merge = [
      'buildx',
      'imagetools',
      'create',
      '--tag',
      `${lacking}/bad/app:merged`,
      `${lacking}/bad/app@${reported}`,
    ];
    const merged = await run(requirePeer('docker'), merge, options);
    expect(merged.status).not.toBe(0);
    expect(merged.stderr).toContain('not found');
  });

  test('through Fanfold: one digest on both registries, read and run from each', async () => {
    const destinations = [`${one()}/team/app`, `${two()}/app`];
    const attestations = { provenance: 'max', sbom } as const;
    const legs: LegRecord[] = [];
    let target: Target | undefined;
    for (const platform of platforms) {
      const leg = await buildLeg(buildxBuilder, {
        platform,
        dockerfile,
        files: { 'a.txt': 'hello\n' },
        destinations,
        target: { attestations },
      });
      ({ target } = leg);
      legs.push(leg.record);
      await expectSubjects(leg.outcome, destinations, [
        'https://slsa.dev/provenance/v0.2',
        'https://spdx.dev/Document',
      ]);
    }
    if (target === undefined) throw new Error('nothing was built');
    const { digest } = await publishTarget(desiredTarget(target, legs, ['v1']), open);
    for (const [at, destination] of destinations.entries()) {
      const { host: registry } = registries[at as 0 | 1];
      const repository = destination.slice(destination.indexOf('/') + 1);
      expect(await namedDigest(registry, repository, 'v1')).toBe(digest);
      expect(await missingBelow(registry, repository, 'v1')).toEqual([]);
      await expectReadable(`${destination}:v1`, digest);
    }
  });

  test('provenance v1 passes, too: by the BuildKit at hand, which a command calls', async () => {
    const destinations = [`${one()}/v1/app`, `${two()}/v1/app`];
    const output = '--output=type=image,name=$FANFOLD_REFERENCE,push=true,oci-mediatypes=true';
    const flags = `--platform=$FANFOLD_PLATFORM --attest=type=provenance,mode=max,version=v1 "${output}"`;
    const script = `#!/bin/sh\nexec docker buildx build ${flags} .\n`;
    const files = {
      'build.sh': { text: script, executable: true },
      Dockerfile: 'FROM scratch\nCOPY Dockerfile /\n',
    } as const;
    const builder = { kind: 'command', run: ['./build.sh'] } as const;
    const { outcome } = await buildLeg(commandBuilder, { files, destinations, target: { builder } });
    await expectSubjects(outcome, destinations, ['https://slsa.dev/provenance/v1']);
  });

  test.for(['provenance-v0.2', 'provenance-v1'])('a recorded %s passes with no other byte changed', async (name) => {
    const destinations = [`${one()}/${name}/app`, `${two()}/${name}/app`];
    const image = imageOf([[{ path: 'a.txt', content: Buffer.from(name) }]]);
    const recorded = readFileSync(join(import.meta.dirname, '..', 'fixtures', 'attestations', `${name}.json`), 'utf8');
    const text = recorded.replace(/(?<="sha256":")[0-9a-f]{64}/, image.manifest.digest.split(':')[1] ?? '');
    const predicateType: string = JSON.parse(recorded).predicateType;
    writeLayout(join(folder.path, name), attestedImage(image, [{ predicateType, text }]), 'made');
    const builder = { kind: 'command', run: ['./build.sh'] } as const;
    const script = `#!/bin/sh\nexec cp -r ${folder.path}/${name}/. "$FANFOLD_LAYOUT"\n`;
    const { outcome } = await buildLeg(commandBuilder, {
      files: { 'build.sh': { text: script, executable: true } },
      destinations,
      target: { builder },
    });
    await expectSubjects(outcome, destinations, [predicateType]);
    const [published] = await statementTexts(await open(parseLocation(destinations[0] ?? '')), outcome.attestations);
    const withoutSubjects = (statement: string | undefined) =>
      statement?.replace(/"subject":\[.*?\](?=,"predicate":)/s, '');
    expect(withoutSubjects(published)).toBe(withoutSubjects(text));
  });

  const buildLeg = (builder: Builder, differences: RequestDifferences) =>
    builtLeg(builder, `${three()}/staging/app`, differences, host, stores);

  /** Every destination holds the leg's attestations, whose subjects are every destination with the image's true digest. */
  async function expectSubjects(
    outcome: BuildOutcome,
    destinations: readonly string[],
    types: readonly string[],
  ): Promise<void> {
    const sha256 = parseDigest(outcome.manifest.digest).split(':')[1];
    for (const destination of destinations) {
      const statements = await statementsOf(await open(parseLocation(destination)), outcome.attestations);
      expect(statements.map(({ predicateType }) => predicateType).sort()).toEqual(types);
      for (const { subjects } of statements) {
        const names = subjects.map(({ name }) =>
          decodeURIComponent(name.slice('pkg:docker/'.length).split('@')[0] ?? ''),
        );
        expect(names).toEqual(destinations);
        for (const subject of subjects) expect(subject.digest).toEqual({ sha256 });
      }
    }
  }

  /** Four clients and an engine agree on what stands under a reference. */
  async function expectReadable(reference: string, digest: string): Promise<void> {
    const raw = await ok('docker', 'buildx', 'imagetools', 'inspect', '--raw', reference);
    const shown = JSON.parse(raw).manifests.map(
      (manifest: { platform: { os: string; architecture: string } }) => manifest.platform,
    );
    const unknown = { architecture: 'unknown', os: 'unknown' };
    expect(shown).toEqual([
      { architecture: 'amd64', os: 'linux' },
      unknown,
      { architecture: 'arm64', os: 'linux' },
      unknown,
    ]);
    for (const platform of platforms) {
      const format = `{{ (index .Provenance "${platform}").SLSA.buildType }} {{ len (index .SBOM "${platform}").SPDX.files }}`;
      expect(await ok('docker', 'buildx', 'imagetools', 'inspect', '--format', format, reference)).toMatch(
        /^https:\S+ [1-9]\d*/,
      );
    }
    expect(
      await ok('skopeo', 'inspect', '--tls-verify=false', '--format', '{{.Digest}}', `docker://${reference}`),
    ).toContain(digest);
    expect(await ok('crane', 'digest', '--insecure', reference)).toContain(digest);
    // Platform by platform: crane takes an attestation's statements for compressed layers.
    for (const platform of platforms) {
      await ok('crane', 'validate', '--insecure', `--platform=${platform}`, '--remote', reference);
    }
    expect(await ok('oras', 'manifest', 'fetch', '--plain-http', '--descriptor', reference)).toContain(digest);
    for (const [platform, machine] of [
      ['linux/amd64', 'x86_64'],
      ['linux/arm64', 'aarch64'],
    ] as const) {
      const args = ['run', '--rm', '--network=none', '--pull=always', `--platform=${platform}`, reference];
      expect(await ok('docker', ...args)).toBe(`${machine}\nhello\n`);
    }
    await ok('docker', 'image', 'rm', reference);
  }
});

/** Digests of the indexes that were pushed to a repository, told by the registry's own log and content. */
async function pushedIndexes(registry: Registry, repository: string): Promise<readonly string[]> {
  const prefix = `/v2/${repository}/manifests/`;
  const puts = (await registry.requests()).filter(({ method, path }) => method === 'PUT' && path.startsWith(prefix));
  const digests = [...new Set(puts.map(({ path }) => path.slice(prefix.length)))];
  const types = await Promise.all(
    digests.map(async (digest) => {
      const accept = 'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json';
      const answer = await fetch(`http://${registry.host}${prefix}${digest}`, { method: 'HEAD', headers: { accept } });
      return answer.headers.get('content-type') ?? '';
    }),
  );
  return digests.filter((_, at) => types[at]?.includes('index'));
}
