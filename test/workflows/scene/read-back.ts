// What stands in a registry, read by skopeo as any user's client would.

import { environmentForPeers, requirePeer } from '../../support/peers.ts';
import { run, runOk } from '../../support/run.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** An image as it was published. */
export interface PublishedImage {
  readonly digest: string;
  /** `linux/amd64`, ... in the index's order, attestations left out. */
  readonly platforms: readonly string[];
}

interface Listed {
  readonly platform?: { readonly os: string; readonly architecture: string };
}

/** The image that a tag names; undefined where it names nothing. Copies all of it away, so that nothing of it can be missing. */
export async function readBack(reference: string): Promise<PublishedImage | undefined> {
  const skopeo = requirePeer('skopeo');
  const env = environmentForPeers();
  const inspected = await run(
    skopeo,
    ['inspect', '--tls-verify=false', '--no-creds', '--raw', `docker://${reference}`],
    { env },
  );
  if (inspected.status !== 0) {
    if (/manifest unknown|name unknown|repository name not known/.test(inspected.stderr)) return undefined;
    throw new Error(`skopeo inspect ${reference}: ${inspected.stderr}`);
  }
  using folder = temporaryFolder('read-back');
  const digestFile = `${folder.path}/digest`;
  const flags = [
    'copy',
    '--all',
    '--preserve-digests',
    '--src-tls-verify=false',
    '--src-no-creds',
    `--digestfile=${digestFile}`,
  ];
  await runOk(skopeo, [...flags, `docker://${reference}`, `oci:${folder.path}/image`], { env });
  const { manifests = [] } = JSON.parse(inspected.stdout) as { manifests?: readonly Listed[] };
  return {
    digest: (await runOk('cat', [digestFile])).trim(),
    platforms: manifests.flatMap(({ platform }) =>
      platform === undefined || platform.os === 'unknown' ? [] : [`${platform.os}/${platform.architecture}`],
    ),
  };
}
