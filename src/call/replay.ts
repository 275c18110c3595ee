/** A replay of a project's commits since a revision. No network is asked. */
import { FanfoldError } from '../base/errors/error.ts';
import type { Replay } from '../plan/replay.ts';
import { type KeyValues, keyProject, type Project, type ProjectCall } from './project.ts';

const maxCommits = 10_000;

/** Counts the legs that each commit since a revision reaches, by the family as it is now. @throws FanfoldError `git.*` */
export async function replayProject(project: Project, since: string, call: ProjectCall<KeyValues>): Promise<Replay> {
  const { findRepository, commitAt } = await import('../source/git/repository.ts');
  const { commitPaths } = await import('../source/git/commit-paths.ts');
  const { treeAt } = await import('../source/git/trees.ts');
  const { familyPlace } = await import('../plan/explain-path.ts');
  const { replay } = await import('../plan/replay.ts');
  const { family } = project;
  const cancel = { signal: call.signal };
  const repository = await findRepository(family.root, call.host, cancel);
  if (repository === undefined)
    throw new FanfoldError(
      'inputs.repository',
      `${family.root} is in no Git repository, so nothing is known of before`,
    );
  const { id } = await commitAt(repository, since, cancel);
  const range = { since: id, until: 'HEAD', limit: maxCommits };
  const commits = await commitPaths(repository, range, cancel);
  const { keyed, unkeyed } = await keyProject(project, call, { bases: 'as-written' });
  // Of a leg without a key nothing is known, and a count without it would be too small.
  if (unkeyed[0] !== undefined) throw unkeyed[0].error;
  const tree = await treeAt(repository, 'HEAD', '', cancel);
  const place = familyPlace(family, repository.prefix);
  return { since, ...replay(commits, keyed, place, tree) };
}
