/** Legs that are asked for by name: exactly these are built, and what they build on must be in staging. */
import { FanfoldError } from '../base/errors/error.ts';
import { nearestName } from '../base/errors/nearest.ts';
import type { PlanRequest } from '../plan/planned.ts';
import { legsOf } from '../source/project/legs.ts';
import type { Family } from '../source/project/model.ts';
import { type KeyValues, keyProject, type Project, type ProjectCall, type ProjectPlan } from './project.ts';

/** Names in a text, separated by white space, each once. */
export function legNames(text: string): readonly string[] {
  return [...new Set(text.split(/\s+/).filter((name) => name !== ''))];
}

/**
 * The plan of some legs: these and what they build on, no target published.
 * @throws FanfoldError `usage.invalid` where a name is that of no leg
 */
export async function planLegs(
  project: Project,
  names: ReadonlySet<string>,
  call: ProjectCall<KeyValues>,
  more: Pick<PlanRequest, 'anew'> = {},
): Promise<ProjectPlan> {
  assertLegs(names, project.family);
  const { makePlan } = await import('../plan/plan.ts');
  const { keyed, moment, unkeyed } = await keyProject(project, call, { only: ({ name }) => names.has(name) });
  const isNamed = ({ leg }: { readonly leg: { readonly name: string } }): boolean => names.has(leg.name);
  // Of equal keys the first is built: it must be one of those that are asked for.
  const ordered = [...keyed.filter(isNamed), ...keyed.filter((leg) => !isNamed(leg))];
  const { open, tags } = project;
  const request = { targets: [], keyed: ordered, unkeyed: unkeyed.filter(isNamed), tags, open, ...more };
  return { ...(await makePlan(request, { signal: call.signal })), moment };
}

/** Longer ones are not compared. */
const longestName = 300;

/** @throws FanfoldError `usage.invalid` with the nearest name */
function assertLegs(names: ReadonlySet<string>, family: Family): void {
  const all = legsOf(family).map(({ name }) => name);
  const known = new Set(all);
  for (const name of names) {
    if (known.has(name)) continue;
    const near = nearestName(name.slice(0, longestName), all);
    throw new FanfoldError('usage.invalid', `${JSON.stringify(name.slice(0, longestName))} is no leg of the family`, {
      hint: near === undefined ? `legs are ${all.slice(0, 10).join(', ')}` : `did you mean ${near}?`,
    });
  }
  if (names.size === 0)
    throw new FanfoldError('usage.invalid', 'no leg is named', { hint: 'name one: --leg api@linux/amd64' });
}
