/** A plan with what the order of tags makes of it: what would move although it is older is taken out, and told. Nothing is changed. */
import type { Cancel } from '../base/host/cancel.ts';
import { createPool } from '../content/store/pool.ts';
import type { KeptTag } from '../plan/kept-tag.ts';
import { decide, type Plan, type PlannedTarget } from '../plan/plan.ts';
import type { Open } from './publication.ts';
import { keptOfUnbuilt, movesTags, ownerOf, settleTags, type TagOrder } from './settle-tags.ts';

/** Targets that are asked about at once. */
const targetsAtOnce = 24;

/** The plan of a run whose tags have an order. @throws FanfoldError as `settleTags` does */
export async function orderPlan(plan: Plan, order: TagOrder, open: Open, cancel: Cancel = {}): Promise<Plan> {
  const pool = createPool(targetsAtOnce);
  const targets = await Promise.all(plan.targets.map((target) => pool(() => ordered(target, order, open, cancel))));
  return { ...plan, targets };
}

async function ordered(planned: PlannedTarget, order: TagOrder, open: Open, cancel: Cancel): Promise<PlannedTarget> {
  const { target, desired, destinations } = planned;
  if (planned.action === 'fail') return planned;
  const owner = ownerOf(target);
  if (desired === undefined) return withKept(planned, await keptOfUnbuilt(target, owner, order, open, cancel));
  const claim = { desired, planned: destinations };
  if (!movesTags(claim)) return planned;
  const { claims } = await settleTags([claim], owner, order, open, cancel);
  const [settled] = claims;
  if (settled === undefined) return planned;
  const { kept, planned: now } = settled;
  return withKept({ ...planned, destinations: now, ...decide(now) }, kept);
}

function withKept(planned: PlannedTarget, kept: readonly KeptTag[]): PlannedTarget {
  return kept.length === 0 ? planned : { ...planned, kept };
}
