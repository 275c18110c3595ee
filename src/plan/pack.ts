/** Legs to jobs, and jobs to shards: fewest jobs first, for a hosted run is mostly queueing; then the shortest run; within every limit. */
import { FanfoldError } from '../base/errors/error.ts';
import { type CiLimits, githubLimits, maxMatrixJobs } from '../runners/limits.ts';
import { formatDurationMs } from './duration.ts';
import { lateLast } from './late.ts';
import { lateLegs, longestFirst, type TimedLeg } from './order.ts';

/** Legs that one machine builds, one after another. */
export interface Job {
  /** `job-1`, ...: unique in a packing. */
  readonly name: string;
  /** What it runs on, as JSON text (`machineName`): every leg of it runs there. */
  readonly machine: string;
  /** In the order in which they are built. */
  readonly legs: readonly string[];
  readonly durationMs: number;
  /** The most that one leg of it needs of the disk, where that is known. */
  readonly diskBytes?: number;
}

/** A packing: every shard is one matrix. */
export interface Packing {
  readonly shards: readonly (readonly Job[])[];
  /** The longest job. */
  readonly makespanMs: number;
}

/** What a packing must keep. */
export interface PackSetting {
  /** Jobs at the most, over all shards; as many as it takes where absent. */
  readonly jobsMax?: number;
  /** How long a job is meant to run at the most: legs are packed together up to it. */
  readonly jobMs?: number;
  readonly limits?: CiLimits;
}

/** Packed up to this, so that a job that takes longer than it did last time stays within six hours. */
export const defaultJobMs = 2 * 3_600_000;

/**
 * Packs legs. Every leg is in exactly one job, a leg that builds on another is in its job, behind it; the same legs give the same packing.
 * One that failed before is behind the others of its job, and a job of such legs alone is behind the other jobs.
 * @throws FanfoldError `plan.limit` where a group of legs is longer than a job may be, or the jobs that are allowed cannot hold them
 */
export function packLegs(legs: readonly TimedLeg[], setting: PackSetting = {}): Packing {
  const limits = setting.limits ?? githubLimits;
  const jobMs = Math.min(setting.jobMs ?? defaultJobMs, limits.jobMs);
  const units = unitsOf(legs);
  assertFits(units, limits);
  const machines = [...new Set(legs.map(({ machine }) => machine))].sort();
  const perMachine = machines.map((machine) => units.filter((unit) => unit.machine === machine));
  const counts = perMachine.map((own) => fewestJobs(own, jobMs));
  const bins = shareOut(perMachine, counts, setting.jobsMax).flatMap((count, place) =>
    fill(perMachine[place] ?? [], count),
  );
  const tooLong = bins.find(({ durationMs }) => durationMs > limits.jobMs);
  if (tooLong !== undefined) {
    throw overLimit(
      `${bins.length} jobs cannot hold ${legs.length} legs: one would take ${formatDurationMs(tooLong.durationMs)}, and ${limits.name} ends a job after ${formatDurationMs(limits.jobMs)}`,
      'allow more jobs with --jobs-max',
    );
  }
  const ordered = lateBehind(bins, lateLegs(legs));
  const jobs = ordered.map((bin, place): Job => ({ ...bin, name: `job-${place + 1}` }));
  const makespanMs = jobs.reduce((longest, { durationMs }) => Math.max(longest, durationMs), 0);
  return { shards: shardsOf(jobs, Math.min(maxMatrixJobs, limits.matrixJobs)), makespanMs };
}

function lateBehind(bins: readonly Bin[], late: ReadonlySet<string>): readonly Bin[] {
  const ordered = bins.map((bin) => {
    const legs = lateLast(bin.legs, (leg) => late.has(leg));
    return { ...bin, legs, name: legs[0] ?? '' };
  });
  return lateLast(longestFirst(ordered), ({ legs }) => legs.every((leg) => late.has(leg))).map(
    ({ name: _, ...bin }) => bin,
  );
}

/** Legs that must be together: those that build on each other. */
interface Unit {
  readonly name: string;
  readonly machine: string;
  readonly shares: string;
  readonly legs: readonly string[];
  readonly durationMs: number;
}

type Bin = Pick<Job, 'machine' | 'legs' | 'durationMs'>;

function unitsOf(legs: readonly TimedLeg[]): readonly Unit[] {
  const byName = new Map(legs.map((leg) => [leg.name, leg]));
  const rootOf = new Map<string, string>(legs.map(({ name }) => [name, name]));
  const root = (name: string): string => {
    const next = rootOf.get(name) ?? name;
    return next === name ? name : root(next);
  };
  for (const { name, after } of legs) {
    for (const below of after) if (byName.has(below)) rootOf.set(root(name), root(below));
  }
  const groups = groupBy(longestFirst(legs), ({ name }) => root(name));
  const units = [...groups.values()].map((group): Unit => {
    const ordered = belowFirst(group);
    const [first] = ordered;
    return {
      name: first?.name ?? '',
      machine: first?.machine ?? '',
      shares: first?.shares ?? '',
      legs: ordered.map(({ name }) => name),
      durationMs: group.reduce((sum, { durationMs }) => sum + durationMs, 0),
    };
  });
  return longestFirst(units);
}

/** Every leg behind those that it builds on, else in the order given. */
function belowFirst(group: readonly TimedLeg[]): readonly TimedLeg[] {
  const byName = new Map(group.map((leg) => [leg.name, leg]));
  const done = new Set<TimedLeg>();
  const visit = (leg: TimedLeg, above: readonly string[]): void => {
    if (done.has(leg) || above.includes(leg.name)) return;
    for (const name of leg.after) {
      const below = byName.get(name);
      if (below !== undefined) visit(below, [...above, leg.name]);
    }
    done.add(leg);
  };
  for (const leg of group) visit(leg, []);
  return [...done];
}

function assertFits(units: readonly Unit[], limits: CiLimits): void {
  const tooLong = units.find(({ durationMs }) => durationMs > limits.jobMs);
  if (tooLong === undefined) return;
  throw overLimit(
    `${tooLong.legs.join(', ')} would take ${formatDurationMs(tooLong.durationMs)}, and ${limits.name} ends a job after ${formatDurationMs(limits.jobMs)}`,
    'build it on a machine of your own, or in stages that are targets of their own',
  );
}

/** How few jobs hold the units if none is to run longer than `jobMs`, first fit of the longest first. */
function fewestJobs(units: readonly Unit[], jobMs: number): number {
  const free: number[] = [];
  for (const { durationMs } of units) {
    const place = free.findIndex((left) => left >= durationMs);
    if (place >= 0) free[place] = (free[place] ?? 0) - durationMs;
    else free.push(Math.max(0, jobMs - durationMs));
  }
  return free.length;
}

/** Jobs for each machine kind within `jobsMax`: every kind keeps one, the rest goes by what each would need. */
function shareOut(
  machines: readonly (readonly Unit[])[],
  counts: readonly number[],
  jobsMax: number | undefined,
): readonly number[] {
  const wanted = counts.reduce((sum, count) => sum + count, 0);
  if (jobsMax === undefined || wanted <= jobsMax) return counts;
  if (machines.length > jobsMax) {
    throw overLimit(
      `${machines.length} kinds of machines need a job each, and --jobs-max allows ${jobsMax}`,
      `allow ${machines.length} jobs or more`,
    );
  }
  const left = [...counts];
  for (let over = wanted - jobsMax; over > 0; over--) {
    const most = left.indexOf(Math.max(...left));
    left[most] = (left[most] ?? 1) - 1;
  }
  return left;
}

/** Units to `count` jobs: the longest first, each to the job that ends first; of those that end about then, to one that shares with it. */
function fill(units: readonly Unit[], count: number): readonly Bin[] {
  const bins = Array.from({ length: count }, () => ({
    legs: [] as string[],
    shares: new Set<string>(),
    durationMs: 0,
  }));
  for (const unit of units) {
    const soonest = Math.min(...bins.map(({ durationMs }) => durationMs));
    // Building beside what shares its base and stages saves about as much as this.
    const near = bins.filter(({ durationMs }) => durationMs <= soonest + unit.durationMs * sharedPart);
    const bin =
      near.find(({ shares }) => shares.has(unit.shares)) ?? bins.find(({ durationMs }) => durationMs === soonest);
    if (bin === undefined) continue;
    bin.legs.push(...unit.legs);
    bin.shares.add(unit.shares);
    bin.durationMs += unit.durationMs;
  }
  const machine = units[0]?.machine ?? '';
  return bins.filter(({ legs }) => legs.length > 0).map(({ legs, durationMs }) => ({ machine, legs, durationMs }));
}

const sharedPart = 0.25;

/** As few shards as hold the jobs, about equally full. */
function shardsOf(jobs: readonly Job[], atMost: number): readonly (readonly Job[])[] {
  const count = Math.ceil(jobs.length / atMost);
  return Array.from({ length: count }, (_, shard) => jobs.filter((_job, place) => place % count === shard));
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item)) ?? [];
    groups.set(key(item), group);
    group.push(item);
  }
  return groups;
}

function overLimit(message: string, hint: string): FanfoldError {
  return new FanfoldError('plan.limit', message, { hint });
}
