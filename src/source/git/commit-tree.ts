/** The tree of a commit. */
import type { Cancel } from '../../base/host/cancel.ts';
import type { ReadableTree } from '../dockerfile/tree.ts';
import type { GitHost } from './git.ts';
import type { Commit, Repository } from './repository.ts';
import { treeOf } from './trees.ts';

export async function commitTree(
  repository: Repository,
  commit: Pick<Commit, 'tree'>,
  _host: GitHost,
  cancel: Cancel = {},
): Promise<ReadableTree> {
  return await treeOf(repository, commit.tree, cancel);
}
