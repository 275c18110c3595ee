/** What a family's `refresh-budget` lets a plan refresh: the targets that wait stand in the moment, which all jobs of a run share. */
import type { Cancel } from '../base/host/cancel.ts';
import { formatLocation } from '../content/oci/reference.ts';
import type { LegRecord } from '../ledger/leg-record.ts';
import { lookUp } from '../plan/look-up.ts';
import { type DueTarget, deferredTargets } from '../plan/refresh-budget.ts';
import type { KeyedLeg } from '../source/inputs/leg-inputs.ts';
import type { Moment } from '../source/inputs/moment.ts';
import type { Leg } from '../source/project/model.ts';
import type { OpenAll } from './open.ts';

/** Legs under the keys that they have as of a moment. */
interface KeyedAt {
  readonly keyed: readonly KeyedLeg[];
  readonly moment: Moment;
}

/** How a family's legs are keyed, and where they are looked up. */
export interface Refreshing<K extends KeyedAt = KeyedAt> {
  /** `refresh-budget`. */
  readonly budget: number;
  /** Keys the legs as of a moment: all of them, or those that are asked for. */
  readonly key: (moment: Moment, only?: (leg: Leg) => boolean) => Promise<K>;
  readonly open: OpenAll;
}

/** All legs keyed as of the moment in which the targets that wait are named. They are keyed anew only where some do. */
export async function keyWithinBudget<K extends KeyedAt>(
  moment: Moment,
  refreshing: Refreshing<K>,
  cancel: Cancel,
): Promise<K> {
  const now = await refreshing.key(moment);
  const refreshed = now.keyed.filter(({ leg }) => (leg.target.refresh ?? 'never') !== 'never');
  const unbuilt = await unbuiltTargets(refreshed, refreshing, cancel);
  const due = unbuilt.size === 0 ? [] : await onlyDue(unbuilt, now.moment, refreshing, cancel);
  const settled = { ...now.moment, deferred: deferredTargets(due, refreshing.budget) };
  return settled.deferred.length === 0 ? { ...now, moment: settled } : await refreshing.key(settled);
}

/** Targets of which no leg is built. One of which some are is finished, not put off. */
async function unbuiltTargets(
  keyed: readonly KeyedLeg[],
  refreshing: Refreshing,
  cancel: Cancel,
): Promise<ReadonlySet<string>> {
  const recordOf = await recordsOf(keyed, refreshing, cancel);
  const built = new Set(keyed.flatMap((one) => (recordOf(one) === undefined ? [] : [one.leg.target.name])));
  return new Set(keyed.map(({ leg }) => leg.target.name).filter((name) => !built.has(name)));
}

/** Those among them that are all built as of the period before. */
async function onlyDue(
  names: ReadonlySet<string>,
  moment: Moment,
  refreshing: Refreshing,
  cancel: Cancel,
): Promise<readonly DueTarget[]> {
  const before: Moment = { ...moment, deferred: [...names] };
  const { keyed } = await refreshing.key(before, ({ target }) => names.has(target.name));
  const recordOf = await recordsOf(keyed, refreshing, cancel);
  const due = new Map<string, DueTarget>();
  const changed = new Set<string>();
  for (const one of keyed) {
    const { name } = one.leg.target;
    const record = recordOf(one);
    if (record === undefined) changed.add(name);
    else due.set(name, withLeg(due.get(name) ?? { name, legs: 0, builtMs: record.builtMs }, record));
  }
  return [...due.values()].filter(({ name }) => !changed.has(name));
}

function withLeg({ name, legs, builtMs }: DueTarget, record: LegRecord): DueTarget {
  return { name, legs: legs + 1, builtMs: Math.min(builtMs, record.builtMs) };
}

async function recordsOf(
  keyed: readonly KeyedLeg[],
  { open }: Refreshing,
  cancel: Cancel,
): Promise<(keyed: KeyedLeg) => LegRecord | undefined> {
  const known = await lookUp(keyed, open, cancel);
  return ({ leg, key }) => known.get(formatLocation(leg.target.staging))?.records.get(key);
}
