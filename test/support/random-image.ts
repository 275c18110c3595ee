// Images from a seed: the same seed gives the same bytes, so no binary needs to be committed.

import { createCipheriv, createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type TarEntry, tarOf } from './tar.ts';

/** OCI's media types, spelled here so that a mistake in the product's own list shows. */
export const mediaTypes = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
} as const;

/** Content with what its descriptor says. */
export interface Blob {
  readonly mediaType: string;
  readonly digest: string;
  readonly sizeBytes: number;
  readonly bytes: Uint8Array;
}

/** A platform's os, architecture and variant, as a descriptor has them. */
export interface TestPlatform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

/** An image of one platform: its manifest, and the config and layers that the manifest names. */
export interface TestImage {
  readonly platform: TestPlatform;
  readonly manifest: Blob;
  readonly config: Blob;
  readonly layers: readonly Blob[];
}

/** An index and its images. */
export interface TestIndex {
  readonly index: Blob;
  readonly images: readonly TestImage[];
}

/** Bytes that do not compress, the same for the same seed and size. */
export function randomBytes(seed: string, sizeBytes: number): Uint8Array {
  const key = createHash('sha256').update(seed).digest();
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(sizeBytes));
}

/** Any bytes as a blob. */
export function blobOf(bytes: Uint8Array, mediaType = 'application/octet-stream'): Blob {
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  return { mediaType, digest, sizeBytes: bytes.length, bytes };
}

/** A value as a JSON blob. */
export function jsonBlob(value: unknown, mediaType: string): Blob {
  return blobOf(Buffer.from(JSON.stringify(value)), mediaType);
}

/** What an image is made of; one layer of 1,000 bytes for linux/amd64 unless told. */
export interface RandomImageOptions {
  readonly platform?: TestPlatform;
  readonly layers?: number;
  /** Bytes of the one file in each layer. */
  readonly layerBytes?: number;
}

/** An image of one platform whose layers are real gzip tars of one file each. */
export function randomImage(seed: string, options: RandomImageOptions = {}): TestImage {
  const { layers = 1, layerBytes = 1000, platform } = options;
  const contents = Array.from({ length: layers }, (_, position) => [
    { path: `file-${position}`, content: randomBytes(`${seed} layer ${position}`, layerBytes) },
  ]);
  return imageOf(contents, platform);
}

/** An index of one random image for each platform. */
export function randomIndex(
  seed: string,
  platforms: readonly TestPlatform[],
  options: Omit<RandomImageOptions, 'platform'> = {},
): TestIndex {
  return indexOf(
    platforms.map((platform) => randomImage(`${seed} ${platformName(platform)}`, { ...options, platform })),
  );
}

/** An image with one layer for each list of entries; `config` is the inner config (Env, Cmd, ...). */
export function imageOf(
  layerEntries: readonly (readonly TarEntry[])[],
  platform: TestPlatform = { os: 'linux', architecture: 'amd64' },
  config: Readonly<Record<string, unknown>> = {},
): TestImage {
  const tars = layerEntries.map(tarOf);
  const layers = tars.map((tar) => blobOf(gzipSync(tar), mediaTypes.layer));
  const rootfs = { type: 'layers', diff_ids: tars.map((tar) => blobOf(tar).digest) };
  const history = tars.map(() => ({ created_by: 'test' }));
  const configBlob = jsonBlob({ ...platform, config, rootfs, history }, mediaTypes.config);
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: descriptorOf(configBlob),
    layers: layers.map(descriptorOf),
  };
  return { platform, manifest: jsonBlob(manifest, mediaTypes.manifest), config: configBlob, layers };
}

/** An index of the images, in their order. */
export function indexOf(images: readonly TestImage[]): TestIndex {
  const manifests = images.map((image) => ({ ...descriptorOf(image.manifest), platform: image.platform }));
  const index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests };
  return { index: jsonBlob(index, mediaTypes.index), images };
}

/** All blobs of an image or index, leaf first, root last, each once. */
export function blobsOf(content: TestImage | TestIndex): readonly Blob[] {
  const blobs =
    'index' in content
      ? [...content.images.flatMap(blobsOf), content.index]
      : [content.config, ...content.layers, content.manifest];
  return [...new Map(blobs.map((blob) => [blob.digest, blob])).values()];
}

/** The blob that stands for the whole: an index, else a manifest. */
export function rootOf(content: TestImage | TestIndex): Blob {
  return 'index' in content ? content.index : content.manifest;
}

/** Media type, digest and size, as JSON has them. */
export function descriptorOf(blob: Blob): { mediaType: string; digest: string; size: number } {
  return { mediaType: blob.mediaType, digest: blob.digest, size: blob.sizeBytes };
}

/** Writes an OCI layout that holds the content under one tag. The folder is made; what it holds already is overwritten. */
export function writeLayout(folder: string, content: TestImage | TestIndex, tag = 'latest'): void {
  mkdirSync(join(folder, 'blobs', 'sha256'), { recursive: true });
  for (const blob of blobsOf(content)) {
    writeFileSync(join(folder, 'blobs', ...blob.digest.split(':')), blob.bytes);
  }
  const root = { ...descriptorOf(rootOf(content)), annotations: { 'org.opencontainers.image.ref.name': tag } };
  writeFileSync(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  writeFileSync(
    join(folder, 'index.json'),
    JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.index, manifests: [root] }),
  );
}

function platformName(platform: TestPlatform): string {
  return [platform.os, platform.architecture, platform.variant].filter(Boolean).join('/');
}
