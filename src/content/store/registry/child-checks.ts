/** Whether a registry refuses an index whose manifests it lacks: some take it ("sparse"), and only a try tells. */
import { type Cancel, throwIfCancelled } from '../../../base/host/cancel.ts';
import { describe } from '../../oci/descriptor.ts';
import { digestOf } from '../../oci/digest.ts';
import { makeIndex, serializeManifest } from '../../oci/manifest.ts';
import { ociTypes } from '../../oci/media-types.ts';
import { type Platform, platformIdentity } from '../../oci/platform.ts';
import { isUnknownBlob, manifestUrl } from './manifests.ts';
import { RegistryError } from './response.ts';
import { pushScope, type Repository } from './session.ts';

/**
 * Whether it checks the manifests of every one of these platforms: distribution 3 can be told to check some platforms and leave others.
 * Asked once for each account of a registry and platform; a registry that takes the index keeps one of it, always the same bytes.
 */
export async function checksChildren(
  repository: Repository,
  platforms: readonly Platform[],
  cancel: Cancel,
): Promise<boolean> {
  const answers = await Promise.all(platforms.map((platform) => checks(repository, platform, cancel)));
  return answers.every((answer) => answer);
}

/** One host may serve accounts that are kept in different ways. */
function checks(repository: Repository, platform: Platform, cancel: Cancel): Promise<boolean> {
  const { found } = repository.transport;
  const [account = ''] = repository.name.split('/');
  const asked = `children ${account} ${platformIdentity(platform)}`;
  const known = found.get(asked) ?? refuses(repository, platform, cancel);
  found.set(asked, known);
  return known;
}

/** The manifest of an index that lacks it: nobody has its bytes in a registry, for they are no manifest. */
const absent = new TextEncoder().encode('fanfold: a manifest that is nowhere');

/** What cannot be found out is taken for a no: the manifests are then asked for one by one. */
async function refuses(repository: Repository, platform: Platform, cancel: Cancel): Promise<boolean> {
  const child = { mediaType: ociTypes.manifest, digest: digestOf(absent), size: absent.length, platform };
  const bytes = serializeManifest(makeIndex([child]));
  const { digest, mediaType } = describe(ociTypes.index, bytes);
  const url = manifestUrl(repository, digest);
  const headers = { 'content-type': mediaType, 'content-length': String(bytes.length) };
  try {
    const reply = await repository.transport.send(
      { method: 'PUT', url, headers, body: bytes, scopes: pushScope(repository), expect: [201, 200, 202, 204] },
      cancel,
    );
    await reply.discard();
    return false;
  } catch (error) {
    throwIfCancelled(cancel);
    return error instanceof RegistryError && isUnknownBlob(error);
  }
}
