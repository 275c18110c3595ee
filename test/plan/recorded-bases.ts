// The base images of the recorded family: busyboxes for two platforms, told apart by a file of their own, whose tags can move.

import { busyboxImage, pushTestIndex } from '../support/images.ts';
import {
  descriptorOf,
  imageOf,
  indexOf,
  jsonBlob,
  mediaTypes,
  type TestImage,
  type TestIndex,
} from '../support/random-image.ts';

/** Another image under a base's tag: with another mark in it, or another config. */
export interface BaseChange {
  readonly repository: string;
  readonly mark?: string;
  readonly config?: Readonly<Record<string, unknown>>;
}

/** The repositories that the family's Dockerfiles name, and one that none names. */
export const baseRepositories = ['python', 'runtime', 'tools', 'unused'] as const;

/** Moves `HOST/REPOSITORY:latest` to the base of a mark and a config; without them, to what it is at first. */
export async function pushBase(host: string, { repository, mark = 'first', config }: BaseChange): Promise<void> {
  await pushTestIndex(host, repository, await baseOf(`${repository} ${mark}`, config));
}

async function baseOf(mark: string, config: BaseChange['config']): Promise<TestIndex> {
  const busybox = await busyboxImage();
  return indexOf(busybox.images.map((image) => withMark(image, mark, config)));
}

interface ImageConfig {
  readonly config: object;
  readonly rootfs: { readonly diff_ids: readonly string[] };
  readonly history: readonly object[];
}

/** The image with a layer more, in which the mark stands. */
function withMark(image: TestImage, mark: string, inner: BaseChange['config']): TestImage {
  const more = imageOf([[{ path: 'mark', content: Buffer.from(mark) }]], image.platform);
  const [below, above] = [image, more].map(
    ({ config }): ImageConfig => JSON.parse(Buffer.from(config.bytes).toString()),
  ) as [ImageConfig, ImageConfig];
  const rootfs = { type: 'layers', diff_ids: [...below.rootfs.diff_ids, ...above.rootfs.diff_ids] };
  const history = [...below.history, ...above.history];
  const body = { ...image.platform, config: inner ?? below.config, rootfs, history };
  const config = jsonBlob(body, mediaTypes.config);
  const layers = [...image.layers, ...more.layers];
  const parts = { config: descriptorOf(config), layers: layers.map(descriptorOf) };
  const manifest = jsonBlob({ schemaVersion: 2, mediaType: mediaTypes.manifest, ...parts }, mediaTypes.manifest);
  return { platform: image.platform, manifest, config, layers };
}
