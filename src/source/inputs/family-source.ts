/** Where a family's files come from: a commit, the work tree, or a folder outside of Git. */
import { posix } from 'node:path';
import { FanfoldError } from '../../base/errors/error.ts';
import type { Cancel } from '../../base/host/cancel.ts';
import type { Host } from '../../base/host/host.ts';
import { optional } from '../../content/oci/descriptor.ts';
import type { ReadableTree } from '../dockerfile/tree.ts';
import { commitTree } from '../git/commit-tree.ts';
import { type Head, readHead } from '../git/head.ts';
import { type Commit, commitAt, findRepository, type Repository } from '../git/repository.ts';
import { folderTree, worktreeTree } from '../git/worktree.ts';
import type { Family } from '../project/model.ts';

/** Which files are keyed. */
export interface SourceOptions {
  /** `head`: as committed; `worktree`: as they stand on disk. */
  readonly tree: 'head' | 'worktree';
  /** With `head`: the revision, HEAD where absent. The work tree is then not looked at. */
  readonly revision?: string;
  /** HEAD as seen from the family's root, where somebody has begun to read it; it is read anew where absent. */
  readonly head?: Promise<Head | undefined>;
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
  if (tree === 'head' && revision !== undefined) return await openRevision(family.root, revision, host, cancel);
  const head = await (options.head ?? readHead(family.root, host, cancel));
  if (tree === 'worktree') return await openWorktree(family.root, head, cancel);
  if (head === undefined) throw noRepository(family.root);
  const { repository, committed } = head;
  if (committed === undefined) throw noCommit(repository.root, `nothing was committed yet in ${repository.root}`);
  const [files, uncommitted] = await Promise.all([committed.tree(), committed.uncommitted()]);
  return { ...committedSource(files, committed.commit, repository), uncommitted };
}

async function openRevision(
  root: string,
  revision: string,
  host: Pick<Host, 'exec' | 'env'>,
  cancel: Cancel,
): Promise<FamilySource> {
  const repository = await findRepository(root, host, cancel);
  if (repository === undefined) throw noRepository(root);
  const commit = await commitAt(repository, revision, cancel);
  return committedSource(await commitTree(repository, commit, host, cancel), commit, repository);
}

function committedSource(tree: ReadableTree, commit: Commit, { prefix }: Repository): FamilySource {
  return { tree, root: prefix, commit, isCommitted: true, isDirty: () => false, missing: [] };
}

async function openWorktree(root: string, head: Head | undefined, cancel: Cancel): Promise<FamilySource> {
  if (head === undefined) return { root: '', isCommitted: false, ...folderTree(root) };
  const { repository, committed } = head;
  const work = await worktreeTree(repository, committed?.tree(), cancel);
  return { root: repository.prefix, isCommitted: false, ...work, ...optional('commit', committed?.commit) };
}

function noRepository(root: string): FanfoldError {
  return noCommit(root, `${root} is in no Git repository`);
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
