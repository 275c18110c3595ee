/** A leg is one target on one platform: a push of another, or of two, is refused by name. */
import { FanfoldError } from '../../base/errors/error.ts';
import type { Cancel } from '../../base/host/cancel.ts';
import { isAttestation } from '../oci/attestation.ts';
import { asRecord, parsePlatformField } from '../oci/descriptor.ts';
import { parseJson } from '../oci/json.ts';
import type { ImageManifest } from '../oci/manifest.ts';
import { dockerTypes, isManifestType, ociTypes } from '../oci/media-types.ts';
import { formatPlatform, normalizePlatform, type Platform } from '../oci/platform.ts';
import { quoted } from './exchange.ts';
import type { HeldManifest } from './held.ts';
import { type Repository, readWholeBlob } from './repository.ts';

const maxConfigBytes = 4 * 1024 * 1024;

/**
 * Nothing where the path takes every platform, or where the manifest is of the leg's.
 * @throws FanfoldError `endpoint.platform`, and remembers it: the leg fails even if its builder goes on
 */
export async function requirePlatform(repository: Repository, pushed: HeldManifest, cancel: Cancel): Promise<void> {
  const wanted = repository.policy.platform;
  if (wanted === undefined) return;
  const { manifest } = pushed;
  const found =
    manifest.kind === 'index'
      ? manifest.manifests.filter((child) => isManifestType(child.mediaType) && !isAttestation(child))
      : [{ platform: await configPlatform(repository, manifest, cancel) }];
  const platforms = found.flatMap(({ platform }) => (platform === undefined ? [] : [platform]));
  if (found.length <= 1 && platforms.every((platform) => fits(platform, wanted))) return;
  const refusal = refused(platforms, found.length, wanted);
  repository.refusals.push(refusal);
  throw refusal;
}

/** An image's platform by its config; undefined where the manifest is no image's (an attestation, an artifact). */
async function configPlatform(
  repository: Repository,
  { config }: ImageManifest,
  cancel: Cancel,
): Promise<Platform | undefined> {
  if (config.mediaType !== ociTypes.config && config.mediaType !== dockerTypes.config) return undefined;
  const bytes = await readWholeBlob(repository, config, maxConfigBytes, cancel);
  const fields = asRecord(parseJson(bytes, 'the config'), 'the config');
  if (typeof fields['architecture'] !== 'string' || fields['architecture'] === 'unknown') return undefined;
  return parsePlatformField(fields, 'the config');
}

/** Some builders leave the variant out of config and descriptor: then os and architecture decide. */
function fits(found: Platform, wanted: Platform): boolean {
  if (found.os === 'unknown' && found.architecture === 'unknown') return true;
  const [a, b] = [normalizePlatform(found), normalizePlatform(wanted)];
  if (a.os !== b.os || a.architecture !== b.architecture) return false;
  return found.variant === undefined || found.variant === '' || a.variant === b.variant;
}

function refused(platforms: readonly Platform[], images: number, wanted: Platform): FanfoldError {
  const names = platforms.map((platform) => printable(formatPlatform(platform))).join(', ');
  const what = images > 1 ? `${images} images (${names})` : names;
  return new FanfoldError('endpoint.platform', `the builder pushed ${what} to the leg of ${formatPlatform(wanted)}`, {
    place: { platform: formatPlatform(wanted) },
    hint: 'a leg is one platform: let the builder build that platform alone',
  });
}

/** What a client calls a platform may be anything. */
function printable(name: string): string {
  return /^[\w./-]{1,100}$/.test(name) ? name : quoted(name);
}
