/** The job that plans: matrices, the moment and what may be published, as outputs; the plan as its summary. */
import { addSummary } from '../call/github-files.ts';
import { packPlan } from '../call/packing.ts';
import { anewIn, openProject, planProject } from '../call/project.ts';
import { matrixOutputs } from '../plan/matrix-output.ts';
import { contentShards, formatShard, type Shard } from '../plan/shard.ts';
import { describePacking } from '../report/packing.ts';
import { describeSummary } from '../report/summary.ts';
import { describePlan } from '../report/texts.ts';
import { handedMoment } from '../source/inputs/moment.ts';
import { annotateError } from './annotations.ts';
import { giveJobOutputs } from './github/outputs.ts';
import type { Job } from './job.ts';
import { callOf } from './job-call.ts';
import { withReadableStaging } from './other-staging.ts';

/** @returns 1 where a leg has no key and no later job of the run would say so */
export async function planJob(job: Job): Promise<number> {
  const { inputs, host, log, style, occasion } = job;
  const call = callOf(job);
  const opened = await openProject(call);
  const project = occasion.may === 'look' ? withReadableStaging(opened) : opened;
  const plan = await planProject(project, call, { anew: anewIn(inputs.all) });
  const packing = await packPlan(plan, inputs.jobsMax, project, 'github', call);
  const publishes = inputs.push && !inputs.dryRun && occasion.may === 'publish';
  log.note(describePlan(plan, style));
  log.note(describePacking(packing, style));
  const given = {
    publish: String(publishes),
    content: contentMatrix(publishes ? contentShards(plan, inputs.contentJobs) : []),
    moment: handedMoment(plan.moment),
    'dry-run': String(inputs.dryRun),
  };
  await giveJobOutputs(matrixOutputs(inputs.dryRun ? { shards: [], makespanMs: 0 } : packing, given), job);
  const why = publishes ? [] : [`Nothing will be published: ${whyNot(job)}.`];
  await addSummary(describeSummary({ title: 'Plan', plan, notes: [...why, ...waiting(plan.deferred ?? [])] }), host);
  for (const { error } of plan.unkeyed) annotateError(error, project.family.root, job);
  const isOverlooked = plan.unkeyed.length > 0 && !publishes;
  return isOverlooked || (plan.unkeyed.length > 0 && plan.legs.length === 0) ? 1 : 0;
}

function waiting(deferred: readonly string[]): readonly string[] {
  if (deferred.length === 0) return [];
  const [what, verb] = deferred.length === 1 ? ['target', 'waits'] : ['targets', 'wait'];
  return [`${deferred.length} ${what} whose refresh is due ${verb} for a later run: refresh-budget has no room.`];
}

/** The matrix of the jobs that copy content; empty where there are none. */
function contentMatrix(shards: readonly Shard[]): string {
  return shards.length === 0 ? '' : JSON.stringify({ include: shards.map((shard) => ({ shard: formatShard(shard) })) });
}

function whyNot({ inputs, occasion }: Job): string {
  if (inputs.dryRun) return 'it is a dry run';
  return inputs.push ? occasion.reason : 'the workflow says so';
}
