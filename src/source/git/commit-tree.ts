/** The tree of a commit as it is built from: its submodules where they are checked out, Git LFS's files by their content. */
import type { Cancel } from '../../base/host/cancel.ts';
import type { ReadableTree } from '../dockerfile/tree.ts';
import type { GitHost } from './git.ts';
import { findPointers, pointedTree } from './lfs.ts';
import { mountTrees } from './mount.ts';
import type { Commit, Repository } from './repository.ts';
import { openSubmodules } from './submodules.ts';
import { treeOf } from './trees.ts';

/**
 * The tree of a commit. A submodule that is not checked out stays an entry of that kind; the content of Git LFS's files is asked for
 * when it is read.
 * @throws FanfoldError `git.*`
 */
export async function commitTree(
  repository: Repository,
  commit: Pick<Commit, 'tree'>,
  host: GitHost,
  cancel: Cancel = {},
): Promise<ReadableTree> {
  const tree = await treeOf(repository, commit.tree, cancel);
  const pointers = await findPointers(repository, commit.tree, tree, cancel);
  const submodules = await openSubmodules(repository, tree.listing, host, cancel);
  const inner = new Map<string, ReadableTree>();
  for (const { path, repository: opened, commit: recorded } of submodules) {
    inner.set(path, await commitTree(opened, recorded, host, cancel));
  }
  return mountTrees(pointedTree(tree, pointers, repository), inner);
}
