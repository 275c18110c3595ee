/** A plan's legs as jobs: what `plan --format` prints, and what it gives to the job that asked. */
import type { Cancel } from '../base/host/cancel.ts';
import type { LegRecord } from '../ledger/leg-record.ts';
import { needsOf } from '../plan/last-builds.ts';
import { matrixOutputs } from '../plan/matrix-output.ts';
import type { Job, Packing } from '../plan/pack.ts';
import type { Plan } from '../plan/planned.ts';
import type { DiskNeed } from '../runners/needs.ts';
import { handedMoment, type Moment } from '../source/inputs/moment.ts';
import { addOutputs } from './github-files.ts';
import type { Project, ProjectCall } from './project.ts';

/**
 * Packs what is to be built, on the family's runners of a CI service. How long legs take, and what they need of a disk that fanfold.yaml does not say, comes
 * from the records of their last builds.
 * @throws FanfoldError `plan.limit`
 */
export async function packPlan(
  plan: Plan,
  jobsMax: number | undefined,
  { family, open }: Pick<Project, 'family' | 'open'>,
  service: 'github' | 'gitlab',
  cancel: Cancel,
): Promise<Packing> {
  const { legsToBuild } = await import('../plan/order.ts');
  const { packLegs } = await import('../plan/pack.ts');
  const { lastBuilds } = await import('../plan/last-builds.ts');
  const { assertRoom } = await import('../plan/fit-disk.ts');
  const last = await lastBuilds(plan.legs, open, cancel);
  const known = new Map([...last].map(([leg, record]) => [leg, likelyMs(record)]));
  const setting = family[service];
  const atMost = jobsMax ?? setting?.jobsMax;
  const legs = legsToBuild(plan.legs, known, setting?.runners);
  const needs = needsOf(plan.legs, last);
  if (service === 'github') assertRoom(legs, needs);
  return withDisks(packLegs(legs, atMost === undefined ? {} : { jobsMax: atMost }), needs);
}

function withDisks(packing: Packing, needs: ReadonlyMap<string, DiskNeed>): Packing {
  const withDisk = (job: Job): Job => {
    const known = job.legs.flatMap((leg) => needs.get(leg)?.bytes ?? []);
    return known.length === 0 ? job : { ...job, diskBytes: Math.max(...known) };
  };
  return { ...packing, shards: packing.shards.map((jobs) => jobs.map(withDisk)) };
}

/** What came out of a cache may have to be made the next time: a limit must leave room for that. */
function likelyMs({ durationMs, fullMs = 0 }: LegRecord): number {
  return Math.max(durationMs, fullMs);
}

/**
 * Adds the packing, and the moment that the jobs after this one must share, to the outputs of the GitHub job that this runs in.
 * @throws FanfoldError `usage.invalid` outside of one; `plan.limit` where they would not fit
 */
export async function giveOutputs(packing: Packing, moment: Moment, { host }: ProjectCall<object>): Promise<void> {
  await addOutputs(matrixOutputs(packing, { moment: handedMoment(moment) }), host);
}
