/** Manifests and indexes (OCI image specification 1.1, manifest.md and image-index.md; Docker's schema 2), parsed within bounds. */
import { FanfoldError } from '../../base/errors/error.ts';
import { asRecord, type Descriptor, invalid, optional, parseAnnotations, parseDescriptor } from './descriptor.ts';
import { parseJson } from './json.ts';
import { isImageManifestType, isIndexType, ociTypes } from './media-types.ts';

/** An image manifest. */
export interface ImageManifest {
  readonly kind: 'manifest';
  readonly mediaType: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly subject?: Descriptor;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** An image index, or a Docker manifest list. */
export interface ImageIndex {
  readonly kind: 'index';
  readonly mediaType: string;
  readonly manifests: readonly Descriptor[];
  readonly subject?: Descriptor;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Either. */
export type Manifest = ImageManifest | ImageIndex;

/** The size that every registry takes (distribution specification 1.1, "Pushing Manifests"): 4 MiB. */
export const maxManifestBytes = 4 * 1024 * 1024;
/** Layers of a manifest and manifests of an index at the most. */
export const maxDescriptors = 10_000;

/**
 * A manifest or index from its bytes. `mediaType` is what it was announced as (Content-Type, or the descriptor that points to it);
 * a `mediaType` field inside must agree (CVE-2021-41190).
 * @throws FanfoldError `content.invalid`, `content.too-deep`, `host.too-large`
 */
export function parseManifest(bytes: Uint8Array, mediaType: string): Manifest {
  if (bytes.length > maxManifestBytes) {
    throw new FanfoldError(
      'host.too-large',
      `a manifest of ${bytes.length} bytes; at most ${maxManifestBytes} are read`,
    );
  }
  const field = asRecord(parseJson(bytes, 'the manifest'), 'the manifest');
  if (field['mediaType'] !== undefined && field['mediaType'] !== mediaType) {
    throw invalid('manifest.mediaType', `the announced ${mediaType}`);
  }
  if (isIndexType(mediaType)) return parseIndexFields(field, mediaType);
  if (isImageManifestType(mediaType)) return parseManifestFields(field, mediaType);
  throw new FanfoldError('content.invalid', `${JSON.stringify(mediaType)} is not the type of a manifest`);
}

/** The bytes of a manifest or index: fields in the specification's order, compact; equal data gives equal bytes. */
export function serializeManifest(manifest: Manifest): Uint8Array {
  const { mediaType, artifactType, subject, annotations } = manifest;
  const body =
    manifest.kind === 'index'
      ? { manifests: manifest.manifests }
      : { config: manifest.config, layers: manifest.layers };
  return new TextEncoder().encode(
    JSON.stringify({ schemaVersion: 2, mediaType, artifactType, ...body, subject, annotations }),
  );
}

function parseManifestFields(field: Readonly<Record<string, unknown>>, mediaType: string): ImageManifest {
  if ('manifests' in field) throw invalid('manifest', 'an image manifest: it has manifests');
  return {
    kind: 'manifest',
    mediaType,
    config: parseDescriptor(field['config'], 'manifest.config'),
    layers: parseDescriptors(field['layers'], 'manifest.layers'),
    ...parseCommon(field, 'manifest'),
  };
}

function parseIndexFields(field: Readonly<Record<string, unknown>>, mediaType: string): ImageIndex {
  if ('layers' in field || 'config' in field) throw invalid('index', 'an index: it has config or layers');
  return {
    kind: 'index',
    mediaType,
    manifests: parseDescriptors(field['manifests'], 'index.manifests'),
    ...parseCommon(field, 'index'),
  };
}

function parseCommon(field: Readonly<Record<string, unknown>>, where: string) {
  if (field['schemaVersion'] !== 2) throw invalid(`${where}.schemaVersion`, '2');
  const { subject, artifactType } = field;
  return {
    ...optional(
      'subject',
      subject === undefined || subject === null ? undefined : parseDescriptor(subject, `${where}.subject`),
    ),
    ...optional('artifactType', typeof artifactType === 'string' && artifactType !== '' ? artifactType : undefined),
    ...optional('annotations', parseAnnotations(field['annotations'], `${where}.annotations`)),
  };
}

function parseDescriptors(value: unknown, where: string): readonly Descriptor[] {
  // Go clients write an empty list as null.
  if (value === null) return [];
  if (!Array.isArray(value)) throw invalid(where, 'a list');
  if (value.length > maxDescriptors) throw invalid(where, `at most ${maxDescriptors} descriptors`);
  return value.map((item, place) => parseDescriptor(item, `${where}[${place}]`));
}

/** A new index of OCI's type. */
export function makeIndex(
  manifests: readonly Descriptor[],
  more: Pick<ImageIndex, 'annotations' | 'artifactType' | 'subject'> = {},
): ImageIndex {
  return { kind: 'index', mediaType: ociTypes.index, manifests, ...more };
}
