/** A plan on this machine: legs side by side within bounds, each target published as soon as its own legs are there. */
import { FanfoldError, messageOf } from '../base/errors/error.ts';
import type { Cancel } from '../base/host/cancel.ts';
import type { Descriptor } from '../content/oci/descriptor.ts';
import { formatPlatform } from '../content/oci/platform.ts';
import { formatLocation, type Location } from '../content/oci/reference.ts';
import { findRecord } from '../ledger/staging.ts';
import type { Plan, PlannedLeg, PlannedTarget } from '../plan/planned.ts';
import type { TagOrder } from '../publish/settle-tags.ts';
import type { KeyedLeg } from '../source/inputs/leg-inputs.ts';
import type { LegOutcome, RunOutcome } from './events.ts';
import { keepLedgers, type StagedRecord } from './keep-ledger.ts';
import { type LegSetting, runLeg } from './leg.ts';
import { preparePlanned, publishPlanned } from './publish-target.ts';
import { runTasks, type Task } from './schedule.ts';
import { type TaskResult as Result, type SetMember, setOf, setTasks, targetOutcomes } from './sets.ts';
import { testLeg } from './test-leg.ts';

/** How a plan is run. */
export interface RunSetting extends LegSetting {
  /** Legs side by side at the most. */
  readonly atOnce: number;
  /** Whether targets are published once their legs are there. */
  readonly publish: boolean;
  /** What tags are ordered by; without it every tag is taken. */
  readonly order?: TagOrder;
  /** The names of the legs that may be built; of others, which these build on, staging must have the record. All where absent. */
  readonly only?: ReadonlySet<string>;
}

/**
 * Runs a plan to its end: one target's failure leaves the rest alone. When the signal fires nothing further begins, builders end, and the
 * outcome holds what was done.
 */
export async function runPlan(plan: Plan, setting: RunSetting, cancel: Cancel): Promise<RunOutcome> {
  const legs = plan.legs.map((leg) => legTask(leg, plan, setting, cancel));
  const targets = plan.targets.map((target) => targetTask(target, plan, setting, cancel));
  const sets = setting.publish ? setTasks(plan, setting, targetTaskName, cancel) : [];
  setting.on({
    kind: 'run-started',
    legs: legs.map(({ name }) => name),
    targets: plan.targets.map(({ target }) => target.name),
  });
  const results = await runTasks<Result>(publishEarly(legs, [...sets, ...targets]), setting.atOnce, cancel);
  const outcome = outcomeOf(plan, results);
  if (setting.publish) await keepLedgers(stagedIn(plan, outcome), setting.open, cancel);
  setting.on({ kind: 'run-ended', outcome });
  return outcome;
}

function stagedIn(plan: Plan, { legs }: RunOutcome): readonly StagedRecord[] {
  return plan.legs.flatMap(({ keyed: { leg } }) => {
    const outcome = legs.get(leg.name);
    return outcome === undefined || outcome.kind === 'failed' ? [] : [{ target: leg.target, record: outcome.record }];
  });
}

const targetTaskName = (name: string): string => `publish ${name}`;

/** Publications stand before legs, so that a target that is ready does not wait for others' legs. */
function publishEarly(legs: readonly Task<Result>[], targets: readonly Task<Result>[]): readonly Task<Result>[] {
  return [...targets, ...legs];
}

function legTask(planned: PlannedLeg, plan: Plan, setting: RunSetting, cancel: Cancel): Task<Result> {
  const { leg, inputs } = planned.keyed;
  const needed = plan.legs.filter(
    ({ keyed }) =>
      inputs.buildsOn.includes(keyed.leg.target.name) &&
      formatPlatform(keyed.leg.platform) === formatPlatform(leg.platform),
  );
  return {
    name: leg.name,
    after: [...needed.map(({ keyed }) => keyed.leg.name), ...sameKey(planned)],
    run: async (before) => {
      const outcome = await legOutcome(planned, needed, before, setting, cancel);
      setting.on({ kind: 'leg-ended', leg: leg.name, outcome });
      return { leg: outcome };
    },
  };
}

function sameKey({ reason }: PlannedLeg): readonly string[] {
  return reason.kind === 'same-key' ? [reason.leg] : [];
}

async function legOutcome(
  planned: PlannedLeg,
  needed: readonly PlannedLeg[],
  before: ReadonlyMap<string, Result>,
  setting: RunSetting,
  cancel: Cancel,
): Promise<LegOutcome> {
  const { keyed } = planned;
  const isOthers = setting.only?.has(keyed.leg.name) === false;
  if (planned.action === 'reuse' && (isOthers || planned.reason.kind !== 'untested'))
    return { kind: 'reused', record: planned.record };
  try {
    if (isOthers) return await stagedOutcome(keyed, setting, cancel);
    const outcome = await madeOutcome(planned, needed, before, setting, cancel);
    await testLeg(keyed, outcome.record, setting, cancel);
    return outcome;
  } catch (error) {
    return { kind: 'failed', error: cancel.signal?.aborted === true ? stopped(cancel, error) : error };
  }
}

async function madeOutcome(
  planned: PlannedLeg,
  needed: readonly PlannedLeg[],
  before: ReadonlyMap<string, Result>,
  setting: RunSetting,
  cancel: Cancel,
): Promise<Exclude<LegOutcome, { readonly kind: 'failed' }>> {
  if (planned.action === 'reuse') return { kind: 'reused', record: planned.record };
  const [same] = sameKey(planned).map((name) => recordIn(before.get(name)));
  if (same !== undefined) return { kind: 'reused', record: same };
  const result = await runLeg(planned.keyed, baseRecords(planned, needed, before), setting, cancel);
  return result.built ? { kind: 'built', ...result } : { kind: 'reused', record: result.record };
}

/** A leg that this call may not build: another job may have built it since the plan was made. */
async function stagedOutcome({ leg, key }: KeyedLeg, setting: RunSetting, cancel: Cancel): Promise<LegOutcome> {
  const record = await findRecord(await setting.open(leg.target.staging, cancel), key, cancel);
  if (record !== undefined) return { kind: 'reused', record };
  throw new FanfoldError(
    'run.depends',
    `${leg.name} is not in ${formatLocation(leg.target.staging)}, and it is none of the legs that are to be built here`,
    { place: { target: leg.target.name }, hint: `build it first, or with these: --leg ${leg.name}` },
  );
}

function baseRecords(
  planned: PlannedLeg,
  needed: readonly PlannedLeg[],
  before: ReadonlyMap<string, Result>,
): ReadonlyMap<string, { readonly location: Location; readonly manifest: Descriptor }> {
  const entries = needed.map(({ keyed }) => {
    const record = recordIn(before.get(keyed.leg.name));
    if (record === undefined) throw dependsOnFailed(planned, keyed.leg.name);
    return [keyed.leg.target.name, { location: keyed.leg.target.staging, manifest: record.manifest }] as const;
  });
  return new Map(entries);
}

function recordIn(result: Result | undefined) {
  if (result === undefined || !('leg' in result) || result.leg.kind === 'failed') return undefined;
  return result.leg.record;
}

function targetTask(planned: PlannedTarget, plan: Plan, setting: RunSetting, cancel: Cancel): Task<Result> {
  const own = plan.legs.filter(({ keyed }) => keyed.leg.target.name === planned.target.name);
  return {
    name: targetTaskName(planned.target.name),
    after: own.map(({ keyed }) => keyed.leg.name),
    run: async (before) => {
      const outcome = await targetOutcome(planned, own, plan, before, setting, cancel);
      const isAlone = !setting.publish || setOf(plan, planned.target.name) === undefined;
      if (isAlone && outcome.kind !== 'prepared')
        setting.on({ kind: 'target-ended', target: planned.target.name, outcome });
      return { target: outcome };
    },
  };
}

async function targetOutcome(
  planned: PlannedTarget,
  own: readonly PlannedLeg[],
  plan: Plan,
  before: ReadonlyMap<string, Result>,
  setting: RunSetting,
  cancel: Cancel,
): Promise<SetMember> {
  const { target } = planned;
  const unkeyed = plan.unkeyed.find(({ leg }) => leg.target.name === target.name);
  if (unkeyed !== undefined) return { kind: 'failed', error: unkeyed.error };
  const records = own.map(({ keyed }) => recordIn(before.get(keyed.leg.name)));
  const complete = records.filter((record) => record !== undefined);
  if (complete.length < own.length)
    return { kind: 'failed', error: legsFailed(planned, records.length - complete.length) };
  if (!setting.publish) return { kind: 'built' };
  try {
    const publish = setOf(plan, target.name) === undefined ? publishPlanned : preparePlanned;
    return await publish(planned, complete, setting, cancel);
  } catch (error) {
    return { kind: 'failed', error: cancel.signal?.aborted === true ? stopped(cancel, error) : error };
  }
}

function outcomeOf(plan: Plan, results: ReadonlyMap<string, Result>): RunOutcome {
  const never = new FanfoldError('host.cancelled', 'not begun: the run was stopped');
  const legs = plan.legs.map(({ keyed }) => {
    const result = results.get(keyed.leg.name);
    return [keyed.leg.name, result !== undefined && 'leg' in result ? result.leg : failed(never)] as const;
  });
  return { legs: new Map(legs), targets: targetOutcomes(plan, results, targetTaskName) };
}

function failed(error: unknown): { readonly kind: 'failed'; readonly error: unknown } {
  return { kind: 'failed', error };
}

function stopped(cancel: Cancel, error: unknown): FanfoldError {
  return new FanfoldError('host.cancelled', `stopped: ${messageOf(cancel.signal?.reason)}`, { cause: error });
}

function legsFailed(planned: PlannedTarget, count: number): FanfoldError {
  const { target } = planned;
  const legs = count === 1 ? 'a leg' : `${count} legs`;
  return new FanfoldError('run.failed', `not published, for ${legs} of it failed`, {
    place: { target: target.name },
  });
}

function dependsOnFailed(planned: PlannedLeg, leg: string): FanfoldError {
  return new FanfoldError('run.depends', `${planned.keyed.leg.name} builds on ${leg}, which failed`, {
    place: { target: planned.keyed.leg.target.name },
  });
}
