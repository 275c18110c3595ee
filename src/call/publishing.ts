/** A publication of a family from staging alone, heard as it goes: what the command and the job share. */
import type { Plan, PlannedLeg } from '../plan/planned.ts';
import type { RunEvent, RunOutcome } from '../run/events.ts';
import {
  type KeyValues,
  type Project,
  type ProjectCall,
  type ProjectValues,
  planProject,
  withBases,
} from './project.ts';
import { createTagOrder, markProject } from './tag-order.ts';

/** What a call that publishes is told. */
export interface PublishValues extends ProjectValues, KeyValues {
  readonly dryRun: boolean;
  /** Take tags from newer commits and versions, too, and over what is named for good. */
  readonly takeTags?: boolean;
}

/** What was planned, and how it ended. */
export interface PublishResult {
  readonly plan: Plan;
  readonly outcome: RunOutcome;
}

/** Plans and publishes an opened project; no leg is built. In a dry run nothing is changed or told. */
export async function publishProject(
  project: Project,
  call: ProjectCall<PublishValues>,
  on: (event: RunEvent) => void,
): Promise<PublishResult> {
  const { dryRun, takeTags = false } = call.options;
  const [plan, order] = await Promise.all([
    planProject(project, call, { publishedAtOnce: !dryRun }),
    createTagOrder(project, takeTags, call.host, call),
  ]);
  const { publishPlan } = await import('../run/publish.ts');
  const setting = { open: project.open, order, dryRun, on: dryRun ? () => undefined : on };
  const outcome = await publishPlan(plan, setting, call);
  if (!dryRun) await markProject(project, outcome, order, call);
  return { plan, outcome };
}

/** Publishes what of these targets staging has whole, and nothing else; the others are left out. No tag is taken from a newer commit. */
export async function publishWhole(
  project: Project,
  names: ReadonlySet<string>,
  call: ProjectCall<PublishValues>,
  on: (event: RunEvent) => void,
): Promise<Pick<RunOutcome, 'targets'>> {
  const { family } = project;
  const own = family.targets.filter(({ name }) => names.has(name));
  const narrowed = { ...project, family: { ...family, targets: withBases(own, family.targets) } };
  const plan = await planProject(narrowed, call, { publishedAtOnce: true });
  // What staging holds of a leg that each run builds anew may be an earlier run's: the last job has this run's together.
  const moving = new Set(plan.legs.filter(({ keyed }) => keyed.inputs.moving.length > 0).map(targetName));
  const targets = plan.targets.filter(
    ({ target: { name }, desired }) => names.has(name) && desired !== undefined && !moving.has(name),
  );
  if (targets.length === 0) return { targets: new Map() };
  const { publishPlan } = await import('../run/publish.ts');
  const order = await createTagOrder(project, false, call.host, call);
  return await publishPlan({ ...plan, targets }, { open: project.open, order, on }, call);
}

function targetName({ keyed }: PlannedLeg): string {
  return keyed.leg.target.name;
}
