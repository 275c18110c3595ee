/** Images that stages are made from or copy from: found for a platform, their config read, their layers indexed when somebody asks. */
import { FanfoldError } from '../../base/errors/error.ts';
import type { Cancel } from '../../base/host/cancel.ts';
import { decompress } from '../../content/oci/decompress.ts';
import type { Descriptor } from '../../content/oci/descriptor.ts';
import type { Digest } from '../../content/oci/digest.ts';
import type { ImageManifest } from '../../content/oci/manifest.ts';
import { formatPlatform, type Platform } from '../../content/oci/platform.ts';
import { readBytes, readManifest } from '../../content/store/copy.ts';
import type { Source } from '../../content/store/store.ts';
import { choosePlatform } from '../../source/inputs/bases.ts';
import { type ImageConfig, maxConfigBytes, parseImageConfig } from './image-config.ts';
import { applyLayer } from './layer-index.ts';
import { type Folder, newFolder } from './node.ts';

/** One layer of an image, and where it is read. */
export interface BaseLayer {
  readonly descriptor: Descriptor;
  readonly diffId: Digest;
  readonly source: Source;
}

/** An image of one platform. */
export interface OpenedImage {
  readonly config: ImageConfig;
  readonly layers: readonly BaseLayer[];
  /** Its file system, read at the first call; not to be changed. */
  root(): Promise<Folder>;
}

/**
 * Opens an image: `content` names its manifest, or an index that has one for `platform`.
 * @throws FanfoldError `content.missing`, `content.invalid`, `content.platform`
 */
export async function openImage(
  source: Source,
  content: Descriptor,
  platform: Platform,
  cancel: Cancel,
): Promise<OpenedImage> {
  const manifest = await manifestFor(source, content, platform, 3, cancel);
  const config = parseImageConfig(await readBytes(source, manifest.config, maxConfigBytes, cancel));
  if (config.diffIds.length !== manifest.layers.length) {
    throw new FanfoldError(
      'content.invalid',
      `${content.digest} has ${manifest.layers.length} layers and a config for ${config.diffIds.length}`,
    );
  }
  const layers = manifest.layers.flatMap((descriptor, place): BaseLayer[] => {
    const diffId = config.diffIds[place];
    return diffId === undefined ? [] : [{ descriptor, diffId, source }];
  });
  let root: Promise<Folder> | undefined;
  return {
    config,
    layers,
    root: () => {
      root ??= indexLayers(layers, cancel);
      return root;
    },
  };
}

async function manifestFor(
  source: Source,
  content: Descriptor,
  platform: Platform,
  depth: number,
  cancel: Cancel,
): Promise<ImageManifest> {
  const { manifest } = await readManifest(source, content, cancel);
  if (manifest.kind === 'manifest') return manifest;
  const found = choosePlatform(manifest.manifests, platform);
  if (found === undefined || depth === 0) {
    throw new FanfoldError('content.platform', `${content.digest} has no image for ${formatPlatform(platform)}`, {
      place: { digest: content.digest, platform: formatPlatform(platform) },
    });
  }
  return await manifestFor(source, found, platform, depth - 1, cancel);
}

async function indexLayers(layers: readonly BaseLayer[], cancel: Cancel): Promise<Folder> {
  const root = newFolder();
  for (const { source, descriptor } of layers) {
    await applyLayer(root, { open: () => decompress(source.read(descriptor, cancel)) });
  }
  return root;
}
