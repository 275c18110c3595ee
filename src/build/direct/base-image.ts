/** Images that stages are made from or copy from: found for a platform, their config read, their layers indexed when somebody asks. */
import { FanfoldError } from '../../base/errors/error.ts';
import type { Cancel } from '../../base/host/cancel.ts';
import { decompress } from '../../content/oci/decompress.ts';
import type { Descriptor } from '../../content/oci/descriptor.ts';
import type { Digest } from '../../content/oci/digest.ts';
import type { ImageManifest } from '../../content/oci/manifest.ts';
import { isIndexType } from '../../content/oci/media-types.ts';
import { formatPlatform, normalizePlatform, type Platform } from '../../content/oci/platform.ts';
import { readBytes, readManifest } from '../../content/store/copy.ts';
import type { Source } from '../../content/store/store.ts';
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
  const found = bestMatch(manifest.manifests, platform);
  if (found === undefined || depth === 0) {
    throw new FanfoldError('content.platform', `${content.digest} has no image for ${formatPlatform(platform)}`, {
      place: { digest: content.digest, platform: formatPlatform(platform) },
    });
  }
  return await manifestFor(source, found, platform, depth - 1, cancel);
}

/** As containerd matches: the same variant, else for arm the next lower one, else an entry without platform that is an index. */
function bestMatch(manifests: readonly Descriptor[], platform: Platform): Descriptor | undefined {
  for (const wanted of variantsOf(normalizePlatform(platform))) {
    const found = manifests.find((manifest) => {
      if (manifest.platform === undefined) return false;
      const { os, architecture, variant } = normalizePlatform(manifest.platform);
      return os === wanted.os && architecture === wanted.architecture && variant === wanted.variant;
    });
    if (found !== undefined) return found;
  }
  return manifests.find((manifest) => manifest.platform === undefined && isIndexType(manifest.mediaType));
}

function variantsOf(platform: Platform): readonly Platform[] {
  const { os, architecture, variant } = platform;
  const level = /^v(\d+)$/.exec(variant ?? '')?.[1];
  if (level === undefined) return [platform];
  const lowest = architecture === 'arm' ? 5 : 2;
  const levels = Array.from(
    { length: Math.max(0, Number(level) - lowest + 1) },
    (_, less) => `v${Number(level) - less}`,
  );
  const named = levels.map((name): Platform => ({ os, architecture, variant: name }));
  return architecture === 'arm' ? named : [...named, { os, architecture }];
}

async function indexLayers(layers: readonly BaseLayer[], cancel: Cancel): Promise<Folder> {
  const root = newFolder();
  for (const { source, descriptor } of layers) {
    await applyLayer(root, { open: () => decompress(source.read(descriptor, cancel)) });
  }
  return root;
}
