/** What a builder made, read back from the store that took it. */
import { FanfoldError } from '../base/errors/error.ts';
import type { Cancel } from '../base/host/cancel.ts';
import type { Descriptor } from '../content/oci/descriptor.ts';
import { legsOf } from '../content/oci/image-index.ts';
import { readManifest } from '../content/store/copy.ts';
import type { BuildOutcome, BuildRequest } from './builder.ts';

/** What was pushed, and what stands in the store for it once attestations' subjects are right. */
export interface Pushed {
  readonly pushed: Descriptor;
  readonly published: Descriptor;
}

/**
 * The one thing that a builder pushed; a manifest that was pushed twice is one.
 * @throws FanfoldError `build.result` where it pushed nothing, or several
 */
export function onlyPush(request: Pick<BuildRequest, 'keyed'>, program: string, pushes: readonly Pushed[]): Pushed {
  const [first, ...more] = [...new Map(pushes.map((push) => [push.pushed.digest, push])).values()];
  if (first !== undefined && more.length === 0) return first;
  const what =
    first === undefined
      ? 'pushed nothing'
      : `pushed ${more.length + 1} images: ${pushes.map(({ pushed }) => pushed.digest).join(', ')}`;
  throw new FanfoldError('build.result', `${request.keyed.leg.name}: ${program} ended well but ${what}`, {
    place: { target: request.keyed.leg.target.name },
    hint: 'push exactly one image, for the one platform of the leg',
  });
}

/**
 * The image manifest and the attestations beside it, of what was published.
 * @throws FanfoldError `build.result` where it is no image of one platform
 */
export async function contentMade(
  request: Pick<BuildRequest, 'keyed' | 'store'>,
  { pushed, published }: Pushed,
  cancel: Cancel,
): Promise<Omit<BuildOutcome, 'builder'>> {
  const { manifest } = await readManifest(request.store, published, cancel);
  if (manifest.kind === 'manifest') return { manifest: published, attestations: [], pushed };
  const [leg, ...more] = legsOf(manifest);
  if (leg === undefined || more.length > 0) {
    throw new FanfoldError(
      'build.result',
      `${request.keyed.leg.name}: the builder made an index of ${more.length + (leg === undefined ? 0 : 1)} images`,
      {
        place: { target: request.keyed.leg.target.name, digest: pushed.digest },
        hint: 'build one image, for the one platform of the leg',
      },
    );
  }
  return { manifest: leg.manifest, attestations: leg.attestations, pushed };
}
