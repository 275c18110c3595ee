// Base images for the tests, made from static busyboxes without any other registry.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { busyboxPath, requirePeer } from './peers.ts';
import { imageOf, indexOf, rootOf, type TestIndex, writeLayout } from './random-image.ts';
import { runOk } from './run.ts';
import type { TarEntry } from './tar.ts';
import { temporaryFolder } from './temporary-folder.ts';

const architectures = ['amd64', 'arm64'] as const;

/** A busybox for linux/amd64 and linux/arm64: /bin with every applet, /tmp, root in /etc/passwd. */
export async function busyboxImage(): Promise<TestIndex> {
  return forEachArchitecture([], { Cmd: ['/bin/sh'], Env: ['PATH=/bin'] });
}

/**
 * A generator for `--sbom=generator=...`, as BuildKit's protocol has it (docs/attestations/sbom-protocol.md there):
 * it lists the files of $BUILDKIT_SCAN_SOURCE as SPDX in an in-toto statement in $BUILDKIT_SCAN_DESTINATION.
 */
export async function sbomGeneratorImage(): Promise<TestIndex> {
  const entry = { path: 'sbom.sh', content: Buffer.from(sbomScript), mode: 0o755 };
  return forEachArchitecture([entry], { Entrypoint: ['/bin/sh', '/sbom.sh'], Env: ['PATH=/bin'] });
}

/** Pushes content with skopeo, more flags of which may be told. Gives the reference by digest: `127.0.0.1:PORT/REPOSITORY@sha256:...`. */
export async function pushTestIndex(
  host: string,
  repository: string,
  content: TestIndex,
  tag = 'latest',
  more: readonly string[] = [],
): Promise<string> {
  using folder = temporaryFolder('layout');
  writeLayout(folder.path, content, tag);
  const target = `docker://${host}/${repository}:${tag}`;
  const flags = ['copy', '--all', '--preserve-digests', '--dest-tls-verify=false'];
  await runOk(requirePeer('skopeo'), [...flags, ...more, `oci:${folder.path}:${tag}`, target]);
  return `${host}/${repository}@${rootOf(content).digest}`;
}

/** Pushes the busybox image as `HOST/REPOSITORY:latest`. Gives the reference by digest. */
export async function pushBusybox(host: string, repository = 'busybox'): Promise<string> {
  return pushTestIndex(host, repository, await busyboxImage());
}

/** Pushes the SBOM generator as `HOST/REPOSITORY:latest`. Gives the reference by digest. */
export async function pushSbomGenerator(host: string, repository = 'sbom-generator'): Promise<string> {
  return pushTestIndex(host, repository, await sbomGeneratorImage());
}

/** A busybox with a layer and a config of its own. */
export async function forEachArchitecture(
  extra: readonly TarEntry[],
  config: Record<string, unknown>,
): Promise<TestIndex> {
  const applets = await appletNames();
  return indexOf(
    architectures.map((architecture) => {
      const busybox = { path: 'bin/busybox', content: readFileSync(busyboxPath(architecture)), mode: 0o755 };
      const entries = [...folders, busybox, ...applets.map(linkToBusybox), passwd, group];
      return imageOf(extra.length === 0 ? [entries] : [entries, extra], { os: 'linux', architecture }, config);
    }),
  );
}

const folders: readonly TarEntry[] = [
  { path: 'bin/' },
  { path: 'etc/' },
  { path: 'root/', mode: 0o700 },
  { path: 'tmp/', mode: 0o1777 },
];
const passwd = { path: 'etc/passwd', content: Buffer.from('root:x:0:0:root:/root:/bin/sh\n') };
const group = { path: 'etc/group', content: Buffer.from('root:x:0:\n') };

function linkToBusybox(applet: string): TarEntry {
  return { path: join('bin', applet), linkTo: 'busybox', mode: 0o777 };
}

async function appletNames(): Promise<readonly string[]> {
  const own = process.arch === 'arm64' ? 'arm64' : 'amd64';
  const list = await runOk(busyboxPath(own), ['--list']);
  return list.split('\n').filter((name) => name !== '' && name !== 'busybox');
}

const sbomScript = `set -e
name="$(basename "$BUILDKIT_SCAN_SOURCE")"
files="$(cd "$BUILDKIT_SCAN_SOURCE" && find . -type f | sort | while read -r file; do
  printf '%s{"SPDXID":"SPDXRef-%s","fileName":"%s","checksums":[{"algorithm":"SHA256","checksumValue":"%s"}]}' \\
    "$separator" "$(printf %s "$file" | sha256sum | cut -c1-16)" "$file" "$(sha256sum "$file" | cut -d' ' -f1)"
  separator=,
done)"
cat >"$BUILDKIT_SCAN_DESTINATION/$name.spdx.json" <<EOF
{"_type":"https://in-toto.io/Statement/v0.1","predicateType":"https://spdx.dev/Document","predicate":{
"spdxVersion":"SPDX-2.3","dataLicense":"CC0-1.0","SPDXID":"SPDXRef-DOCUMENT","name":"$name",
"documentNamespace":"https://example.com/$name",
"creationInfo":{"created":"1970-01-01T00:00:00Z","creators":["Tool: fanfold-test"]},"files":[$files]}}
EOF
`;
