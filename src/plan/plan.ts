/** The plan: which legs to build, which to reuse, what to change in which destination, and why, for each. */
import type { Cancel } from '../base/host/cancel.ts';
import { formatLocation } from '../content/oci/reference.ts';
import type { KeyedLeg } from '../source/inputs/leg-inputs.ts';
import type { TagSet } from '../source/project/model.ts';
import { confirm, type KnownByStaging, lookUp } from './look-up.ts';
import { decideLegs, toTest } from './plan-legs.ts';
import { createTargetPlanner } from './plan-targets.ts';
import type { Plan, PlannedLeg, PlannedSet, PlannedTarget, PlanRequest } from './planned.ts';
import { createTestGate } from './untested.ts';

/** Asks staging and the destinations, and decides. Nothing is changed; `publishedAtOnce` may leave a registry an index without a tag (see `ChildChecks`). */
export async function makePlan(request: PlanRequest, cancel: Cancel = {}): Promise<Plan> {
  const planTargets = createTargetPlanner(request, cancel);
  const testGate = createTestGate(request.open, cancel);
  let known = await lookUp(request.keyed, request.open, cancel);
  for (;;) {
    const ordered = decideLegs(request.keyed, known, request.anew);
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

function planSets(sets: readonly TagSet[], targets: readonly PlannedTarget[]): readonly PlannedSet[] {
  const actions = new Map(targets.map(({ target, action }) => [target.name, action]));
  return sets
    .filter((set) => set.targets.some((name) => actions.has(name)))
    .map((set) => ({ set, waitsFor: set.targets.filter((name) => (actions.get(name) ?? 'fail') === 'fail') }));
}
