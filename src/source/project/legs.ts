/** A family's legs: each target on each of its platforms. */
import { formatPlatform, type Platform } from '../../content/oci/platform.ts';
import type { Family, Leg, Target } from './model.ts';
import { legName } from './names.ts';

/** All legs, targets in the order of the file, platforms as written. */
export function legsOf(family: Pick<Family, 'targets'>): readonly Leg[] {
  return family.targets.flatMap(legsOfTarget);
}

/** A target's legs, in the order of its platforms. */
export function legsOfTarget(target: Target): readonly Leg[] {
  return target.platforms.map((platform) => ({
    name: legName(target.name, platform),
    target: onPlatform(target, platform),
    platform,
  }));
}

/** The target as it is built on one platform. */
function onPlatform(target: Target, platform: Platform): Target {
  const { perPlatform, cache: commonCache, ...common } = target;
  if (perPlatform === undefined) return target;
  const { args, cache = commonCache, ...own } = perPlatform[formatPlatform(platform)] ?? { args: {} };
  const cached = cache === undefined || cache === 'off' ? {} : { cache };
  return { ...common, ...own, ...cached, args: { ...common.args, ...args } };
}
