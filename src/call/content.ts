/** A share of a family's content to its destinations, ahead of its publication: what the command and the job share. */
import type { Plan } from '../plan/planned.ts';
import { isInShard, parseShard } from '../plan/shard.ts';
import type { ContentOutcome, CopiedTarget } from '../run/content.ts';
import {
  type KeyValues,
  openProject,
  type ProjectCall,
  type ProjectValues,
  planProject,
  withBases,
} from './project.ts';

/** What a call that copies content is told. */
export interface ContentValues extends ProjectValues, KeyValues {
  readonly dryRun: boolean;
  /** Which share of the targets, as `2/8`; all where absent. */
  readonly shard: string | undefined;
}

/** Where the family stands, and how its content was copied. */
export interface ContentResult {
  readonly root: string;
  readonly outcome: ContentOutcome;
}

/**
 * Copies what staging holds and destinations lack: no leg is built, no index written, no tag moved. In a dry run nothing is changed or told.
 * @throws FanfoldError `usage.invalid` where the share is none
 */
export async function copyProject(
  call: ProjectCall<ContentValues>,
  on: (target: CopiedTarget) => void,
): Promise<ContentResult> {
  const { dryRun, shard: text } = call.options;
  const shard = text === undefined ? undefined : parseShard(text);
  const project = await openProject(call);
  const { family, open } = project;
  const own = family.targets.filter(({ name }) => shard === undefined || isInShard(name, shard));
  const names = new Set(own.map(({ name }) => name));
  const targets = withBases(own, family.targets);
  const plan: Plan =
    own.length === 0
      ? { legs: [], unkeyed: [], targets: [] }
      : await planProject({ ...project, family: { ...family, targets } }, call, { contentAlone: true });
  const { copyPlan } = await import('../run/content.ts');
  const outcome = await copyPlan(plan, names, { open, dryRun, on: dryRun ? () => undefined : on }, call);
  return { root: family.root, outcome };
}
