/** The plan: which legs to build, which to reuse, what to change in which destination, and why, for each. */
import { messageOf } from '../base/errors/error.ts';
import type { Cancel } from '../base/host/cancel.ts';
import { formatLocation, type Location } from '../content/oci/reference.ts';
import { createPool } from '../content/store/pool.ts';
import type { Source, Store } from '../content/store/store.ts';
import { contentOf, type LegRecord } from '../ledger/leg-record.ts';
import type { KeyedLeg } from '../source/inputs/leg-inputs.ts';
import type { Destination, Leg, TagSet, Target } from '../source/project/model.ts';
import { legName } from '../source/project/names.ts';
import { type DesiredTarget, desiredTarget } from './desired.ts';
import { type Change, differenceOf } from './difference.ts';
import type { KeptTag } from './kept-tag.ts';
import { lateLast, lateNames } from './late.ts';
import { confirm, type KnownByStaging, lookUp } from './look-up.ts';
import { observe } from './observed.ts';
import type { LegReason, TargetReason } from './reason.ts';
import { createTestGate } from './untested.ts';

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
  /** Whether content was left unasked, so that more may turn out to be missing: see `Observed`. */
  readonly unasked?: true;
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
  /** Tags that the run would not take, where that was asked. */
  readonly kept?: readonly KeptTag[];
}

/** Which legs to build, which to reuse, and what to publish. */
export interface Plan {
  readonly legs: readonly PlannedLeg[];
  readonly unkeyed: readonly UnkeyedLeg[];
  readonly targets: readonly PlannedTarget[];
  readonly sets?: readonly PlannedSet[];
}

/** A set of which a target is planned. */
export interface PlannedSet {
  readonly set: TagSet;
  /** Its targets that this run will not publish: not chosen, or without a key. Its tags stay until they are published with it. */
  readonly waitsFor: readonly string[];
}

/** What a plan is made from. */
export interface PlanRequest {
  readonly targets: readonly Target[];
  readonly keyed: readonly KeyedLeg[];
  readonly unkeyed: readonly UnkeyedLeg[];
  /** The tags of each target, by its name. */
  readonly tags: ReadonlyMap<string, readonly string[]>;
  readonly sets?: readonly TagSet[];
  readonly open: (location: Location, cancel?: Cancel) => Promise<Store>;
  /** Build every leg anew, whatever staging holds. */
  readonly all?: boolean;
  /** The plan is published as soon as it is made: what the publication itself finds out is then not asked. */
  readonly publishedAtOnce?: boolean;
}

/** Asks staging and the destinations, and decides. Nothing is changed; `publishedAtOnce` may leave a registry an index without a tag (see `ChildChecks`). */
export async function makePlan(request: PlanRequest, cancel: Cancel = {}): Promise<Plan> {
  const planTargets = createTargetPlanner(request, cancel);
  const testGate = createTestGate(request.open, cancel);
  let known = await lookUp(request.keyed, request.open, cancel);
  for (;;) {
    const planned = request.keyed.map((keyed) => planLeg(keyed, known, request.all === true));
    const ordered = failedLast(builtOnce(planned));
    const untested = await testGate(ordered.flatMap((leg) => (leg.action === 'reuse' ? [leg] : [])));
    const legs = ordered.map((leg) => (untested.has(leg.keyed.leg.name) ? toTest(leg) : leg));
    const targets = await planTargets(legs);
    const doubtful = toConfirm(legs, targets, known);
    if (doubtful.length === 0)
      return { legs, unkeyed: request.unkeyed, targets, sets: planSets(request.sets ?? [], targets) };
    known = await confirm(known, doubtful, request.open, cancel);
  }
}

/**
 * Legs that would be acted on by what the bundled ledger says alone. Where a target's destinations hold all that they should, nothing is
 * done: whatever became of the record since, what stands there was built from these keys.
 */
function toConfirm(
  legs: readonly PlannedLeg[],
  targets: readonly PlannedTarget[],
  known: KnownByStaging,
): readonly KeyedLeg[] {
  const settled = new Set(targets.filter(({ action }) => action === 'nothing').map(({ target }) => target.name));
  const needed = new Set(legs.flatMap(({ action, keyed }) => (action === 'build' ? keyed.inputs.buildsOn : [])));
  return legs.flatMap(({ keyed }) => {
    const { name, staging } = keyed.leg.target;
    const isSettled = settled.has(name) && !needed.has(name);
    return !isSettled && known.get(formatLocation(staging))?.bundled.has(keyed.key) === true ? [keyed] : [];
  });
}

/** Plans targets, each anew only where what is known of its legs is other than the last time. */
function createTargetPlanner(request: PlanRequest, cancel: Cancel) {
  const pool = createPool(targetsAtOnce);
  const made = new Map<string, { readonly by: string; readonly planned: Promise<PlannedTarget> }>();
  return async (legs: readonly PlannedLeg[]): Promise<readonly PlannedTarget[]> => {
    const legsOf = byTarget(legs);
    return await Promise.all(
      request.targets.map((target) => {
        const own = legsOf.get(target.name) ?? [];
        const by = JSON.stringify(
          own.map((leg) => (leg.action === 'reuse' ? [leg.reason.kind, contentOf(leg.record)] : leg.reason.kind)),
        );
        const before = made.get(target.name);
        if (before?.by === by) return before.planned;
        const planned = pool(() => planTarget(target, own, request, cancel));
        made.set(target.name, { by, planned });
        return planned;
      }),
    );
  };
}

function planSets(sets: readonly TagSet[], targets: readonly PlannedTarget[]): readonly PlannedSet[] {
  const actions = new Map(targets.map(({ target, action }) => [target.name, action]));
  return sets
    .filter((set) => set.targets.some((name) => actions.has(name)))
    .map((set) => ({ set, waitsFor: set.targets.filter((name) => (actions.get(name) ?? 'fail') === 'fail') }));
}

/** Enough to keep every connection to a registry busy; more only wait, and hold memory. */
const targetsAtOnce = 24;

function planLeg(keyed: KeyedLeg, known: KnownByStaging, all: boolean): PlannedLeg {
  const { staging } = keyed.leg.target;
  const { records, failures } = known.get(formatLocation(staging)) ?? {};
  const [record, failure] = [records?.get(keyed.key), failures?.get(keyed.key)];
  if (failure !== undefined) return { action: 'build', keyed, reason: { kind: 'failed-before', staging, failure } };
  if (all) return { action: 'build', keyed, reason: { kind: 'asked' } };
  if (record === undefined) return { action: 'build', keyed, reason: { kind: 'not-built', staging } };
  return { action: 'reuse', keyed, record, reason: { kind: 'built', run: record.run, revision: record.revision } };
}

function toTest(planned: PlannedLeg): PlannedLeg {
  if (planned.action === 'build') return planned;
  const { run, revision } = planned.record;
  return { ...planned, reason: { kind: 'untested', run, revision } };
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

/** A leg whose key failed before goes last, and with it what builds on it: it most probably fails again. */
function failedLast(legs: readonly PlannedLeg[]): readonly PlannedLeg[] {
  const failed = legs.filter(({ reason }) => reason.kind === 'failed-before').map(({ keyed }) => keyed.leg.name);
  const late = lateNames(failed, new Map(legs.map((planned) => [planned.keyed.leg.name, comesAfter(planned)])));
  return lateLast(legs, ({ keyed }) => late.has(keyed.leg.name));
}

function comesAfter({ keyed: { leg, inputs }, reason }: PlannedLeg): readonly string[] {
  const below = inputs.buildsOn.map((target) => legName(target, leg.platform));
  return reason.kind === 'same-key' ? [...below, reason.leg] : below;
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
  const untested = own.filter(({ reason }) => reason.kind === 'untested').map(({ keyed }) => keyed.leg.name);
  if (untested.length > 0) {
    return { target, tags, action: 'publish', reason: { kind: 'legs-to-test', legs: untested }, destinations: [] };
  }
  const records = own.flatMap((leg) => (leg.action === 'reuse' ? [leg.record] : []));
  const desired = desiredTarget(target, records, tags);
  const destinations = await Promise.all(
    target.destinations.map((destination) => planDestination(desired, destination, request, cancel)),
  );
  return { target, tags, desired, destinations, ...decide(destinations) };
}

/** What is needed to ask a destination. */
export interface DestinationRequest extends Pick<PlanRequest, 'publishedAtOnce'> {
  readonly open: (location: Location, cancel?: Cancel) => Promise<Source>;
}

/** What one destination needs; a destination that cannot be asked is a problem, not an exception. */
export async function planDestination(
  desired: DesiredTarget,
  destination: Destination,
  { open, publishedAtOnce }: DestinationRequest,
  cancel: Cancel = {},
): Promise<PlannedDestination> {
  try {
    const store = await open(destination.location, cancel);
    const observed = await observe(desired, store, publishedAtOnce, cancel);
    return { destination, changes: differenceOf(desired, observed), ...(observed.unasked ? { unasked: true } : {}) };
  } catch (problem) {
    cancel.signal?.throwIfAborted();
    return { destination, changes: [], problem };
  }
}

/** What comes of what a target's destinations need. */
export function decide(destinations: readonly PlannedDestination[]): Pick<PlannedTarget, 'action' | 'reason'> {
  const changes = destinations.reduce((sum, destination) => sum + destination.changes.length, 0);
  const asked = destinations.every(({ problem }) => problem === undefined);
  return asked && changes === 0
    ? { action: 'nothing', reason: { kind: 'as-planned' } }
    : { action: 'publish', reason: { kind: 'differs', changes } };
}
