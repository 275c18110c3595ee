/** What happens to each target, by its legs and by what stands in its destinations. */
import { messageOf } from '../base/errors/error.ts';
import type { Cancel } from '../base/host/cancel.ts';
import type { Location } from '../content/oci/reference.ts';
import { createPool } from '../content/store/pool.ts';
import type { Source } from '../content/store/store.ts';
import { contentOf } from '../ledger/leg-record.ts';
import type { Destination, Target } from '../source/project/model.ts';
import { type DesiredTarget, desiredTarget } from './desired.ts';
import { differenceOf } from './difference.ts';
import { type Asking, observe } from './observed.ts';
import type { PlannedDestination, PlannedLeg, PlannedTarget, PlanRequest } from './planned.ts';
import type { TargetReason } from './reason.ts';

/** Enough to keep every connection to a registry busy; more only wait, and hold memory. */
const targetsAtOnce = 24;

/** Plans targets, each anew only where what is known of its legs is other than the last time. */
export function createTargetPlanner(request: PlanRequest, cancel: Cancel) {
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
export interface DestinationRequest extends Asking {
  readonly open: (location: Location, cancel?: Cancel) => Promise<Source>;
}

/** What one destination needs; a destination that cannot be asked is a problem, not an exception. */
export async function planDestination(
  desired: DesiredTarget,
  destination: Destination,
  { open, ...asking }: DestinationRequest,
  cancel: Cancel = {},
): Promise<PlannedDestination> {
  try {
    const store = await open(destination.location, cancel);
    const observed = await observe(desired, store, asking, cancel);
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
