/** Legs to one index: a pure function, so equal content has an equal digest whoever merges. */
import { FanfoldError } from '../../base/errors/error.ts';
import { attestedImage, isAttestation, referenceDigestAnnotation, referenceTypeAnnotation } from './attestation.ts';
import { bare, type Descriptor, describe, optional } from './descriptor.ts';
import type { Digest } from './digest.ts';
import { type ImageIndex, makeIndex, serializeManifest } from './manifest.ts';
import {
  comparePlatforms,
  formatPlatform,
  normalizePlatform,
  type Platform,
  platformIdentity,
  unknownPlatform,
} from './platform.ts';

/** What an index takes of a leg: one image manifest and the attestation manifests that speak of it. */
export interface LegContent {
  readonly manifest: Descriptor & { readonly platform: Platform };
  readonly attestations: readonly Descriptor[];
}

/** An index with its bytes. */
export interface MergedIndex {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
  readonly index: ImageIndex;
}

/**
 * One OCI index of a target's legs: by platform in canonical order, each attestation directly behind the manifest that it speaks of,
 * in the order of their digests. Nothing but what the legs determine enters it.
 * @throws FanfoldError `content.platform` where two legs have one platform, `content.invalid` where an attestation speaks of another manifest
 */
export function mergeLegs(
  legs: readonly LegContent[],
  annotations: Readonly<Record<string, string>> = {},
): MergedIndex {
  const sorted = [...legs].sort((a, b) => comparePlatforms(a.manifest.platform, b.manifest.platform));
  refuseTwins(sorted);
  const named = Object.entries(annotations).sort(([a], [b]) => (a < b ? -1 : 1));
  const index = makeIndex(
    sorted.flatMap((leg) => [canonicalManifest(leg.manifest), ...canonicalAttestations(leg)]),
    optional('annotations', named.length === 0 ? undefined : Object.fromEntries(named)),
  );
  const bytes = serializeManifest(index);
  return { descriptor: describe(index.mediaType, bytes), bytes, index };
}

/**
 * What an index is made of: the manifests that are no attestations, each with the attestations that speak of it.
 * Attestations of nothing that is there are left out. Nested indexes are the reader's to flatten first.
 */
export function legsOf(index: ImageIndex): readonly LegContent[] {
  const images = index.manifests.filter((descriptor) => !isAttestation(descriptor));
  return images.map((manifest) => ({
    manifest: { ...manifest, platform: manifest.platform ?? unknownPlatform },
    attestations: index.manifests.filter((other) => isAttestation(other) && attestedImage(other) === manifest.digest),
  }));
}

function refuseTwins(sorted: readonly LegContent[]): void {
  sorted.forEach((leg, place) => {
    const next = sorted[place + 1];
    if (next === undefined || platformIdentity(next.manifest.platform) !== platformIdentity(leg.manifest.platform))
      return;
    const platform = formatPlatform(leg.manifest.platform);
    throw new FanfoldError(
      'content.platform',
      `two manifests for ${platform} in one index: ${leg.manifest.digest} and ${next.manifest.digest}`,
      {
        place: { platform },
        hint: 'give each leg a platform of its own',
      },
    );
  });
}

function canonicalManifest(manifest: LegContent['manifest']): Descriptor {
  return { ...bare(manifest), platform: canonicalPlatform(manifest.platform) };
}

function canonicalPlatform(platform: Platform): Platform {
  const { architecture, os, variant, 'os.version': version, 'os.features': features } = normalizePlatform(platform);
  return {
    architecture,
    os,
    ...optional('os.version', version),
    ...optional('os.features', features),
    ...optional('variant', variant),
  };
}

function canonicalAttestations(leg: LegContent): readonly Descriptor[] {
  const byDigest = [...leg.attestations].sort((a, b) => (a.digest < b.digest ? -1 : 1));
  return byDigest.map((attestation) => attached(attestation, leg.manifest.digest));
}

function attached(attestation: Descriptor, digest: Digest): Descriptor {
  if (attestedImage(attestation) !== digest) {
    throw new FanfoldError('content.invalid', `the attestation ${attestation.digest} does not speak of ${digest}`);
  }
  return {
    ...bare(attestation),
    annotations: { [referenceDigestAnnotation]: digest, [referenceTypeAnnotation]: 'attestation-manifest' },
    platform: { architecture: unknownPlatform.architecture, os: unknownPlatform.os },
  };
}
