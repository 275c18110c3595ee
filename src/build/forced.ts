/** Forced images: what a build reads in place of what the Dockerfile names, so that what was keyed is what is built. */
import { FanfoldError } from '../base/errors/error.ts';
import type { Digest } from '../content/oci/digest.ts';
import { formatLocation, type Location, parseReference } from '../content/oci/reference.ts';
import type { BaseImage } from '../source/inputs/leg-inputs.ts';
import type { BuildRequest } from './builder.ts';

/** A name in the Dockerfile, and the image by digest that stands for it. */
export interface ForcedImage {
  /** A reference as the Dockerfile writes it with its variables expanded, or a named context. */
  readonly name: string;
  readonly location: Location;
  readonly digest: Digest;
}

/** The images that a build must read by digest: bases with the digest that the key names, and other targets' legs as staging holds them. */
export function forcedImages(request: Pick<BuildRequest, 'keyed' | 'buildsOn'>): readonly ForcedImage[] {
  return [...forcedBases(request.keyed.inputs.bases), ...forcedTargets(request)];
}

/** The frontend's image by digest, as `BUILDKIT_SYNTAX` takes it; undefined where the Dockerfile names none or the key took no digest. */
export function forcedFrontend(bases: readonly BaseImage[]): string | undefined {
  const frontend = bases.find((base) => base.role === 'frontend');
  if (frontend?.digest === undefined) return undefined;
  return `${formatLocation(parseReference(frontend.reference).location)}@${frontend.digest}`;
}

function forcedBases(bases: readonly BaseImage[]): readonly ForcedImage[] {
  const byName = new Map<string, ForcedImage>();
  for (const { role, reference, context, digest } of bases) {
    // A reference by digest is forced by itself.
    if (role === 'frontend' || digest === undefined || (context === undefined && reference.includes('@'))) continue;
    const name = context ?? reference;
    byName.set(name, { name, location: parseReference(reference).location, digest });
  }
  return [...byName.values()];
}

function forcedTargets({ keyed, buildsOn }: Pick<BuildRequest, 'keyed' | 'buildsOn'>): readonly ForcedImage[] {
  return Object.entries(keyed.leg.target.contexts).flatMap(([name, context]) => {
    if (context.kind !== 'target') return [];
    const built = buildsOn.get(context.target);
    if (built === undefined) {
      throw new FanfoldError('build.failed', `${keyed.leg.name} builds on ${context.target}, which is not built`, {
        place: { target: keyed.leg.target.name },
        hint: `build ${context.target} first`,
      });
    }
    return [{ name, location: built.location, digest: built.manifest.digest }];
  });
}
