/** One tree over another. */
import type { ReadableTree, TreeEntry } from '../dockerfile/tree.ts';
import { compareBytes } from './subtree.ts';

/** `upper` over `base`: what upper has counts; of base, all but what is `missing`. */
export function overlay(
  base: ReadableTree,
  upper: ReadableTree,
  missing: ReadonlySet<string> = new Set(),
): ReadableTree {
  // Only a folder above something that is missing can have lost all that was in it; Git knows no empty folder, so it is gone, too.
  const thinned = new Set([...missing].flatMap((path) => selfAndFolders(path).slice(1)));
  const isEmptied = (folder: string): boolean => thinned.has(folder) && children(folder).length === 0;
  const standing = (entry: TreeEntry): TreeEntry | undefined => {
    if (missing.has(entry.path) || isEmptied(entry.path)) return undefined;
    return thinned.has(entry.path) ? { ...entry, id: '' } : entry;
  };
  const children = (folder: string): readonly TreeEntry[] => {
    const over = upper.children(folder);
    const replaced = new Set(over.map(({ path }) => path));
    const under = isLeaf(upper.find(folder)) ? [] : base.children(folder).filter(({ path }) => !replaced.has(path));
    const kept = under.map(standing).filter((entry) => entry !== undefined);
    return over.length === 0 ? kept : [...over, ...kept].sort((a, b) => compareBytes(a.path, b.path));
  };
  return {
    find(path) {
      const over = upper.find(path);
      if (over !== undefined || isBelowLeaf(upper, path)) return over;
      const under = base.find(path);
      return under === undefined ? undefined : standing(under);
    },
    children,
    read: (file, cancel) => (isLeaf(upper.find(file.path)) ? upper : base).read(file, cancel),
    sizeBytes: (file, cancel) => (isLeaf(upper.find(file.path)) ? upper : base).sizeBytes(file, cancel),
  };
}

/** Whether something of `tree` that is no folder stands above `path`. */
function isBelowLeaf(tree: ReadableTree, path: string): boolean {
  return selfAndFolders(path)
    .slice(1)
    .some((folder) => isLeaf(tree.find(folder)));
}

/** Whether there is an entry that is no folder. */
export function isLeaf(entry: TreeEntry | undefined): boolean {
  return entry !== undefined && entry.kind !== 'folder';
}

/** `a/b/c`, `a/b`, `a`. */
export function selfAndFolders(path: string): readonly string[] {
  const parts = path.split('/');
  return parts.map((_, index) => parts.slice(0, parts.length - index).join('/'));
}
