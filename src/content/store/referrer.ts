/** How a manifest that has a subject is listed (distribution specification 1.1, "Listing Referrers"). */
import { type Descriptor, optional } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { type Manifest, parseManifest } from '../oci/manifest.ts';
import { isManifestType } from '../oci/media-types.ts';

/** The descriptor that a list of `subject`'s referrers holds for this content; undefined where it does not refer to it. */
export function referrerOf(content: Descriptor, bytes: Uint8Array, subject: Digest): Descriptor | undefined {
  if (!isManifestType(content.mediaType)) return undefined;
  const manifest = parseManifest(bytes, content.mediaType);
  return manifest.subject?.digest === subject ? listed(content, manifest) : undefined;
}

/** Type, digest and size, with the manifest's artifact type (for an image, its config's type) and its annotations. */
export function listed(content: Descriptor, manifest: Manifest): Descriptor {
  const fallback = manifest.kind === 'manifest' ? manifest.config.mediaType : undefined;
  return {
    mediaType: content.mediaType,
    digest: content.digest,
    size: content.size,
    ...optional('artifactType', manifest.artifactType ?? fallback),
    ...optional('annotations', manifest.annotations),
  };
}

/** The tag that lists referrers where there is no API for it ("Referrers Tag Schema"): `sha256-<encoded>`, cut to the lengths of the specification. */
export function fallbackTag(subject: Digest): string {
  const colon = subject.indexOf(':');
  return `${subject.slice(0, Math.min(colon, 32))}-${subject.slice(colon + 1, colon + 65)}`;
}
