/** Where a family's files come from: a commit, the work tree, or a folder outside of Git. */
import { posix } from 'node:path';
import { FanfoldError } from '../../base/errors/error.ts';
import type { Cancel } from '../../base/host/cancel.ts';
import type { Host } from '../../base/host/host.ts';
import { optional } from '../../content/oci/descriptor.ts';
import type { ReadableTree } from '../dockerfile/tree.ts';
import { commitTree } from '../git/commit-tree.ts';
import { gitIn } from '../git/git.ts';
import { type Commit, commitAt, findRepository, headCommit, type Repository } from '../git/repository.ts';
import { folderTree, uncommittedTree, worktreeTree } from '../git/worktree.ts';
import type { Family } from '../project/model.ts';

/** Which files are keyed. */
export interface SourceOptions {
  /** `head`: as committed; `worktree`: as they stand on disk. */
  readonly tree: 'head' | 'worktree';
  /** With `head`: the revision, HEAD where absent. The work tree is then not looked at. */
  readonly revision?: string;
}

/** The files of a family. Paths are from the top of the repository (outside of Git: from the family's root). */
export interface FamilySource {
  readonly tree: ReadableTree;
  /** The family's root in it. */
  readonly root: string;
  readonly commit?: Commit;
  /** What stands on disk and is in no commit; undefined where that does not matter. */
  readonly uncommitted?: ReadableTree;
  /** Whether all of them are a commit's: nothing is dirty or missing then. */
  readonly isCommitted: boolean;
  /** Whether the file at a path is not as committed; for a path that is not there, whether it is committed. */
  readonly isDirty: (path: string) => boolean;
  /** Committed paths that are gone from disk. */
  readonly missing: readonly string[];
}

/**
 * Opens a family's files.
 * @throws FanfoldError `inputs.repository` where commits are asked for and there are none, `git.*`
 */
export async function openSource(
  family: Pick<Family, 'root'>,
  options: SourceOptions,
  host: Pick<Host, 'exec' | 'env'>,
  cancel: Cancel = {},
): Promise<FamilySource> {
  const { tree, revision } = options;
  // Each is a child of git of its own: HEAD is not asked for once the repository is found, but beside it.
  const [repository, head] = await Promise.all([
    findRepository(family.root, host, cancel),
    tree === 'head' && revision === undefined ? headCommit({ git: gitIn(family.root, host) }, cancel) : undefined,
  ]);
  if (tree === 'worktree') return await openWorktree(family.root, repository, host, cancel);
  if (repository === undefined) throw noCommit(family.root, `${family.root} is in no Git repository`);
  const commit = revision === undefined ? head : await commitAt(repository, revision, cancel);
  if (commit === undefined) throw noCommit(repository.root, `nothing was committed yet in ${repository.root}`);
  return await openCommit(repository, commit, revision === undefined, host, cancel);
}

async function openWorktree(
  root: string,
  repository: Repository | undefined,
  host: Pick<Host, 'exec' | 'env'>,
  cancel: Cancel,
): Promise<FamilySource> {
  if (repository === undefined) return { root: '', isCommitted: false, ...folderTree(root) };
  const [commit, work] = await Promise.all([headCommit(repository, cancel), worktreeTree(repository, host, cancel)]);
  return { root: repository.prefix, isCommitted: false, ...work, ...optional('commit', commit) };
}

async function openCommit(
  repository: Repository,
  commit: Commit,
  isCheckedOut: boolean,
  host: Pick<Host, 'exec' | 'env'>,
  cancel: Cancel,
): Promise<FamilySource> {
  const [tree, uncommitted] = await Promise.all([
    commitTree(repository, commit, host, cancel),
    isCheckedOut ? uncommittedTree(repository, cancel) : undefined,
  ]);
  return {
    tree,
    root: repository.prefix,
    commit,
    isCommitted: true,
    isDirty: () => false,
    missing: [],
    ...optional('uncommitted', uncommitted),
  };
}

function noCommit(root: string, message: string): FanfoldError {
  return new FanfoldError('inputs.repository', message, {
    place: { file: root },
    hint: 'commit the files, or key them as they stand on disk with --worktree',
  });
}

/**
 * A path of the configuration (relative to the family's root) as a path of the source; '' is its top.
 * @throws FanfoldError `inputs.outside` where it leads out of the repository
 */
export function sourcePath(source: FamilySource, path: string): string {
  const known = knownPaths.get(source) ?? new Map<string, string>();
  knownPaths.set(source, known);
  const found = known.get(path) ?? pathInside(source, path);
  known.set(path, found);
  return found;
}

/** Many legs name the same few paths, each of them several times. */
const knownPaths = new WeakMap<FamilySource, Map<string, string>>();

function pathInside(source: FamilySource, path: string): string {
  const whole = posix.normalize(posix.join(source.root, path));
  if (whole === '..' || whole.startsWith('../') || posix.isAbsolute(path)) {
    throw new FanfoldError('inputs.outside', `${path} leads out of the repository`, {
      place: { file: path },
      hint: 'name a folder in the same repository',
    });
  }
  return whole === '.' ? '' : whole.replace(/\/$/, '');
}
