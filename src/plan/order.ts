/** Legs that are to be built, in the order in which they should begin: what others build on first, then the longest. */
import { machineName } from '../runners/catalog.ts';
import type { RunnerSetting } from '../source/project/github-setting.ts';
import { lateLast, lateNames } from './late.ts';
import { machineNeed } from './machine-need.ts';
import type { PlannedLeg } from './planned.ts';

/** A leg with how long it will probably take. */
export interface TimedLeg {
  readonly name: string;
  /** The names of the legs that it builds on. */
  readonly after: readonly string[];
  /** What it shares with others, so that they are best built on one machine: its base images and its Dockerfile's stages. */
  readonly shares: string;
  /** The machine kind that it needs, as `machineName` has it. */
  readonly machine: string;
  readonly durationMs: number;
  /** Its key failed in a run before. */
  readonly failedBefore?: true;
}

/** Of a leg that was never built. */
export const defaultDurationMs = 10 * 60_000;

/**
 * The legs of a plan that are to be built or tested, longest first, equal ones by name, those that failed before behind the others. `known` holds durations by leg's name, as records have them;
 * a leg without one takes as long as its target's other legs, else the default. `runners` are the family's own.
 */
export function legsToBuild(
  legs: readonly PlannedLeg[],
  known: ReadonlyMap<string, number>,
  runners?: RunnerSetting,
): readonly TimedLeg[] {
  const builds = legs.filter(
    ({ action, reason }) => (action === 'build' && reason.kind !== 'same-key') || reason.kind === 'untested',
  );
  const madeBy = new Map(legs.flatMap((leg) => (leg.action === 'build' ? [[leg.keyed.leg.name, makerOf(leg)]] : [])));
  const timed = builds.map(({ keyed, reason }): TimedLeg => {
    const { leg, inputs } = keyed;
    const platform = leg.name.slice(leg.target.name.length + 1);
    const after = inputs.buildsOn.flatMap((target) => madeBy.get(`${target}@${platform}`) ?? []);
    const bases = inputs.bases.map(({ reference, digest }) => digest ?? reference).sort();
    return {
      name: leg.name,
      after,
      shares: JSON.stringify([inputs.dockerfile.path, leg.target.stage ?? '', bases]),
      machine: machineName(machineNeed(leg), runners),
      durationMs: durationOf(leg.name, leg.target.name, known),
      ...(reason.kind === 'failed-before' ? { failedBefore: true as const } : {}),
    };
  });
  const late = lateLegs(timed);
  return lateLast(longestFirst(timed), ({ name }) => late.has(name));
}

/** The names of the legs that failed before, and of those that build on one. */
export function lateLegs(legs: readonly TimedLeg[]): ReadonlySet<string> {
  const failed = legs.filter(({ failedBefore }) => failedBefore === true).map(({ name }) => name);
  return lateNames(failed, new Map(legs.map(({ name, after }) => [name, after])));
}

/** The leg whose build brings the record of this one. */
function makerOf({ keyed, reason }: PlannedLeg): string {
  return reason.kind === 'same-key' ? reason.leg : keyed.leg.name;
}

function durationOf(leg: string, target: string, known: ReadonlyMap<string, number>): number {
  const own = known.get(leg);
  if (own !== undefined && own > 0) return own;
  const siblings = [...known].filter(([name, durationMs]) => name.startsWith(`${target}@`) && durationMs > 0);
  return siblings.length === 0 ? defaultDurationMs : Math.max(...siblings.map(([, durationMs]) => durationMs));
}

/** Longest first; equal ones by name, so that the same legs have one order. */
export function longestFirst<T extends Pick<TimedLeg, 'durationMs' | 'name'>>(legs: readonly T[]): readonly T[] {
  return [...legs].sort((a, b) => b.durationMs - a.durationMs || (a.name < b.name ? -1 : 1));
}
