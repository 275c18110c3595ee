// A base image without layers in any store: what counts is its config.

import { describe as descriptorOf } from '../../src/content/oci/descriptor.ts';
import { makeIndex, serializeManifest } from '../../src/content/oci/manifest.ts';
import { ociTypes } from '../../src/content/oci/media-types.ts';
import { parsePlatform } from '../../src/content/oci/platform.ts';
import type { Store } from '../../src/content/store/store.ts';

/** What an image's config says. */
export interface BaseConfig {
  readonly env?: readonly string[];
  readonly onbuild?: readonly string[];
}

/** Writes an index of one image for each platform and names it. Gives the index's digest. */
export async function writeBase(
  store: Store,
  tag: string,
  configs: Readonly<Record<string, BaseConfig>>,
): Promise<string> {
  const manifests = await Promise.all(
    Object.entries(configs).map(async ([platform, config]) => ({
      ...(await writeImage(store, platform, config)),
      platform: parsePlatform(platform),
    })),
  );
  const index = await write(store, ociTypes.index, serializeManifest(makeIndex(manifests)));
  await store.tag(index, tag);
  return index.digest;
}

async function writeImage(store: Store, platform: string, { env = [], onbuild = [] }: BaseConfig) {
  const { os, architecture } = parsePlatform(platform);
  const body = { os, architecture, rootfs: { type: 'layers', diff_ids: [] }, config: { Env: env, OnBuild: onbuild } };
  const config = await write(store, ociTypes.config, Buffer.from(JSON.stringify(body)));
  const bytes = serializeManifest({ kind: 'manifest', mediaType: ociTypes.manifest, config, layers: [] });
  return await write(store, ociTypes.manifest, bytes);
}

async function write(store: Store, mediaType: string, bytes: Uint8Array) {
  const content = descriptorOf(mediaType, bytes);
  await store.write(content, pieces(bytes));
  return content;
}

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
