// A real folder as a tree: the same files for a builder under test and for the engine.

import { createReadStream, lstatSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ReadableTree, TreeEntry } from '../../src/source/dockerfile/tree.ts';

/** The tree of a folder. Nothing is remembered: it is as the folder is. */
export function folderTree(root: string): ReadableTree {
  const find = (path: string): TreeEntry | undefined => {
    const stat = lstatSync(join(root, path), { throwIfNoEntry: false });
    if (stat === undefined) return undefined;
    const entry = { path, executable: (stat.mode & 0o100) !== 0 && stat.isFile(), id: '' };
    if (stat.isSymbolicLink()) return { ...entry, kind: 'link', linkTarget: readlinkSync(join(root, path)) };
    return { ...entry, kind: stat.isDirectory() ? 'folder' : 'file' };
  };
  return {
    find,
    children: (folder) => {
      if (find(folder)?.kind !== 'folder') return [];
      const names = readdirSync(join(root, folder)).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      return names.flatMap((name) => find(folder === '' ? name : `${folder}/${name}`) ?? []);
    },
    read: (file) => createReadStream(join(root, file.path)),
    sizeBytes: async (file) => statSync(join(root, file.path)).size,
  };
}
