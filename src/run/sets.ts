/** Sets in a run: each target's content and index go out by themselves, and the tags of all move when every target is there, or none does. */
import { FanfoldError } from '../base/errors/error.ts';
import type { Cancel } from '../base/host/cancel.ts';
import type { Plan } from '../plan/planned.ts';
import { completeSet } from '../publish/hold-tags.ts';
import { moveTags, withoutTags } from '../publish/move-tags.ts';
import type { PreparedTarget, Publication } from '../publish/publication.ts';
import { setOwner } from '../publish/tag-owner.ts';
import type { TagSet } from '../source/project/model.ts';
import type { LegOutcome, TargetOutcome } from './events.ts';
import { outcomeOfPublication, type PublishSetting } from './publish-target.ts';
import type { Task } from './schedule.ts';

/** A target of a set whose content and index are out, or how it ended without. */
export type SetMember = { readonly kind: 'prepared'; readonly work: PreparedTarget } | TargetOutcome;

/** The set that a target is in. */
export function setOf(plan: Plan, target: string): TagSet | undefined {
  return plan.sets?.find(({ set }) => set.targets.includes(target))?.set;
}

/** What a task of a run comes to. */
export type TaskResult =
  | { readonly leg: LegOutcome }
  | { readonly target: SetMember }
  | { readonly set: ReadonlyMap<string, TargetOutcome> };

/** The tasks that end sets, each after those of its targets (`taskOf` a target's name). Other targets do not wait. */
export function setTasks(
  plan: Plan,
  setting: PublishSetting,
  taskOf: (target: string) => string,
  cancel: Cancel,
): readonly Task<TaskResult>[] {
  return (plan.sets ?? []).map(({ set }) => {
    const names = plan.targets.map(({ target }) => target.name).filter((name) => set.targets.includes(name));
    return {
      // No target's name has a blank.
      name: `set ${set.name}`,
      after: names.map(taskOf),
      run: async (before) => {
        const members = names.map((name) => [name, memberIn(before.get(taskOf(name)))] as const);
        const outcomes = await endSet(set, new Map(members), plan, setting, cancel);
        for (const [target, outcome] of outcomes) setting.on({ kind: 'target-ended', target, outcome });
        return { set: outcomes };
      },
    };
  });
}

/** How every target of a plan ended, by name */
export function targetOutcomes(
  plan: Plan,
  results: ReadonlyMap<string, TaskResult>,
  taskOf: (target: string) => string,
): ReadonlyMap<string, TargetOutcome> {
  const inSets = new Map([...results.values()].flatMap((result) => ('set' in result ? [...result.set] : [])));
  const outcomes = plan.targets.map(({ target: { name } }): readonly [string, TargetOutcome] => {
    const alone = memberIn(results.get(taskOf(name)));
    return [name, inSets.get(name) ?? (alone.kind === 'prepared' ? notBegun() : alone)];
  });
  return new Map(outcomes);
}

function memberIn(result: TaskResult | undefined): SetMember {
  return result !== undefined && 'target' in result ? result.target : notBegun();
}

function notBegun(): TargetOutcome {
  return { kind: 'failed', error: new FanfoldError('host.cancelled', 'not begun: the run was stopped') };
}

/** Ends a set: how each of its targets in the plan ended, by name. Never throws. */
async function endSet(
  set: TagSet,
  members: ReadonlyMap<string, SetMember>,
  plan: Plan,
  setting: PublishSetting,
  cancel: Cancel,
): Promise<ReadonlyMap<string, TargetOutcome>> {
  const works = new Map<string, PreparedTarget>();
  const outcomes = new Map<string, TargetOutcome>();
  for (const [name, member] of members) {
    if (member.kind === 'prepared') works.set(name, member.work);
    else outcomes.set(name, member);
  }
  const waitsFor = set.targets.filter((name) => !works.has(name));
  const ended = await attempt([...works.keys()], () =>
    waitsFor.length === 0 ? moved(set, works, cancel) : held(set, works, waitsFor, plan, setting, cancel),
  );
  return new Map([...outcomes, ...ended]);
}

async function attempt(
  names: readonly string[],
  work: () => Promise<ReadonlyMap<string, TargetOutcome>>,
): Promise<ReadonlyMap<string, TargetOutcome>> {
  try {
    return await work();
  } catch (error) {
    return new Map(names.map((name) => [name, { kind: 'failed', error }]));
  }
}

async function moved(
  set: TagSet,
  works: ReadonlyMap<string, PreparedTarget>,
  cancel: Cancel,
): Promise<ReadonlyMap<string, TargetOutcome>> {
  const results = await moveTags([...works.values()], setOwner(set), cancel);
  const names = [...works.keys()];
  return new Map(
    results.map((result, place): readonly [string, TargetOutcome] => [
      names[place] ?? '',
      'error' in result ? { kind: 'failed', error: result.error } : outcomeOfPublication(result),
    ]),
  );
}

async function held(
  set: TagSet,
  works: ReadonlyMap<string, PreparedTarget>,
  waitsFor: readonly string[],
  plan: Plan,
  setting: PublishSetting,
  cancel: Cancel,
): Promise<ReadonlyMap<string, TargetOutcome>> {
  const { order, open, dryRun = false } = setting;
  const targets = plan.targets.map(({ target }) => target).filter(({ name }) => set.targets.includes(name));
  const on = (target: string, event: Parameters<NonNullable<PreparedTarget['options']['on']>>[0]): void =>
    setting.on({ kind: 'target-changed', target, event });
  const completed =
    order === undefined ? undefined : await completeSet(targets, setOwner(set), open, { order, dryRun, on }, cancel);
  return new Map(
    [...works].map(([name, work]): readonly [string, TargetOutcome] => {
      const publication = withoutTags(work);
      const destinations = publication.destinations.map((one) => {
        const more = completed?.get(name)?.get(one.destination) ?? [];
        return { ...one, changes: [...one.changes, ...more] };
      });
      const whole: Publication = { ...publication, destinations };
      return [name, { kind: 'waiting', set: set.name, waitsFor, publication: whole }];
    }),
  );
}
