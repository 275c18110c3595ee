/** Which image a Dockerfile's word stands for in one build: what the key resolved, a named context, or another target. */
import { resolve } from 'node:path';
import { FanfoldError } from '../../base/errors/error.ts';
import type { Cancel } from '../../base/host/cancel.ts';
import { type Platform, platformIdentity } from '../../content/oci/platform.ts';
import { parseReference } from '../../content/oci/reference.ts';
import type { NamedContext } from '../../source/project/model.ts';
import type { BuildRequest } from '../builder.ts';
import { type OpenedImage, openImage } from './base-image.ts';

/** Opens images for one build, each once. */
export interface ImageFinder {
  /** @throws FanfoldError `content.missing` where a reference names nothing */
  byReference(reference: string, platform: Platform): Promise<OpenedImage>;
  /** A named context that is an image, a layout or a target. */
  byContext(name: string, context: NamedContext, platform: Platform): Promise<OpenedImage>;
}

interface FinderSetting {
  readonly request: BuildRequest;
  readonly root: string;
}

/** A finder for a build. `root` is the folder that relative layouts are in. */
export function imageFinder(request: BuildRequest, root: string, cancel: Cancel): ImageFinder {
  const opened = new Map<string, Promise<OpenedImage>>();
  const once = (key: string, platform: Platform, open: () => Promise<OpenedImage>): Promise<OpenedImage> => {
    const whole = `${key} ${platformIdentity(platform)}`;
    const found = opened.get(whole) ?? open();
    opened.set(whole, found);
    return found;
  };
  const byReference = (reference: string, platform: Platform) =>
    once(`image ${reference}`, platform, () => openReference({ request, root }, reference, platform, cancel));
  return {
    byReference,
    byContext(name, context, platform) {
      switch (context.kind) {
        case 'image':
          return byReference(context.reference, platform);
        case 'layout':
          return byReference(`oci:${context.reference}`, platform);
        case 'target':
          return once(`target ${context.target}`, platform, () =>
            openTarget(request, context.target, platform, cancel),
          );
        case 'folder':
        case 'git':
          throw new FanfoldError('build.unsupported', `the context ${name} is no image`);
        default:
          return context satisfies never;
      }
    },
  };
}

async function openReference(
  { request, root }: FinderSetting,
  text: string,
  platform: Platform,
  cancel: Cancel,
): Promise<OpenedImage> {
  const reference = parseReference(text);
  const { location } = reference;
  const place = location.kind === 'layout' ? { ...location, path: resolve(root, location.path) } : location;
  const source = await request.open(place, cancel);
  // The leg builds what was keyed, wherever the tag has moved since.
  const keyed = request.keyed.inputs.bases.find((base) => base.reference === text)?.digest;
  const content = await source.resolve(keyed ?? reference.digest ?? reference.tag ?? 'latest', cancel);
  if (content !== undefined) return await openImage(source, content, platform, cancel);
  throw new FanfoldError(
    'content.missing',
    keyed === undefined
      ? `${text} names no image`
      : `${text} was ${keyed} when it was keyed; that is not there any more`,
  );
}

async function openTarget(
  request: BuildRequest,
  target: string,
  platform: Platform,
  cancel: Cancel,
): Promise<OpenedImage> {
  const built = request.buildsOn.get(target);
  if (built === undefined) {
    throw new FanfoldError(
      'build.failed',
      `${request.keyed.leg.name} builds on ${target}, which has no leg for its platform`,
    );
  }
  const source = await request.open(built.location, cancel);
  return await openImage(source, built.manifest, platform, cancel);
}
