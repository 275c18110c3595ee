/** The work tree as it stands on disk: what is as committed by Git's ids, all else by its bytes. */
import type { Cancel } from '../../base/host/cancel.ts';
import type { ReadableTree } from '../dockerfile/tree.ts';
import { diskTree } from './disk.ts';
import { isLeaf, overlay, selfAndFolders } from './overlay.ts';
import type { Repository } from './repository.ts';
import { uncommitted, type WorkChanges, workChanges } from './status.ts';
import { compareBytes } from './subtree.ts';

/** A tree that knows which of its paths are not as committed. */
export interface WorkTree {
  readonly tree: ReadableTree;
  /** Whether the file or link at a path is not as HEAD has it; for a path that is not there, whether HEAD has it. */
  readonly isDirty: (path: string) => boolean;
  /** Committed paths that are not there. */
  readonly missing: readonly string[];
}

/**
 * The whole work tree of a repository whose HEAD holds `committed`; undefined where nothing was committed yet. Files that are as committed
 * are read from Git's objects, so that line ends and filters of this machine do not count; changed, untracked and ignored ones from disk.
 */
export async function worktreeTree(
  repository: Repository,
  committed: Promise<ReadableTree> | undefined,
  cancel: Cancel = {},
): Promise<WorkTree> {
  const disk = diskTree(repository.root, repository.objectFormat);
  const [base, changes] = await Promise.all([committed, workChanges(repository, cancel)]);
  if (base === undefined) return { tree: disk, isDirty: () => true, missing: [] };
  const upper = onlyListed(disk, changes);
  const missing = new Set(changes.missing);
  return {
    tree: overlay(base, upper, missing),
    isDirty: (path) => missing.has(path) || isLeaf(upper.find(path)),
    missing: changes.missing,
  };
}

/** A folder that is in no repository: all of it is read from disk, and nothing of it is committed. */
export function folderTree(root: string): WorkTree {
  return { tree: diskTree(root), isDirty: () => true, missing: [] };
}

/** What stands in the work tree and is in no commit, as a tree of its own. */
export async function uncommittedTree(repository: Repository, cancel: Cancel = {}): Promise<ReadableTree> {
  return onlyListed(diskTree(repository.root, repository.objectFormat), await uncommitted(repository, cancel));
}

/** The part of a disk that `changes` lists, with the folders above it. */
function onlyListed(disk: ReadableTree, changes: WorkChanges): ReadableTree {
  const listed = new Set(changes.present);
  const whole = new Set(changes.folders);
  const within = namesByFolder([...listed, ...whole]);
  const isWhole = (path: string): boolean => selfAndFolders(path).some((folder) => whole.has(folder));
  return {
    find: (path) => (listed.has(path) || within.has(path) || isWhole(path) ? disk.find(path) : undefined),
    children(folder) {
      if (isWhole(folder)) return disk.children(folder);
      const names = [...(within.get(folder) ?? [])].sort(compareBytes);
      const paths = names.map((name) => (folder === '' ? name : `${folder}/${name}`));
      return paths.map((path) => disk.find(path)).filter((entry) => entry !== undefined);
    },
    read: (file, cancel) => disk.read(file, cancel),
    sizeBytes: (file, cancel) => disk.sizeBytes(file, cancel),
  };
}

/** For each folder above the paths, the names in it that lead to them. */
function namesByFolder(paths: readonly string[]): ReadonlyMap<string, ReadonlySet<string>> {
  const names = new Map<string, Set<string>>([['', new Set()]]);
  for (const path of paths) {
    for (const part of selfAndFolders(path)) {
      const slash = part.lastIndexOf('/');
      const folder = slash < 0 ? '' : part.slice(0, slash);
      const known = names.get(folder);
      if (known === undefined) names.set(folder, new Set([part.slice(slash + 1)]));
      else known.add(part.slice(slash + 1));
    }
  }
  return names;
}
