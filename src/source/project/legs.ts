/** A family's legs: each target on each of its platforms. */
import type { Family, Leg, Target } from './model.ts';
import { legName } from './names.ts';

/** All legs, targets in the order of the file, platforms as written. */
export function legsOf(family: Pick<Family, 'targets'>): readonly Leg[] {
  return family.targets.flatMap(legsOfTarget);
}

/** A target's legs, in the order of its platforms. */
export function legsOfTarget(target: Target): readonly Leg[] {
  return target.platforms.map((platform) => ({ name: legName(target.name, platform), target, platform }));
}
