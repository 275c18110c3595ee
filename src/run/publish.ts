/** Publishes what a plan says, from staging alone: no leg is built. */
import { FanfoldError } from '../base/errors/error.ts';
import type { Cancel } from '../base/host/cancel.ts';
import { optional } from '../content/oci/descriptor.ts';
import type { LegRecord } from '../ledger/leg-record.ts';
import { desiredTarget } from '../plan/desired.ts';
import type { Plan, PlannedTarget } from '../plan/plan.ts';
import type { Open } from '../publish/publication.ts';
import { publishTarget } from '../publish/reconcile.ts';
import type { TagOrder } from '../publish/settle-tags.ts';
import type { RunEvent, RunOutcome, TargetOutcome } from './events.ts';
import { keepLedgers } from './keep-ledger.ts';
import { runTasks } from './schedule.ts';

/** What publications share. */
export interface PublishSetting {
  readonly open: Open;
  readonly dryRun?: boolean;
  /** What tags are ordered by; without it every tag is taken. */
  readonly order?: TagOrder;
  readonly on: (event: RunEvent) => void;
}

/**
 * Publishes one target whose legs are all there; what the plan saw in the destinations is used, where it saw them.
 * @throws FanfoldError `publish.failed`
 */
export async function publishPlanned(
  planned: PlannedTarget,
  records: readonly LegRecord[],
  setting: PublishSetting,
  cancel: Cancel,
): Promise<TargetOutcome> {
  const { target, tags, desired, destinations } = planned;
  const publication = await publishTarget(
    desired ?? desiredTarget(target, records, tags),
    setting.open,
    {
      dryRun: setting.dryRun === true,
      ...optional('order', setting.order),
      ...(desired === undefined ? {} : { planned: destinations }),
      on: (event) => setting.on({ kind: 'target-changed', target: target.name, event }),
    },
    cancel,
  );
  const changed = publication.destinations.some(({ changes, problem }) => changes.length > 0 || problem !== undefined);
  return { kind: changed ? 'published' : 'unchanged', publication };
}

const targetsAtOnce = 8;

/** Publishes every target of a plan that staging has whole; one that lacks a leg fails alone. */
export async function publishPlan(plan: Plan, setting: PublishSetting, cancel: Cancel): Promise<RunOutcome> {
  const tasks = plan.targets.map((planned) => ({
    name: planned.target.name,
    after: [],
    run: async (): Promise<TargetOutcome> => {
      const outcome = await outcomeOf(planned, plan, setting, cancel);
      setting.on({ kind: 'target-ended', target: planned.target.name, outcome });
      return outcome;
    },
  }));
  const targets = await runTasks<TargetOutcome>(tasks, targetsAtOnce, cancel);
  cancel.signal?.throwIfAborted();
  if (setting.dryRun !== true) {
    const staged = plan.legs.flatMap((leg) =>
      leg.action === 'reuse' ? [{ target: leg.keyed.leg.target, record: leg.record }] : [],
    );
    await keepLedgers(staged, setting.open, cancel);
  }
  return { legs: new Map(), targets };
}

async function outcomeOf(
  planned: PlannedTarget,
  plan: Plan,
  setting: PublishSetting,
  cancel: Cancel,
): Promise<TargetOutcome> {
  try {
    const unkeyed = plan.unkeyed.find(({ leg }) => leg.target.name === planned.target.name);
    if (unkeyed !== undefined) throw unkeyed.error;
    if (planned.reason.kind === 'legs-to-build') throw incomplete(planned, planned.reason.legs);
    return await publishPlanned(planned, [], setting, cancel);
  } catch (error) {
    return { kind: 'failed', error };
  }
}

function incomplete({ target }: PlannedTarget, legs: readonly string[]): FanfoldError {
  return new FanfoldError('publish.incomplete', `not published: ${legs.join(', ')} not built yet`, {
    place: { target: target.name },
    hint: 'build them first: fanfold build, or fanfold run for both',
  });
}
