// Attestations are put right: BuildKit's own, pushed by a real builder, and statements at the edges of what is held.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseStatement } from '../../src/content/oci/attestation.ts';
import type { Descriptor } from '../../src/content/oci/descriptor.ts';
import { parseDigest } from '../../src/content/oci/digest.ts';
import type { ImageIndex, ImageManifest } from '../../src/content/oci/manifest.ts';
import { parseManifest } from '../../src/content/oci/manifest.ts';
import { parsePlatform } from '../../src/content/oci/platform.ts';
import { collect } from '../../src/content/store/bytes.ts';
import type { Source } from '../../src/content/store/store.ts';
import { pushBusybox, pushSbomGenerator } from '../support/images.ts';
import { environmentForPeers, needs, requirePeer } from '../support/peers.ts';
import { type Blob, blobOf, descriptorOf, jsonBlob, mediaTypes, randomImage } from '../support/random-image.ts';
import { type Registry, startRegistry } from '../support/registry.ts';
import { runOk } from '../support/run.ts';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder.ts';
import { startRig } from './rig.ts';

const destinations = ['ghcr.io/acme/api', 'docker.io/acme/api', '127.0.0.1:5001/acme/api'];
const mebibyte = 1024 * 1024;

interface Attestation {
  readonly image: string;
  readonly manifest: ImageManifest;
  readonly config: Buffer;
  readonly statements: readonly Buffer[];
}

/** Every attestation of an index as the store has it; each digest and size on the way is checked. */
async function attestationsOf(store: Source, index: Descriptor): Promise<readonly Attestation[]> {
  const read = async (content: Descriptor) => Buffer.from(await collect(content, store.read(content)));
  const parsed = parseManifest(await read(index), index.mediaType) as ImageIndex;
  const named = parsed.manifests.filter((child) => child.annotations?.['vnd.docker.reference.type'] !== undefined);
  return await Promise.all(
    named.map(async (child) => {
      const manifest = parseManifest(await read(child), child.mediaType) as ImageManifest;
      const image = child.annotations?.['vnd.docker.reference.digest'] ?? '';
      expect(parsed.manifests.map(({ digest }) => digest)).toContain(image);
      const statements = await Promise.all(manifest.layers.map(read));
      return { image, manifest, config: await read(manifest.config), statements };
    }),
  );
}

describe.runIf(needs('engine', 'docker', 'docker-registry'))('what BuildKit pushes', () => {
  let registry: Registry;
  let folder: TemporaryFolder;
  let base: string;
  let generator: string;

  beforeAll(async () => {
    registry = await startRegistry();
    folder = temporaryFolder('attestations');
    base = await pushBusybox(registry.host);
    generator = await pushSbomGenerator(registry.host);
    mkdirSync(join(folder.path, 'context'));
    writeFileSync(join(folder.path, 'context', 'Dockerfile'), `FROM ${base}\nRUN uname -m > /machine\n`);
  });
  afterAll(async () => {
    await registry.stop();
    folder[Symbol.dispose]();
  });

  const build = async (reference: string, more: readonly string[]): Promise<string> => {
    const output = ['--output', `type=image,name=${reference},push-by-digest=true,push=true`];
    const args = ['buildx', 'build', '--network', 'none', ...output, '--metadata-file', 'metadata.json', ...more];
    const options = { cwd: folder.path, env: environmentForPeers(), timeoutMs: 120_000 };
    await runOk(requirePeer('docker'), [...args, 'context'], options);
    return JSON.parse(readFileSync(join(folder.path, 'metadata.json'), 'utf8'))['containerimage.digest'];
  };

  const cases = [
    { name: 'provenance v0.2 and an SBOM', flags: ['--provenance=mode=max,version=v0.2'], sbom: true, count: 2 },
    { name: 'provenance v1', flags: ['--provenance=mode=max,version=v1'], sbom: false, count: 1 },
    { name: 'a little provenance', flags: ['--provenance=mode=min'], sbom: false, count: 1 },
  ];
  const legs = cases.flatMap((one) => [
    { ...one, platform: 'linux/amd64' },
    { ...one, platform: 'linux/arm64' },
  ]);
  test.for(legs)('$name, $platform', async ({ flags, sbom, count, platform }) => {
    await using rig = await startRig({ platform: parsePlatform(platform), subjects: destinations });
    const sbomFlags = sbom ? ['--sbom', `generator=${generator}`] : [];
    const digest = await build(rig.endpoint.reference, ['--platform', platform, ...flags, ...sbomFlags]);
    const [committed, ...more] = await rig.endpoint.finish();
    if (committed === undefined) throw new Error('nothing was committed');
    expect(more).toEqual([]);
    expect(committed.pushed.digest).toBe(digest);
    expect(committed.published.digest).not.toBe(digest);
    const [attestation, ...others] = await attestationsOf(rig.store, committed.published);
    if (attestation === undefined) throw new Error('there is no attestation');
    expect(others).toEqual([]);
    expect(attestation.statements).toHaveLength(count);
    for (const statement of attestation.statements) {
      const platformPart = encodeURIComponent(platform);
      expect(parseStatement(statement).subjects).toEqual(
        ['ghcr.io/acme/api', 'acme/api', '127.0.0.1:5001/acme/api'].map((name) => ({
          name: `pkg:docker/${name}@latest?platform=${platformPart}`,
          digest: { sha256: attestation.image.slice(7) },
        })),
      );
      expect(statement.includes(rig.endpoint.repository.slice(0, 32))).toBe(false);
    }
    expect(JSON.parse(attestation.config.toString()).rootfs.diff_ids).toEqual(
      attestation.manifest.layers.map((layer) => layer.digest),
    );
    // What was pushed and replaced is nowhere in the store.
    expect(rig.store.calls.map(({ what }) => what)).not.toContain(digest);
    expect(rig.events.filter(({ kind }) => kind === 'notice')).toEqual([]);
  });

  test('a two-platform push of `tee` keeps every byte, unless subjects are asked for', async () => {
    const flags = ['--platform', 'linux/amd64,linux/arm64', '--provenance=mode=max'];
    await using plain = await startRig({ tags: true });
    const digest = await build(plain.endpoint.reference, flags);
    expect(await plain.endpoint.finish()).toEqual([
      expect.objectContaining({ published: expect.objectContaining({ digest }) }),
    ]);
    await using asked = await startRig({ tags: true, subjects: destinations });
    await build(asked.endpoint.reference, flags);
    const [committed] = await asked.endpoint.finish();
    if (committed === undefined) throw new Error('nothing was committed');
    const attestations = await attestationsOf(asked.store, committed.published);
    expect(attestations.map(({ statements }) => parseStatement(statements[0] ?? Buffer.of()).subjects.length)).toEqual([
      3, 3,
    ]);
  });

  test('the image itself has the digest that BuildKit gave it', async () => {
    await using rig = await startRig({ platform: parsePlatform('linux/amd64'), subjects: destinations });
    await build(rig.endpoint.reference, ['--platform', 'linux/amd64', '--provenance=false']);
    const [committed] = await rig.endpoint.finish();
    expect(committed?.published).toEqual(committed?.pushed);
  });
});

describe('statements of any size', () => {
  const image = randomImage('attested');
  const statementOf = (reference: string, padBytes: number) =>
    jsonBlob(
      {
        _type: 'https://in-toto.io/Statement/v1',
        predicateType: 'https://spdx.dev/Document',
        subject: [{ name: `pkg:docker/${reference}@latest`, digest: { sha256: image.manifest.digest.slice(7) } }],
        predicate: { packages: 'x'.repeat(padBytes) },
      },
      'application/vnd.in-toto+json',
    );
  const attested = (statement: Blob) => {
    const config = jsonBlob(
      { architecture: 'unknown', os: 'unknown', config: {}, rootfs: { type: 'layers', diff_ids: [statement.digest] } },
      mediaTypes.config,
    );
    const manifest = jsonBlob(
      {
        schemaVersion: 2,
        mediaType: mediaTypes.manifest,
        config: descriptorOf(config),
        layers: [
          { ...descriptorOf(statement), annotations: { 'in-toto.io/predicate-type': 'https://spdx.dev/Document' } },
        ],
      },
      mediaTypes.manifest,
    );
    const annotations = {
      'vnd.docker.reference.type': 'attestation-manifest',
      'vnd.docker.reference.digest': image.manifest.digest,
    };
    const index = jsonBlob(
      {
        schemaVersion: 2,
        mediaType: mediaTypes.index,
        manifests: [
          { ...descriptorOf(image.manifest), platform: image.platform },
          { ...descriptorOf(manifest), platform: { os: 'unknown', architecture: 'unknown' }, annotations },
        ],
      },
      mediaTypes.index,
    );
    return { config, manifest, index };
  };

  test.for([
    { name: 'held', padBytes: 10, streamed: false },
    { name: 'of 5 MiB, in the store already when its index comes', padBytes: 5 * mebibyte, streamed: true },
  ])('$name', async ({ padBytes, streamed }) => {
    await using rig = await startRig({ subjects: destinations });
    const statement = statementOf(rig.endpoint.reference, padBytes);
    const { config, manifest, index } = attested(statement);
    await rig.client.push(image);
    for (const blob of [statement, config]) await rig.client.pushBlob(blob);
    await rig.client.pushManifest(manifest);
    expect(rig.store.calls).toHaveLength(streamed ? 1 : 0);
    expect((await rig.client.pushManifest(index, 'latest')).status).toBe(201);
    const [committed] = await rig.endpoint.finish();
    if (committed === undefined) throw new Error('nothing was committed');
    expect(committed.pushed.digest).toBe(index.digest);
    const [attestation] = await attestationsOf(rig.store, committed.published);
    const names = parseStatement(attestation?.statements[0] ?? Buffer.of()).subjects.map(({ name }) => name);
    expect(names).toEqual([
      'pkg:docker/ghcr.io/acme/api@latest',
      'pkg:docker/acme/api@latest',
      'pkg:docker/127.0.0.1:5001/acme/api@latest',
    ]);
    expect(attestation?.manifest.layers[0]?.annotations).toEqual({
      'in-toto.io/predicate-type': 'https://spdx.dev/Document',
    });
  });

  test('a signature that refers to the index refers to what it became; its client still finds what it pushed', async () => {
    await using rig = await startRig({ subjects: destinations });
    const statement = statementOf(rig.endpoint.reference, 1);
    const { config, manifest, index } = attested(statement);
    await rig.client.push(image);
    for (const blob of [statement, config]) await rig.client.pushBlob(blob);
    await rig.client.pushManifest(manifest);
    await rig.client.pushManifest(index, 'latest');
    const referrer = jsonBlob(
      {
        schemaVersion: 2,
        mediaType: mediaTypes.manifest,
        artifactType: 'a/b',
        config: descriptorOf(config),
        layers: [],
        subject: descriptorOf(index),
      },
      mediaTypes.manifest,
    );
    expect((await rig.client.pushManifest(referrer)).status).toBe(201);
    expect((await rig.client.send('GET', `manifests/${index.digest}`)).body.equals(index.bytes)).toBe(true);
    const [first, second] = await rig.endpoint.finish();
    if (first === undefined || second === undefined) throw new Error('not all was committed');
    expect((await rig.store.referrers(first.published.digest)).map(({ digest }) => digest)).toEqual([
      second.published.digest,
    ]);
    expect(await rig.store.referrers(parseDigest(index.digest))).toEqual([]);
  });

  test('the same push twice gives the same digest twice', async () => {
    await using rig = await startRig({ subjects: destinations });
    const statement = statementOf(rig.endpoint.reference, 1);
    const { config, manifest, index } = attested(statement);
    for (const tag of ['a', 'b']) {
      await rig.client.push(image);
      for (const blob of [statement, config]) await rig.client.pushBlob(blob);
      await rig.client.pushManifest(manifest);
      await rig.client.pushManifest(index, tag);
    }
    const [first, second] = await rig.endpoint.finish();
    expect(first?.published).toEqual(second?.published);
  });

  test('an attestation that no index names is left out, for its image is not known', async () => {
    await using rig = await startRig({ subjects: destinations, eager: true });
    const statement = statementOf(rig.endpoint.reference, 1);
    const { config, manifest } = attested(statement);
    for (const blob of [statement, config]) await rig.client.pushBlob(blob);
    await rig.client.pushManifest(manifest);
    expect(await rig.endpoint.finish()).toEqual([]);
    expect(rig.store.calls).toEqual([]);
    expect(rig.events).toEqual([expect.objectContaining({ kind: 'notice' })]);
  });

  test('a statement that is none is refused', async () => {
    await using rig = await startRig({ subjects: destinations });
    const statement = blobOf(Buffer.from('{"payload":"signed"}'), 'application/vnd.in-toto+json');
    const { config, manifest, index } = attested(statement);
    await rig.client.push(image);
    for (const blob of [statement, config]) await rig.client.pushBlob(blob);
    await rig.client.pushManifest(manifest);
    const reply = await rig.client.pushManifest(index, 'latest');
    expect([reply.status, reply.codes]).toEqual([400, ['MANIFEST_INVALID']]);
  });

  test('a predicate that names the endpoint stays, and is told', async () => {
    await using rig = await startRig({ subjects: destinations });
    const named = JSON.parse(Buffer.from(statementOf(rig.endpoint.reference, 1).bytes).toString());
    const statement = jsonBlob(
      { ...named, predicate: { built: rig.endpoint.reference } },
      'application/vnd.in-toto+json',
    );
    const { config, manifest, index } = attested(statement);
    await rig.client.push(image);
    for (const blob of [statement, config]) await rig.client.pushBlob(blob);
    await rig.client.pushManifest(manifest);
    await rig.client.pushManifest(index, 'latest');
    expect(rig.events.filter(({ kind }) => kind === 'notice')).toHaveLength(1);
  });
});
