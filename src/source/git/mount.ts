/** Trees within a tree. */
import type { ReadableTree, TreeEntry } from '../dockerfile/tree.ts';
import { withPath } from './subtree.ts';

/** `tree` with other trees at the given paths, in place of what stands there. */
export function mountTrees(tree: ReadableTree, mounted: ReadonlyMap<string, ReadableTree>): ReadableTree {
  if (mounted.size === 0) return tree;
  const mountOf = (
    path: string,
  ): { readonly at: string; readonly inner: ReadableTree; readonly rest: string } | undefined => {
    for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
      const at = path.slice(0, end);
      const inner = mounted.get(at);
      if (inner !== undefined) return { at, inner, rest: path.slice(end + 1) };
    }
    return undefined;
  };
  const asFolder = (entry: TreeEntry): TreeEntry => (mounted.has(entry.path) ? folderAt(entry.path) : entry);
  return {
    find(path) {
      const mount = mountOf(path);
      if (mount === undefined) return tree.find(path);
      if (mount.rest === '') return folderAt(path);
      const entry = mount.inner.find(mount.rest);
      return entry === undefined ? undefined : withPath(entry, path);
    },
    children(folder) {
      const mount = mountOf(folder);
      if (mount === undefined) return tree.children(folder).map(asFolder);
      return mount.inner.children(mount.rest).map((entry) => withPath(entry, `${mount.at}/${entry.path}`));
    },
    read(file, cancel) {
      const mount = mountOf(file.path);
      return mount === undefined ? tree.read(file, cancel) : mount.inner.read(withPath(file, mount.rest), cancel);
    },
    sizeBytes(file, cancel) {
      const mount = mountOf(file.path);
      return mount === undefined
        ? tree.sizeBytes(file, cancel)
        : mount.inner.sizeBytes(withPath(file, mount.rest), cancel);
    },
  };
}

function folderAt(path: string): TreeEntry {
  return { path, kind: 'folder', executable: false, id: '' };
}
