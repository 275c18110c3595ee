/** The job that builds legs: exactly those that the plan gave it. */
import { join } from 'node:path';
import { FanfoldError } from '../base/errors/error.ts';
import { addSummary } from '../call/github-files.ts';
import { legNames, planLegs } from '../call/legs.ts';
import { anewIn, openProject, type Project } from '../call/project.ts';
import { publishWhole } from '../call/publishing.ts';
import { runPlannedLegs } from '../call/running.ts';
import type { LegRecord } from '../ledger/leg-record.ts';
import type { Plan, PlannedLeg } from '../plan/planned.ts';
import type { RunMemory } from '../report/run-memory.ts';
import { describeSummary } from '../report/summary.ts';
import { type RunOutcome, succeeded } from '../run/events.ts';
import { type LegWork, readyBuilder } from './builder.ts';
import { giveJobOutputs } from './github/outputs.ts';
import { hearRun } from './heard.ts';
import type { Job } from './job.ts';
import { callOf } from './job-call.ts';
import { roomFor } from './leg-room.ts';
import { stagedApart, stagedLocally, withReadableStaging } from './other-staging.ts';

/** @returns 1 where a leg failed */
export async function legJob(job: Job): Promise<number> {
  const { inputs, host, log, signal } = job;
  const names = new Set(legNames(inputs.legs));
  const call = callOf(job);
  const opened = await openProject(call);
  const isLocal = staysHere(job, opened);
  const project = isLocal ? withReadableStaging(opened) : opened;
  if (isLocal) log.note(`nothing is pushed: ${inputs.push ? job.occasion.reason : 'the workflow says so'}`);
  const planned = await planLegs(project, names, call, { anew: anewIn(inputs.all) });
  const plan = isLocal ? stagedLocally(planned, stagingFolder(job)) : sharedPlan(planned, opened);
  const heard = hearRun(job, project.family.root);
  const prepareFor = await roomFor(job, project, planned);
  const images = { buildkit: inputs.buildkitImage, binfmt: inputs.binfmtImage };
  await using ready = await readyBuilder(workOf(plan, names), images, host, (line) => log.note(line), { signal });
  // A pull request's content is no release's: it goes to staging, from where a publication takes what it finds right.
  const stagingOnly = inputs.stagingOnly || job.occasion.may !== 'publish';
  const makeRoom = prepareFor(ready.host);
  const manner = { stagingOnly, makeRoom, on: heard.on, ...(isLocal ? { writesCaches: false } : {}) };
  const built = await runPlannedLegs(project, plan, names, callOf(job, ready.host), manner);
  const published = await publishReady(job, project, built, heard);
  const outcome = { legs: built.legs, targets: published.targets };
  const records = recordsOf(built);
  await giveJobOutputs(
    { built: JSON.stringify(Object.fromEntries(records.map(({ leg, record }) => [leg, record.manifest.digest]))) },
    job,
  );
  await addSummary(
    describeSummary({ title: titleOf(names), plan, outcome, tails: heard.tails, spans: heard.spans }),
    host,
  );
  return succeeded(outcome) ? 0 : 1;
}

/** What this job does with its legs, as far as the plan tells. */
function workOf({ legs }: Plan, names: ReadonlySet<string>): LegWork {
  const own = legs.filter(({ keyed }) => names.has(keyed.leg.name));
  const isTested = ({ action, reason, keyed }: PlannedLeg): boolean =>
    keyed.leg.target.test !== undefined && (action === 'build' || reason.kind === 'untested');
  return {
    build: own.filter(({ action }) => action === 'build').map(({ keyed }) => keyed),
    test: own.filter(isTested).map(({ keyed }) => keyed),
  };
}

/** Whether what is built stays on this machine: nobody who may write has asked, or the workflow or the family says so. */
function staysHere({ inputs, occasion }: Job, { family }: Project): boolean {
  return (
    !inputs.push || occasion.may === 'look' || (occasion.may === 'stage' && family.github?.pullRequest === 'build')
  );
}

/** The plan whose legs go to a shared staging; a proposal's may be kept from releases, which are to build it themselves once it is merged. */
function sharedPlan<P extends Plan>(plan: P, { family, event }: Project): P {
  const isApart = family.github?.pullRequest === 'separate' && event.kind.startsWith('pull_request');
  return isApart ? stagedApart(plan) : plan;
}

function stagingFolder({ host }: Job): string {
  const folder = host.env['RUNNER_TEMP'] ?? '';
  if (folder !== '') return join(folder, 'fanfold-staging');
  throw new FanfoldError('usage.invalid', 'RUNNER_TEMP names no folder to build into');
}

/** Publishes the targets of these legs that are complete now, where the workflow wants it; sets and the order of tags hold as ever. */
async function publishReady(
  job: Job,
  project: Project,
  built: RunOutcome,
  heard: RunMemory,
): Promise<Pick<RunOutcome, 'targets'>> {
  const { publish, stagingOnly, all } = job.inputs;
  // Where all is built anew, what staging holds of the other legs may be the old: the last job has them together.
  const isWanted = publish && job.occasion.may === 'publish' && !stagingOnly && !all;
  const own = new Set(recordsOf(built).map(({ leg }) => targetOf(leg, project)));
  if (!isWanted || own.size === 0) return { targets: new Map() };
  return await publishWhole(project, own, callOf(job), heard.on);
}

function targetOf(leg: string, { family }: Project): string {
  return family.targets.find(({ name }) => leg.startsWith(`${name}@`))?.name ?? '';
}

function recordsOf({ legs }: RunOutcome): readonly { readonly leg: string; readonly record: LegRecord }[] {
  return [...legs].flatMap(([leg, one]) => (one.kind === 'failed' ? [] : [{ leg, record: one.record }]));
}

const namesInTitle = 3;

function titleOf(names: ReadonlySet<string>): string {
  const all = [...names];
  const more = all.length > namesInTitle ? ` and ${all.length - namesInTitle} more` : '';
  return `${all.slice(0, namesInTitle).join(', ')}${more}`;
}
