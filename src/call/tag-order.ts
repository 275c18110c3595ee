/** What a call's tags are ordered by: its commit, Git's history, and the family's mark in staging. */
import type { Cancel } from '../base/host/cancel.ts';
import type { Host } from '../base/host/host.ts';
import { optional } from '../content/oci/descriptor.ts';
import type { FamilyMarks } from '../ledger/family-mark.ts';
import type { Plan } from '../plan/planned.ts';
import type { Publication } from '../publish/publication.ts';
import type { TagOrder } from '../publish/settle-tags.ts';
import { ownerOf, type TagOwner } from '../publish/tag-owner.ts';
import type { RunOutcome } from '../run/events.ts';
import type { Repository } from '../source/git/repository.ts';
import type { Project } from './project.ts';

/** The order of a project's tags. `take`: as if nothing had taken them before. */
export async function createTagOrder(project: Project, take: boolean, host: Host, cancel: Cancel): Promise<TagOrder> {
  const { event, resolved, family } = project;
  const { findRepository } = await import('../source/git/repository.ts');
  const repository = await findRepository(family.root, host, cancel);
  const timeMs = (await committedMs(repository, event.sha, cancel)) ?? event.commitTimeMs;
  const run = { commit: event.sha, ref: event.ref, ...optional('timeMs', timeMs) };
  let marks: Promise<FamilyMarks> | undefined;
  return {
    run,
    take,
    tagsOf: (target) => resolved.get(target) ?? [],
    relate: async (a, b, more) => {
      const { relationToAny } = await import('../source/git/history.ts');
      return repository === undefined ? 'unknown' : await relationToAny(repository, a, b, more);
    },
    markOf: async (target, more) => {
      const { findFamilyMarks, markFor } = await import('../ledger/family-mark.ts');
      const owner = familyOwner(project);
      marks ??= project.open(owner.staging, more).then((staging) => findFamilyMarks(staging, owner, more));
      const mark = markFor(await marks, event.ref, target);
      return mark && { commit: mark.commit, ref: event.ref, ...optional('timeMs', mark.timeMs) };
    },
  };
}

/** A plan that shows what tags would stay. */
export async function orderProject<P extends Plan>(
  project: Project,
  plan: P,
  order: TagOrder,
  cancel: Cancel,
): Promise<P> {
  const { orderPlan } = await import('../publish/order-plan.ts');
  return { ...plan, ...(await orderPlan(plan, order, project.open, cancel)) };
}

/** Notes what a run of the whole family found right. */
export async function markProject(
  project: Project,
  outcome: RunOutcome,
  order: TagOrder,
  cancel: Cancel,
): Promise<void> {
  if (!project.isWhole) return;
  const { markFamily } = await import('../publish/mark-family.ts');
  const ended = [...outcome.targets].flatMap(([name, target]): readonly (readonly [string, Publication])[] =>
    target.kind === 'published' || target.kind === 'unchanged' ? [[name, target.publication]] : [],
  );
  const names = project.family.targets.map(({ name }) => name);
  await markFamily(new Map(ended), names, order, familyOwner(project), project.open, cancel);
}

/** The family's mark stands where its first target's legs do. */
function familyOwner({ home }: Project): TagOwner {
  return { ...ownerOf(home), kind: 'family' };
}

/** By Git's own word, for a service tells when a commit was pushed or written. */
async function committedMs(
  repository: Repository | undefined,
  commit: string,
  cancel: Cancel,
): Promise<number | undefined> {
  if (repository === undefined || commit === '') return undefined;
  const { commitAt } = await import('../source/git/repository.ts');
  const { isFanfoldError } = await import('../base/errors/error.ts');
  try {
    return (await commitAt(repository, commit, cancel)).timeSeconds * 1000;
  } catch (error) {
    if (isFanfoldError(error) && (error.code === 'git.revision' || error.code === 'git.shallow')) return undefined;
    throw error;
  }
}
