/** A built stage into a store: base layers as they are, made layers streamed, then config and manifest. */
import { anyOf, type Cancel, throwIfCancelled } from '../../base/host/cancel.ts';
import type { Descriptor } from '../../content/oci/descriptor.ts';
import type { Digest } from '../../content/oci/digest.ts';
import { writeLayer } from '../../content/oci/layer.ts';
import { type ImageManifest, serializeManifest } from '../../content/oci/manifest.ts';
import { dockerTypes, ociTypes } from '../../content/oci/media-types.ts';
import { normalizePlatform, type Platform } from '../../content/oci/platform.ts';
import { copyGraph, writeBytes } from '../../content/store/copy.ts';
import { createPool } from '../../content/store/pool.ts';
import type { Store, Uploads } from '../../content/store/store.ts';
import { type ImageConfig, serializeImageConfig } from './image-config.ts';
import { layerEntries } from './layer-entries.ts';
import type { Change } from './rootfs.ts';
import type { BuiltStage, StageLayer } from './stage.ts';

/** What the image says of itself beyond what its Dockerfile says. */
export interface ImageWords {
  readonly platform: Platform;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Of all that is made: whole seconds since 1970. */
  readonly epochSeconds: number;
}

/** Writes all of an image and gives its manifest's descriptor, platform included. */
export async function writeImage(
  stage: BuiltStage,
  words: ImageWords,
  store: Store & Uploads,
  cancel: Cancel,
): Promise<Descriptor> {
  const layers = await writeLayers(stage.layers, words, store, cancel);
  const diffIds = layers.map(({ diffId }) => diffId);
  const image = finishedConfig(stage.draft.image, words, diffIds);
  const config = await writeBytes(store, ociTypes.config, serializeImageConfig(image), cancel);
  const manifest: ImageManifest = {
    kind: 'manifest',
    mediaType: ociTypes.manifest,
    config,
    layers: layers.map(({ descriptor }) => descriptor),
    ...(Object.keys(words.annotations).length === 0 ? {} : { annotations: words.annotations }),
  };
  const written = await writeBytes(store, ociTypes.manifest, serializeManifest(manifest), cancel);
  return { ...written, platform: image.platform };
}

interface Written {
  readonly descriptor: Descriptor;
  readonly diffId: Digest;
}

const atOnce = 4;

/** The first failure ends all other work and stays the cause; none is left without an owner. */
async function writeLayers(
  layers: readonly StageLayer[],
  words: ImageWords,
  store: Store & Uploads,
  cancel: Cancel,
): Promise<readonly Written[]> {
  const failure = new AbortController();
  const both = anyOf(cancel, failure.signal);
  const pool = createPool(atOnce);
  const works = layers.map((layer) =>
    pool(async () => {
      throwIfCancelled(both);
      return await writeStageLayer(layer, words, store, both);
    }).catch((error: unknown) => {
      failure.abort(error);
      throw both.signal?.reason ?? error;
    }),
  );
  await Promise.allSettled(works);
  return await Promise.all(works);
}

function finishedConfig(image: ImageConfig, words: ImageWords, diffIds: readonly Digest[]): ImageConfig {
  const labels = { ...image.config.Labels, ...words.labels };
  return {
    ...image,
    created: new Date(words.epochSeconds * 1000).toISOString(),
    platform: finishedPlatform(image.platform, words.platform),
    config: { ...image.config, Labels: labels },
    diffIds,
  };
}

/** As BuildKit: the target's platform, but what the base says of its variant and version stays where the target says nothing. */
function finishedPlatform(base: Platform, target: Platform): Platform {
  const isSame = base.os === target.os && base.architecture === target.architecture;
  return normalizePlatform(isSame ? { ...base, ...target } : target);
}

async function writeStageLayer(
  layer: StageLayer,
  words: ImageWords,
  store: Store & Uploads,
  cancel: Cancel,
): Promise<Written> {
  if (layer.kind === 'made') return await writeMade(layer.changes, words.epochSeconds, store, cancel);
  const { source, descriptor, diffId } = layer.layer;
  await copyGraph(source, store, descriptor, {}, cancel);
  return { descriptor: asOci(descriptor), diffId };
}

async function writeMade(changes: readonly Change[], epochSeconds: number, store: Uploads, cancel: Cancel) {
  const upload = await store.begin(cancel);
  try {
    const entries = layerEntries(changes, epochSeconds);
    const written = await writeLayer(entries, (bytes) => {
      throwIfCancelled(cancel);
      return upload.append(bytes, cancel);
    });
    await upload.commit(written.descriptor.digest, cancel);
    return written;
  } catch (error) {
    await upload.cancel();
    throw error;
  }
}

/** Docker's layers are OCI's under another name: the same bytes. */
function asOci(descriptor: Descriptor): Descriptor {
  const { digest, size, mediaType } = descriptor;
  return { mediaType: mediaType === dockerTypes.layerGzip ? ociTypes.layerGzip : mediaType, digest, size };
}
