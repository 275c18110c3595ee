/** A plan with what the order of tags makes of it: what would move although it is older is taken out, and told. Nothing is changed. */
import type { Cancel } from '../base/host/cancel.ts';
import { createPool } from '../content/store/pool.ts';
import type { KeptTag } from '../plan/kept-tag.ts';
import { decide } from '../plan/plan-targets.ts';
import type { Plan, PlannedTarget } from '../plan/planned.ts';
import type { Open } from './publication.ts';
import { keptOfUnbuilt, movesTags, settleTags, type TagOrder } from './settle-tags.ts';
import { ownerOf, setOwner, type TagOwner } from './tag-owner.ts';

/** Targets that are asked about at once. */
const targetsAtOnce = 24;

/** The plan of a run whose tags have an order. @throws FanfoldError as `settleTags` does */
export async function orderPlan(plan: Plan, order: TagOrder, open: Open, cancel: Cancel = {}): Promise<Plan> {
  const pool = createPool(targetsAtOnce);
  const groups = groupsOf(plan).map((group) => pool(() => orderedGroup(group, order, open, cancel)));
  const byName = new Map((await Promise.all(groups)).flat().map((planned) => [planned.target.name, planned]));
  return { ...plan, targets: plan.targets.map((planned) => byName.get(planned.target.name) ?? planned) };
}

/** Targets that share a record. */
interface Group {
  readonly owner: TagOwner;
  readonly targets: readonly PlannedTarget[];
}

function groupsOf({ targets, sets = [] }: Plan): readonly Group[] {
  const together = sets.map(({ set }) => ({
    owner: setOwner(set),
    targets: targets.filter(({ target }) => set.targets.includes(target.name)),
  }));
  const inSets = new Set(together.flatMap(({ targets: members }) => members));
  const alone = targets.filter((planned) => !inSets.has(planned));
  return [...together, ...alone.map((planned) => ({ owner: ownerOf(planned.target), targets: [planned] }))];
}

async function orderedGroup(
  { owner, targets }: Group,
  order: TagOrder,
  open: Open,
  cancel: Cancel,
): Promise<readonly PlannedTarget[]> {
  const ready = targets.flatMap((planned) =>
    planned.desired === undefined ? [] : [{ planned, desired: planned.desired }],
  );
  const claims = ready.map(({ planned, desired }) => ({ desired, planned: planned.destinations }));
  const settled = claims.some(movesTags) ? await settleTags(claims, owner, order, open, cancel) : undefined;
  const decided = ready.map(({ planned }, place) => {
    const claim = settled?.claims[place];
    if (claim === undefined) return planned;
    return withKept({ ...planned, destinations: claim.planned, ...decide(claim.planned) }, claim.kept);
  });
  const unbuilt = targets.filter(({ action, desired }) => desired === undefined && action !== 'fail');
  const others = unbuilt.map(async (planned) =>
    withKept(planned, await keptOfUnbuilt(planned.target, owner, order, open, cancel)),
  );
  return [...decided, ...(await Promise.all(others))];
}

function withKept(planned: PlannedTarget, kept: readonly KeptTag[]): PlannedTarget {
  return kept.length === 0 ? planned : { ...planned, kept };
}
