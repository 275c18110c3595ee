/** The legs of a family, and the order in which targets are made of each other. */
import { FanfoldError } from '../../base/errors/error.ts';
import { formatPlatform, platformIdentity } from '../../content/oci/platform.ts';
import type { Family, Leg, Target } from '../project/model.ts';

/** The names of the targets that a target builds on, each once, in the order of its contexts. */
export function buildsOn(target: Target): readonly string[] {
  const names = Object.values(target.contexts).flatMap((context) =>
    context.kind === 'target' ? [context.target] : [],
  );
  return [...new Set(names)];
}

/** Finds the leg of another target with the same platform. @throws FanfoldError `inputs.depends` where there is none */
export type LegFinder = (leg: Leg, targetName: string) => Leg;

/** A finder among the legs of a family, which are put in order when one is first asked for. */
export function createLegFinder(legs: readonly Leg[]): LegFinder {
  const nameOf = (target: string, platform: Leg['platform']) => `${target} ${platformIdentity(platform)}`;
  let known: ReadonlyMap<string, Leg> | undefined;
  return (leg, targetName) => {
    known ??= new Map(legs.map((one) => [nameOf(one.target.name, one.platform), one]));
    return known.get(nameOf(targetName, leg.platform)) ?? notThere(leg, targetName);
  };
}

function notThere(leg: Leg, targetName: string): never {
  throw new FanfoldError('inputs.depends', `${leg.name} builds on ${targetName}, which has no leg for that platform`, {
    place: { ...leg.target.place, target: leg.target.name },
    hint: `add ${formatPlatform(leg.platform)} to the platforms of ${targetName}`,
  });
}

/**
 * Follows what a target builds on.
 * @throws FanfoldError `inputs.cycle` naming the chain where that leads back to a target in it
 */
export function assertNoCycle(target: Target, family: Pick<Family, 'targets'>): void {
  if (buildsOn(target).length === 0) return;
  const byName = new Map(family.targets.map((one) => [one.name, one]));
  const done = new Set<string>();
  const visit = (name: string, chain: readonly string[]): void => {
    if (chain.includes(name)) throw cycle(target, [...chain.slice(chain.indexOf(name)), name]);
    if (done.has(name)) return;
    done.add(name);
    const next = byName.get(name);
    for (const below of next === undefined ? [] : buildsOn(next)) visit(below, [...chain, name]);
  };
  visit(target.name, []);
}

function cycle(target: Target, chain: readonly string[]): FanfoldError {
  return new FanfoldError('inputs.cycle', `targets build on each other in a circle: ${chain.join(' → ')}`, {
    place: { ...target.place, target: target.name },
    hint: 'take one `target:` context out of the circle',
  });
}
