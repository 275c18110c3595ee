// Every real peer works: what one writes, another reads.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { offlineSignFlags, offlineVerifyFlags } from './cosign.ts';
import { pushBusybox, pushSbomGenerator, pushTestIndex } from './images.ts';
import { environmentForPeers, needs, type PeerName, requirePeer } from './peers.ts';
import { blobOf, randomIndex } from './random-image.ts';
import { type Registry, startRegistry } from './registry.ts';
import { runOk } from './run.ts';
import { type TemporaryFolder, temporaryFolder } from './temporary-folder.ts';

const twoPlatforms = [
  { os: 'linux', architecture: 'amd64' },
  { os: 'linux', architecture: 'arm64' },
];
const peers = ['docker-registry', 'skopeo', 'crane', 'oras', 'buildah', 'cosign', 'engine', 'docker'] as const;

describe.runIf(needs(...peers))('peers', () => {
  let registry: Registry;
  let folder: TemporaryFolder;
  let env: Record<string, string>;
  let base: string;

  beforeAll(async () => {
    registry = await startRegistry();
    folder = temporaryFolder('peers');
    env = { ...environmentForPeers(), HOME: folder.path, COSIGN_PASSWORD: '' };
    base = await pushBusybox(registry.host);
    mkdirSync(join(folder.path, 'context'));
    writeFileSync(
      join(folder.path, 'context', 'Dockerfile'),
      `FROM ${base}\nRUN uname -m > /machine && cat /machine\nCMD ["cat", "/machine"]\n`,
    );
  });
  afterAll(async () => {
    await registry.stop();
    folder[Symbol.dispose]();
  });

  const ok = (program: PeerName, ...args: string[]): Promise<string> =>
    runOk(requirePeer(program), args, { cwd: folder.path, env, timeoutMs: 120_000 });

  test('skopeo pushes an index that crane and oras read back', async () => {
    const content = randomIndex('peers', twoPlatforms, { layers: 2 });
    const reference = await pushTestIndex(registry.host, 'random', content);
    expect(await ok('crane', 'digest', '--insecure', `${registry.host}/random:latest`)).toContain(content.index.digest);
    const fetched = await ok('oras', 'manifest', 'fetch', '--plain-http', reference);
    expect(Buffer.from(fetched).equals(content.index.bytes)).toBe(true);
    const layer = content.images[1]?.layers[1];
    await ok('oras', 'blob', 'fetch', '--plain-http', '--output', 'layer', `${registry.host}/random@${layer?.digest}`);
    expect(blobOf(readFileSync(join(folder.path, 'layer'))).digest).toBe(layer?.digest);
    expect(await registry.requests()).toContainEqual(
      expect.objectContaining({ method: 'PUT', path: '/v2/random/manifests/latest', status: 201 }),
    );
  });

  test('buildx builds two platforms, one of them emulated, and pushes by digest; the engine runs them', async () => {
    const output = `type=image,name=${registry.host}/built,push-by-digest=true,push=true`;
    const sbom = `generator=${await pushSbomGenerator(registry.host)}`;
    const attestations = ['--provenance', 'mode=max', '--sbom', sbom];
    const build = ['buildx', 'build', '--platform', 'linux/amd64,linux/arm64', '--network', 'none'];
    await ok('docker', ...build, ...attestations, '--output', output, '--metadata-file', 'metadata.json', 'context');
    const metadata = JSON.parse(readFileSync(join(folder.path, 'metadata.json'), 'utf8'));
    const reference = `${registry.host}/built@${metadata['containerimage.digest']}`;
    const raw = await ok('docker', 'buildx', 'imagetools', 'inspect', '--raw', reference);
    const platforms = JSON.parse(raw).manifests.map((manifest: { platform: unknown }) => manifest.platform);
    const unknown = { os: 'unknown', architecture: 'unknown' };
    expect(platforms).toEqual([...twoPlatforms, unknown, unknown]);
    const format = '{{ range .SBOM }}{{ len .SPDX.files }} {{ end }}';
    expect(await ok('docker', 'buildx', 'imagetools', 'inspect', '--format', format, reference)).toMatch(/^[1-9]/);
    const runs = (platform: string) =>
      ok('docker', 'run', '--rm', '--network', 'none', '--platform', platform, reference);
    expect(await runs('linux/amd64')).toBe('x86_64\n');
    expect(await runs('linux/arm64')).toBe('aarch64\n');
  });

  test('buildah builds from the same base and pushes', async () => {
    await ok('buildah', 'build', '--tls-verify=false', '--network', 'none', '--tag', 'peers-test', 'context');
    await ok('buildah', 'push', '--tls-verify=false', 'peers-test', `docker://${registry.host}/by-buildah:latest`);
    await ok('buildah', 'rmi', 'peers-test');
    expect(await ok('crane', 'config', '--insecure', `${registry.host}/by-buildah`)).toContain('/machine');
  });

  test('cosign signs by key and verifies without a network', async () => {
    const reference = await pushTestIndex(registry.host, 'signed', randomIndex('signed', twoPlatforms));
    await ok('cosign', 'generate-key-pair');
    await ok('cosign', 'sign', '--key', 'cosign.key', ...(await offlineSignFlags()), reference);
    const verify = ['verify', '--key', 'cosign.pub', ...offlineVerifyFlags];
    expect(await ok('cosign', ...verify, reference)).toContain(reference.split('@')[1]);
  });
});
