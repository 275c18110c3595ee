/** Which image a Dockerfile's word stands for in one build: what the key resolved, a named context, or another target. */
import { FanfoldError } from '../../base/errors/error.ts';
import type { Cancel } from '../../base/host/cancel.ts';
import type { Descriptor } from '../../content/oci/descriptor.ts';
import { type Platform, platformIdentity } from '../../content/oci/platform.ts';
import { parseReference } from '../../content/oci/reference.ts';
import type { Source } from '../../content/store/store.ts';
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

/** A finder for a build. */
export function imageFinder(request: BuildRequest, cancel: Cancel): ImageFinder {
  const opened = new Map<string, Promise<OpenedImage>>();
  const once = (key: string, platform: Platform, open: () => Promise<OpenedImage>): Promise<OpenedImage> => {
    const whole = `${key} ${platformIdentity(platform)}`;
    const found = opened.get(whole) ?? open();
    opened.set(whole, found);
    return found;
  };
  const byReference = (reference: string, platform: Platform) =>
    once(`image ${reference}`, platform, () => openReference(request, reference, platform, cancel));
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
  request: BuildRequest,
  text: string,
  platform: Platform,
  cancel: Cancel,
): Promise<OpenedImage> {
  const reference = parseReference(text);
  const source = await request.open(reference.location, cancel);
  const known = await knownContent(request, text, platform, source, cancel);
  const content = known ?? (await source.resolve(reference.digest ?? reference.tag ?? 'latest', cancel));
  if (content === undefined) throw new FanfoldError('content.missing', `${text} names no image`);
  return await openImage(source, content, platform, cancel);
}

/** What the key says that the reference names: the leg builds what was keyed, wherever the tag has moved since. */
async function knownContent(
  request: BuildRequest,
  text: string,
  platform: Platform,
  source: Source,
  cancel: Cancel,
): Promise<Descriptor | undefined> {
  const { inputs, leg } = request.keyed;
  const base = inputs.bases.find(({ reference }) => reference === text || `oci-layout://${reference}` === text);
  if (base === undefined) return undefined;
  if (base.manifest !== undefined && platformIdentity(platform) === platformIdentity(leg.platform))
    return base.manifest;
  if (base.digest === undefined) return undefined;
  const found = await source.resolve(base.digest, cancel);
  if (found === undefined)
    throw new FanfoldError(
      'content.missing',
      `${text} was ${base.digest} when it was keyed, which is not there any more`,
    );
  return found;
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
