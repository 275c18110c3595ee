/** The plan: which legs to build, which to reuse, what to change in which destination, and why, for each. */
import { messageOf } from '../base/errors/error.ts';
import type { Cancel } from '../base/host/cancel.ts';
import { formatLocation, type Location } from '../content/oci/reference.ts';
import { createPool } from '../content/store/pool.ts';
import type { Source, Store } from '../content/store/store.ts';
import type { LegRecord } from '../ledger/leg-record.ts';
import { findRecords } from '../ledger/staging.ts';
import type { Key, KeyedLeg } from '../source/inputs/leg-inputs.ts';
import type { Destination, Leg, Target } from '../source/project/model.ts';
import { type DesiredTarget, desiredTarget } from './desired.ts';
import { type Change, differenceOf } from './difference.ts';
import { observe } from './observed.ts';
import type { LegReason, TargetReason } from './reason.ts';

/** What happens to a leg. */
export type PlannedLeg =
  | { readonly action: 'build'; readonly keyed: KeyedLeg; readonly reason: LegReason }
  | { readonly action: 'reuse'; readonly keyed: KeyedLeg; readonly record: LegRecord; readonly reason: LegReason };

/** A leg whose key could not be made; its target is neither built nor published. */
export interface UnkeyedLeg {
  readonly leg: Leg;
  readonly error: unknown;
}

/** What a destination needs; `problem` where it could not be asked. */
export interface PlannedDestination {
  readonly destination: Destination;
  readonly changes: readonly Change[];
  readonly problem?: unknown;
}

/** What happens to a target. */
export interface PlannedTarget {
  readonly target: Target;
  readonly tags: readonly string[];
  readonly action: 'publish' | 'nothing' | 'fail';
  readonly reason: TargetReason;
  /** Known once every leg is built. */
  readonly desired?: DesiredTarget;
  readonly destinations: readonly PlannedDestination[];
}

/** Which legs to build, which to reuse, and what to publish. */
export interface Plan {
  readonly legs: readonly PlannedLeg[];
  readonly unkeyed: readonly UnkeyedLeg[];
  readonly targets: readonly PlannedTarget[];
}

/** What a plan is made from. */
export interface PlanRequest {
  readonly targets: readonly Target[];
  readonly keyed: readonly KeyedLeg[];
  readonly unkeyed: readonly UnkeyedLeg[];
  /** The tags of each target, by its name. */
  readonly tags: ReadonlyMap<string, readonly string[]>;
  readonly open: (location: Location, cancel?: Cancel) => Promise<Store>;
  /** Build every leg anew, whatever staging holds. */
  readonly all?: boolean;
}

/** Asks staging and the destinations, and decides. Nothing is changed. */
export async function makePlan(request: PlanRequest, cancel: Cancel = {}): Promise<Plan> {
  const records = await lookUp(request, cancel);
  const legs = builtOnce(request.keyed.map((keyed) => planLeg(keyed, records, request.all === true)));
  const legsOf = byTarget(legs);
  const pool = createPool(targetsAtOnce);
  const targets = await Promise.all(
    request.targets.map((target) => pool(() => planTarget(target, legsOf.get(target.name) ?? [], request, cancel))),
  );
  return { legs, unkeyed: request.unkeyed, targets };
}

/** Enough to keep every connection to a registry busy; more only wait, and hold memory. */
const targetsAtOnce = 24;

type Records = ReadonlyMap<string, ReadonlyMap<Key, LegRecord>>;

async function lookUp(request: PlanRequest, cancel: Cancel): Promise<Records> {
  const byStaging = new Map<string, { readonly location: Location; readonly keys: Key[] }>();
  for (const { leg, key } of request.keyed) {
    const location = leg.target.staging;
    const name = formatLocation(location);
    const known = byStaging.get(name);
    if (known === undefined) byStaging.set(name, { location, keys: [key] });
    else known.keys.push(key);
  }
  const found = [...byStaging].map(async ([name, { location, keys }]) => {
    const staging = await request.open(location, cancel);
    return [name, await findRecords(staging, keys, cancel)] as const;
  });
  return new Map(await Promise.all(found));
}

function planLeg(keyed: KeyedLeg, records: Records, all: boolean): PlannedLeg {
  const { staging } = keyed.leg.target;
  const record = records.get(formatLocation(staging))?.get(keyed.key);
  if (all) return { action: 'build', keyed, reason: { kind: 'asked' } };
  if (record === undefined) return { action: 'build', keyed, reason: { kind: 'not-built', staging } };
  return { action: 'reuse', keyed, record, reason: { kind: 'built', run: record.run, revision: record.revision } };
}

/** Of legs that one staging would hold under one key, the first is built; the others wait for its record. */
function builtOnce(legs: readonly PlannedLeg[]): readonly PlannedLeg[] {
  const first = new Map<string, string>();
  return legs.map((planned) => {
    if (planned.action === 'reuse') return planned;
    const { leg, key } = planned.keyed;
    const identity = `${key} ${formatLocation(leg.target.staging)}`;
    const before = first.get(identity);
    if (before !== undefined) return { ...planned, reason: { kind: 'same-key', leg: before } };
    first.set(identity, leg.name);
    return planned;
  });
}

function byTarget(legs: readonly PlannedLeg[]): ReadonlyMap<string, readonly PlannedLeg[]> {
  const groups = new Map<string, PlannedLeg[]>();
  for (const planned of legs) {
    const { name } = planned.keyed.leg.target;
    const own = groups.get(name);
    if (own === undefined) groups.set(name, [planned]);
    else own.push(planned);
  }
  return groups;
}

async function planTarget(
  target: Target,
  own: readonly PlannedLeg[],
  request: PlanRequest,
  cancel: Cancel,
): Promise<PlannedTarget> {
  const tags = request.tags.get(target.name) ?? [];
  const broken = request.unkeyed.find(({ leg }) => leg.target.name === target.name);
  if (broken !== undefined) {
    const reason: TargetReason = { kind: 'unkeyed', message: messageOf(broken.error) };
    return { target, tags, action: 'fail', reason, destinations: [] };
  }
  const missing = own.filter((leg) => leg.action === 'build').map(({ keyed }) => keyed.leg.name);
  if (missing.length > 0) {
    return { target, tags, action: 'publish', reason: { kind: 'legs-to-build', legs: missing }, destinations: [] };
  }
  const records = own.flatMap((leg) => (leg.action === 'reuse' ? [leg.record] : []));
  const desired = desiredTarget(target, records, tags);
  const destinations = await Promise.all(
    target.destinations.map((destination) => planDestination(desired, destination, request.open, cancel)),
  );
  return { target, tags, desired, destinations, ...decide(destinations) };
}

/** What one destination needs; a destination that cannot be asked is a problem, not an exception. */
export async function planDestination(
  desired: DesiredTarget,
  destination: Destination,
  open: (location: Location, cancel?: Cancel) => Promise<Source>,
  cancel: Cancel = {},
): Promise<PlannedDestination> {
  try {
    const store = await open(destination.location, cancel);
    return { destination, changes: differenceOf(desired, await observe(desired, store, cancel)) };
  } catch (problem) {
    cancel.signal?.throwIfAborted();
    return { destination, changes: [], problem };
  }
}

function decide(destinations: readonly PlannedDestination[]): Pick<PlannedTarget, 'action' | 'reason'> {
  const changes = destinations.reduce((sum, destination) => sum + destination.changes.length, 0);
  const asked = destinations.every(({ problem }) => problem === undefined);
  return asked && changes === 0
    ? { action: 'nothing', reason: { kind: 'as-planned' } }
    : { action: 'publish', reason: { kind: 'differs', changes } };
}
