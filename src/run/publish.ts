/** Publishes what a plan says, from staging alone: no leg is built. */
import { FanfoldError } from '../base/errors/error.ts';
import type { Cancel } from '../base/host/cancel.ts';
import type { Plan, PlannedTarget } from '../plan/planned.ts';
import { createBlobSharing } from '../publish/blob-sharing.ts';
import type { RunOutcome } from './events.ts';
import { keepLedgers } from './keep-ledger.ts';
import { type PublishSetting, preparePlanned, publishPlanned } from './publish-target.ts';
import { runTasks, type Task } from './schedule.ts';
import { type SetMember, setOf, setTasks, type TaskResult, targetOutcomes } from './sets.ts';

const targetsAtOnce = 8;

/** Publishes every target of a plan that staging has whole; one that lacks a leg fails alone, or keeps its set waiting. */
export async function publishPlan(plan: Plan, asked: PublishSetting, cancel: Cancel): Promise<RunOutcome> {
  const setting = { ...asked, sharing: createBlobSharing() };
  const tasks = plan.targets.map((planned): Task<TaskResult> => {
    const { name } = planned.target;
    return {
      name,
      after: [],
      run: async () => {
        const target = await outcomeOf(planned, plan, setting, cancel);
        if (setOf(plan, name) === undefined && target.kind !== 'prepared')
          setting.on({ kind: 'target-ended', target: name, outcome: target });
        return { target };
      },
    };
  });
  const sets = setTasks(plan, setting, (name) => name, cancel);
  const results = await runTasks([...tasks, ...sets], targetsAtOnce, cancel);
  cancel.signal?.throwIfAborted();
  if (setting.dryRun !== true) {
    const staged = plan.legs.flatMap((leg) =>
      leg.action === 'reuse' ? [{ target: leg.keyed.leg.target, record: leg.record }] : [],
    );
    await keepLedgers(staged, setting.open, cancel);
  }
  return { legs: new Map(), targets: targetOutcomes(plan, results, (name) => name) };
}

async function outcomeOf(
  planned: PlannedTarget,
  plan: Plan,
  setting: PublishSetting,
  cancel: Cancel,
): Promise<SetMember> {
  try {
    const unkeyed = plan.unkeyed.find(({ leg }) => leg.target.name === planned.target.name);
    if (unkeyed !== undefined) throw unkeyed.error;
    if (planned.reason.kind === 'legs-to-build') throw incomplete(planned, planned.reason.legs);
    if (planned.reason.kind === 'legs-to-test') throw untested(planned, planned.reason.legs);
    const publish = setOf(plan, planned.target.name) === undefined ? publishPlanned : preparePlanned;
    return await publish(planned, [], setting, cancel);
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

function untested({ target }: PlannedTarget, legs: readonly string[]): FanfoldError {
  return new FanfoldError('publish.untested', `not published: the tests of ${legs.join(', ')} have not passed`, {
    place: { target: target.name },
    hint: `run them: fanfold build --leg ${legs[0] ?? ''}; what is built is not built again`,
  });
}
