/** The job that publishes: from staging alone, whatever the legs' jobs came to. */
import { FanfoldError } from '../base/errors/error.ts';
import { addSummary } from '../call/github-files.ts';
import { openProject } from '../call/project.ts';
import { publishProject } from '../call/publishing.ts';
import { runName } from '../call/running.ts';
import { machineNeed } from '../plan/machine-need.ts';
import type { Plan, PlannedLeg } from '../plan/planned.ts';
import { describeSummary } from '../report/summary.ts';
import { describeOutcome, describePlannedChanges } from '../report/texts.ts';
import type { Span } from '../report/timeline.ts';
import { type RunOutcome, succeeded, tagsGiven } from '../run/events.ts';
import { describeMachine, machineName } from '../runners/catalog.ts';
import type { Family } from '../source/project/model.ts';
import { giveJobOutputs } from './github/outputs.ts';
import { hearRun } from './heard.ts';
import type { Job } from './job.ts';
import { callOf } from './job-call.ts';

/** @returns 1 where a target failed; in a dry run only where one cannot be planned */
export async function publishJob(job: Job): Promise<number> {
  const { inputs, host, log, style, occasion } = job;
  if (occasion.may !== 'publish' && !inputs.dryRun) {
    throw new FanfoldError('usage.invalid', `nothing may be published here: ${occasion.reason}`, {
      hint: "let the job run only where the plan's output `publish` is true",
    });
  }
  const call = callOf(job);
  const project = await openProject(call);
  const { family } = project;
  const { plan, outcome } = await publishProject(project, call, hearRun(job, family.root).on);
  log.note(inputs.dryRun ? describePlannedChanges(outcome, style) : describeOutcome(outcome, style));
  await giveJobOutputs({ published: JSON.stringify(publishedOf(outcome)) }, job);
  const title = inputs.dryRun ? 'What would be published' : 'Published';
  await addSummary(describeSummary({ title, plan, outcome, spans: spansOf(plan, family, runName(host.env)) }), host);
  return succeeded(outcome) ? 0 : 1;
}

/** By name, so that equal publications give equal outputs. */
function publishedOf({ targets }: RunOutcome): Readonly<Record<string, object>> {
  const sorted = [...targets].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    sorted.flatMap(([name, one]) =>
      'publication' in one ? [[name, { digest: one.publication.digest, tags: tagsGiven(one) }] as const] : [],
    ),
  );
}

/** When this run's own legs were built, as their records have it, or failed, as it was noted. */
function spansOf({ legs }: Plan, { github }: Family, run: string): readonly Span[] {
  return legs.flatMap((planned): readonly Span[] => {
    const ended = endOf(planned);
    if (ended === undefined || run === '' || ended.run !== run) return [];
    const { leg } = planned.keyed;
    const { endMs, durationMs, failed } = ended;
    const runner = describeMachine(machineName(machineNeed(leg), github?.runners));
    return [{ leg: leg.name, runner, startMs: endMs - durationMs, durationMs, failed }];
  });
}

/** How a leg's last build ended; undefined where it was none. */
function endOf(
  planned: PlannedLeg,
): { readonly run: string; readonly endMs: number; readonly durationMs: number; readonly failed: boolean } | undefined {
  if (planned.action === 'reuse') {
    const { run, builtMs, durationMs } = planned.record;
    return { run, endMs: builtMs, durationMs, failed: false };
  }
  if (planned.reason.kind !== 'failed-before') return undefined;
  const { run, failedMs, durationMs } = planned.reason.failure;
  return { run, endMs: failedMs, durationMs, failed: true };
}
