/** An OCI layout with one image of large layers that do not compress. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Blob, blobOf, descriptorOf, jsonBlob, mediaTypes, randomBytes } from '../test/support/random-image.ts';
import { tarOf } from '../test/support/tar.ts';

/** The image that a layout holds under the tag `latest`. */
export interface LargeImage {
  readonly folder: string;
  /** Digests of all that is uploaded as blobs, the config last. */
  readonly blobDigests: readonly string[];
  readonly manifestDigest: string;
}

/** Writes an image of so many layers, each a gzip of a tar with one file of random bytes from a seed. */
export function writeLargeImage(folder: string, layers: number, layerBytes: number): LargeImage {
  mkdirSync(join(folder, 'blobs', 'sha256'), { recursive: true });
  const written = Array.from({ length: layers }, (_, place) => writeLayer(folder, `layer ${place}`, layerBytes));
  const rootfs = { type: 'layers', diff_ids: written.map(({ diffId }) => diffId) };
  const config = jsonBlob({ os: 'linux', architecture: 'amd64', config: {}, rootfs }, mediaTypes.config);
  const content = { config: descriptorOf(config), layers: written.map(({ descriptor }) => descriptor) };
  const manifest = jsonBlob({ schemaVersion: 2, mediaType: mediaTypes.manifest, ...content }, mediaTypes.manifest);
  for (const blob of [config, manifest]) writeBlob(folder, blob);
  const root = { ...descriptorOf(manifest), annotations: { 'org.opencontainers.image.ref.name': 'latest' } };
  const index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests: [root] };
  writeFileSync(join(folder, 'index.json'), JSON.stringify(index));
  writeFileSync(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  const blobDigests = [...content.layers, content.config].map(({ digest }) => digest);
  return { folder, blobDigests, manifestDigest: manifest.digest };
}

interface WrittenLayer {
  readonly descriptor: { readonly mediaType: string; readonly digest: string; readonly size: number };
  readonly diffId: string;
}

// Only this is kept of a layer: one at a time is in memory.
function writeLayer(folder: string, seed: string, layerBytes: number): WrittenLayer {
  const tar = tarOf([{ path: 'file', content: randomBytes(seed, layerBytes) }]);
  // Stored, not deflated: the bytes are random, and the benchmark is not about gzip.
  const layer = blobOf(gzipSync(tar, { level: 0 }), mediaTypes.layer);
  writeBlob(folder, layer);
  return { descriptor: descriptorOf(layer), diffId: blobOf(tar).digest };
}

function writeBlob(folder: string, blob: Blob): void {
  writeFileSync(join(folder, 'blobs', ...blob.digest.split(':')), blob.bytes);
}
