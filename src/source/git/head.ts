/** HEAD of the repository that a folder is in, read once for all that a run asks of it, and while other things are read. */
import type { Cancel } from '../../base/host/cancel.ts';
import type { ReadableTree } from '../dockerfile/tree.ts';
import { commitTree } from './commit-tree.ts';
import { type GitHost, gitIn } from './git.ts';
import { type Commit, findRepository, headCommit, type Repository } from './repository.ts';
import { uncommittedTree } from './worktree.ts';

/** What is checked out. */
export interface Head {
  readonly repository: Repository;
  /** Absent where nothing was committed yet. */
  readonly committed?: HeadCommit;
}

/** The commit that HEAD names. Each question is asked of Git once, by whoever asks first. */
export interface HeadCommit {
  readonly commit: Commit;
  /** What it holds (`commitTree`). @throws FanfoldError `git.*` */
  tree(): Promise<ReadableTree>;
  /** What stands on disk and is in no commit (`uncommittedTree`). @throws FanfoldError `git.*` */
  uncommitted(): Promise<ReadableTree>;
}

/**
 * HEAD as seen from a folder; undefined where that is in no repository.
 * @throws FanfoldError `git.unsafe`, `host.program`
 */
export async function readHead(folder: string, host: GitHost, cancel: Cancel = {}): Promise<Head | undefined> {
  // Each is a child of git of its own: HEAD is not asked for once the repository is found, but beside it.
  const [repository, commit] = await Promise.all([
    findRepository(folder, host, cancel),
    headCommit({ git: gitIn(folder, host) }, cancel),
  ]);
  if (repository === undefined) return undefined;
  if (commit === undefined) return { repository };
  const committed: HeadCommit = {
    commit,
    tree: once(() => commitTree(repository, commit, host, cancel)),
    uncommitted: once(() => uncommittedTree(repository, cancel)),
  };
  return { repository, committed };
}

/**
 * The same, the answers to what is `asked` on their way before anyone needs them: git's children run while the configuration is read. What
 * goes wrong is told to who needs it.
 */
export function beginHead(
  folder: string,
  asked: { readonly tree: boolean; readonly uncommitted: boolean },
  host: GitHost,
  cancel: Cancel = {},
): Promise<Head | undefined> {
  const head = readHead(folder, host, cancel);
  const begin = async (): Promise<void> => {
    const committed = (await head)?.committed;
    await Promise.all([
      asked.tree ? committed?.tree() : undefined,
      asked.uncommitted ? committed?.uncommitted() : undefined,
    ]);
  };
  begin().catch(() => undefined);
  return head;
}

function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | undefined;
  return () => {
    asked ??= ask();
    return asked;
  };
}
