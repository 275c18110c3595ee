/** A plan on this machine, heard as it goes: what commands and jobs that build share. */
import type { Plan } from '../plan/planned.ts';
import type { RunEvent, RunOutcome } from '../run/events.ts';
import type { LegSetting } from '../run/leg.ts';
import { createDiskMeter } from '../runners/sampler.ts';
import { planLegs } from './legs.ts';
import {
  anewIn,
  type KeyValues,
  openProject,
  type Project,
  type ProjectCall,
  type ProjectValues,
  planProject,
} from './project.ts';
import { createTagOrder, markProject, orderProject } from './tag-order.ts';

/** What a call that builds is told. */
export interface RunValues extends ProjectValues, KeyValues {
  /** Legs side by side at the most; by the processors where absent. */
  readonly jobs: number | undefined;
  /** Build every leg, whatever staging holds, and let that be what its key names. */
  readonly all: boolean;
  readonly dryRun: boolean;
  /** Take tags from newer commits and versions, too, and over what is named for good. */
  readonly takeTags?: boolean;
}

/** What a run came to: the plan alone in a dry run. */
export type RunResult =
  | { readonly kind: 'plan'; readonly plan: Plan }
  | { readonly kind: 'outcome'; readonly plan: Plan; readonly outcome: RunOutcome };

/** What becomes of what is built. */
export interface RunManner extends Pick<LegSetting, 'makeRoom'> {
  readonly publish: boolean;
  readonly stagingOnly: boolean;
  /** False where caches of steps are only read, whatever the event is. */
  readonly writesCaches?: boolean;
  readonly on: (event: RunEvent) => void;
}

const processorsMax = 4;

/** Plans and, unless it is a dry run, runs. */
export async function runProject(call: ProjectCall<RunValues>, manner: RunManner): Promise<RunResult> {
  const project = await openProject(call);
  const { all, dryRun, takeTags = false } = call.options;
  const plan = await planProject(project, call, { anew: anewIn(all), publishedAtOnce: manner.publish && !dryRun });
  if (dryRun && !manner.publish) return { kind: 'plan', plan };
  const order = await createTagOrder(project, takeTags, call.host, call);
  if (dryRun) return { kind: 'plan', plan: await orderProject(project, plan, order, call) };
  const { runPlan } = await import('../run/run.ts');
  const setting = { ...(await legSetting(project, call)), ...manner, all, atOnce: atOnce(call), order };
  const outcome = await runPlan(plan, setting, call);
  if (manner.publish && !call.signal.aborted) await markProject(project, outcome, order, call);
  return { kind: 'outcome', plan, outcome };
}

/**
 * Plans and runs the legs of these names, and publishes nothing; what they build on is taken from staging.
 * @throws FanfoldError `usage.invalid` where a name is that of no leg
 */
export async function runLegs(
  call: ProjectCall<RunValues>,
  names: readonly string[],
  manner: Omit<RunManner, 'publish'>,
): Promise<RunResult> {
  const project = await openProject(call);
  const plan = await planLegs(project, new Set(names), call, { anew: anewIn(call.options.all) });
  if (call.options.dryRun) return { kind: 'plan', plan };
  return { kind: 'outcome', plan, outcome: await runPlannedLegs(project, plan, new Set(names), call, manner) };
}

/** Runs a plan of `planLegs`. */
export async function runPlannedLegs(
  project: Project,
  plan: Plan,
  only: ReadonlySet<string>,
  call: ProjectCall<RunValues>,
  manner: Omit<RunManner, 'publish'>,
): Promise<RunOutcome> {
  const { runPlan } = await import('../run/run.ts');
  const own = { publish: false, only, all: call.options.all, atOnce: atOnce(call) };
  const outcome = await runPlan(plan, { ...(await legSetting(project, call)), ...manner, ...own }, call);
  return withUnkeyed(outcome, plan, manner.on);
}

/** A leg without a key fails as a leg where no target speaks for it. */
function withUnkeyed({ legs, targets }: RunOutcome, { unkeyed }: Plan, on: RunManner['on']): RunOutcome {
  const failed = unkeyed.map(({ leg, error }) => [leg.name, { kind: 'failed', error }] as const);
  for (const [leg, outcome] of failed) on({ kind: 'leg-ended', leg, outcome });
  return { legs: new Map([...legs, ...failed]), targets };
}

async function legSetting({ family, open, revision, event }: Project, { host }: ProjectCall<object>) {
  const { createChooser } = await import('./chooser.ts');
  const own = { run: runName(host.env), choose: createChooser(host), meter: createDiskMeter(host) };
  return { family, host, open, revision, ...own, writesCaches: !isProposal(event) };
}

/** What is not merged yet writes no cache: what a release would read of it, nobody has looked at. */
function isProposal({ kind }: Project['event']): boolean {
  return kind.startsWith('pull_request') || kind === 'merge_group';
}

/** What tells a run in records: GitHub's or GitLab's URL of it; else nothing, for a person's machine is nobody's business. */
export function runName(env: Readonly<Record<string, string>>): string {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run, CI_JOB_URL: job } = env;
  if (server !== undefined && repository !== undefined && run !== undefined)
    return `${server}/${repository}/actions/runs/${run}`;
  return job ?? '';
}

function atOnce({ options, host }: ProjectCall<RunValues>): number {
  return options.jobs ?? Math.min(processorsMax, host.processors);
}
