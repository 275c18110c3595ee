/** What stands under a reference: its platforms, their layers and attestations, as plain data. */
import { FanfoldError } from '../base/errors/error.ts';
import type { Cancel } from '../base/host/cancel.ts';
import { attestedImage, isAttestation, isStatement, predicateTypeAnnotation } from '../content/oci/attestation.ts';
import type { Descriptor } from '../content/oci/descriptor.ts';
import type { Digest } from '../content/oci/digest.ts';
import type { ImageManifest, Manifest } from '../content/oci/manifest.ts';
import { formatPlatform } from '../content/oci/platform.ts';
import { formatReference, type Location, type Reference } from '../content/oci/reference.ts';
import { readManifest } from '../content/store/copy.ts';
import type { Source } from '../content/store/store.ts';

/** One image manifest. Sizes in bytes, compressed as they are stored. */
export interface InspectedImage {
  readonly digest: Digest;
  readonly mediaType: string;
  /** Absent for a manifest that no index gives a platform. */
  readonly platform?: string;
  readonly sizeBytes: number;
  readonly layers: readonly { readonly digest: Digest; readonly mediaType: string; readonly sizeBytes: number }[];
  /** Predicate types of the statements that speak of it. */
  readonly attestations: readonly { readonly digest: Digest; readonly predicateTypes: readonly string[] }[];
}

/** What a reference names. */
export interface Inspection {
  readonly reference: string;
  readonly digest: Digest;
  readonly mediaType: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly images: readonly InspectedImage[];
}

/** @throws FanfoldError `content.missing` where the reference names nothing */
export async function inspectReference(
  reference: Reference,
  open: (location: Location, cancel?: Cancel) => Promise<Source>,
  cancel: Cancel = {},
): Promise<Inspection> {
  const source = await open(reference.location, cancel);
  const root = await resolveReference(reference, source, cancel);
  const { manifest } = await readManifest(source, root, cancel);
  const images =
    manifest.kind === 'manifest' ? [imageOf(root, manifest, [])] : await imagesOf(manifest.manifests, source, cancel);
  return {
    reference: formatReference(reference),
    digest: root.digest,
    mediaType: root.mediaType,
    annotations: manifest.annotations ?? {},
    images,
  };
}

/**
 * What a reference names: its digest if it has one, else its tag, else `latest`.
 * @throws FanfoldError `content.missing`
 */
export async function resolveReference(reference: Reference, source: Source, cancel: Cancel = {}): Promise<Descriptor> {
  const root = await source.resolve(reference.digest ?? reference.tag ?? 'latest', cancel);
  if (root !== undefined) return root;
  throw new FanfoldError('content.missing', `${formatReference(reference)} names nothing`, {
    hint: 'see that the name is right, and that you are logged in if the repository is private',
  });
}

async function imagesOf(
  manifests: readonly Descriptor[],
  source: Source,
  cancel: Cancel,
): Promise<readonly InspectedImage[]> {
  const read = await Promise.all(
    manifests.map(async (descriptor) => ({
      descriptor,
      manifest: (await readManifest(source, descriptor, cancel)).manifest,
    })),
  );
  return read.flatMap(({ descriptor, manifest }) => {
    if (manifest.kind === 'index' || isAttestation(descriptor)) return [];
    return [
      imageOf(
        descriptor,
        manifest,
        read.filter((other) => attestedImage(other.descriptor) === descriptor.digest),
      ),
    ];
  });
}

function imageOf(
  descriptor: Descriptor,
  manifest: ImageManifest,
  attestations: readonly { readonly descriptor: Descriptor; readonly manifest: Manifest }[],
): InspectedImage {
  const { digest, mediaType, platform } = descriptor;
  return {
    digest,
    mediaType,
    ...(platform === undefined ? {} : { platform: formatPlatform(platform) }),
    sizeBytes: manifest.config.size + manifest.layers.reduce((sum, { size }) => sum + size, 0),
    layers: manifest.layers.map((layer) => ({
      digest: layer.digest,
      mediaType: layer.mediaType,
      sizeBytes: layer.size,
    })),
    attestations: attestations.map((one) => ({
      digest: one.descriptor.digest,
      predicateTypes: predicateTypes(one.manifest),
    })),
  };
}

function predicateTypes(manifest: Manifest): readonly string[] {
  if (manifest.kind === 'index') return [];
  return manifest.layers.filter(isStatement).map((layer) => layer.annotations?.[predicateTypeAnnotation] ?? 'unknown');
}
