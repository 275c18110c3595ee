/** A folder of a tree as a tree of its own. */
import type { ReadableTree, TreeEntry } from '../dockerfile/tree.ts';

/** The tree below `folder`; the tree itself where that is ''. It is empty where there is no such folder. */
export function subtree(tree: ReadableTree, folder: string): ReadableTree {
  if (folder === '') return tree;
  const outer = (path: string): string => (path === '' ? folder : `${folder}/${path}`);
  const known = new Map<string, readonly TreeEntry[]>();
  const inner = (entry: TreeEntry): TreeEntry => withPath(entry, entry.path.slice(folder.length + 1));
  return {
    find(path) {
      const entry = tree.find(outer(path));
      return entry === undefined ? undefined : inner(entry);
    },
    children(path) {
      let found = known.get(path);
      if (found === undefined) {
        found = tree.children(outer(path)).map(inner);
        known.set(path, found);
      }
      return found;
    },
    read: (file, cancel) => tree.read(withPath(file, outer(file.path)), cancel),
    sizeBytes: (file, cancel) => tree.sizeBytes(withPath(file, outer(file.path)), cancel),
  };
}

/** The same entry at another path. Its id is asked for only when it is read: in a work tree that hashes the file. */
export function withPath(entry: TreeEntry, path: string): TreeEntry {
  const { kind, executable } = entry;
  return {
    path,
    kind,
    executable,
    get id() {
      return entry.id;
    },
    ...(entry.linkTarget === undefined ? {} : { linkTarget: entry.linkTarget }),
  };
}

/** The same in the order of their paths' UTF-8 bytes. */
export function sortedByPath<T extends { readonly path: string }>(entries: readonly T[]): T[] {
  // Strings' own order, by UTF-16, is the quick one, and the same where nothing comes after the surrogates.
  const isPlain = !entries.some(({ path }) => fromSurrogates.test(path));
  if (!isPlain) return entries.toSorted((a, b) => compareBytes(a.path, b.path));
  return entries.toSorted((a, b) => (a.path < b.path ? -1 : Number(a.path > b.path)));
}

const fromSurrogates = /[\ud800-\uffff]/;

/** Orders well-formed names by their UTF-8 bytes, with none of them encoded. */
export function compareBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const [one, other] = [a.charCodeAt(index), b.charCodeAt(index)];
    if (one !== other) return byteOrder(one) - byteOrder(other);
  }
  return a.length - b.length;
}

/** UTF-16 has surrogates before U+E000 to U+FFFF, the bytes of UTF-8 have them after. */
function byteOrder(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
