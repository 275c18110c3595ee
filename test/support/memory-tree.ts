// A tree of a few text files in memory: what a builder's test gives as context.

import { createHash } from 'node:crypto';
import type { ReadableTree, TreeEntry } from '../../src/source/dockerfile/tree.ts';

/** A text, or what is not a plain file of mode 0644. */
export type MemoryFile = string | { readonly text: string; readonly executable: true } | { readonly linkTo: string };

/** The tree of these files by path, with the folders above them. */
export function memoryTree(files: Readonly<Record<string, MemoryFile>>): ReadableTree {
  const texts = new Map<string, string>();
  const entries = new Map<string, TreeEntry>([['', folderEntry('')]]);
  for (const [path, file] of Object.entries(files)) {
    const parts = path.split('/');
    for (let depth = 1; depth < parts.length; depth++) {
      const folder = parts.slice(0, depth).join('/');
      entries.set(folder, folderEntry(folder));
    }
    if (typeof file === 'object' && 'linkTo' in file) {
      entries.set(path, { path, kind: 'link', executable: false, id: idOf(file.linkTo), linkTarget: file.linkTo });
      continue;
    }
    const text = typeof file === 'string' ? file : file.text;
    texts.set(path, text);
    entries.set(path, { path, kind: 'file', executable: typeof file === 'object', id: idOf(text) });
  }
  const parentOf = (path: string): string => (path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '');
  return {
    find: (path) => entries.get(path),
    children: (folder) =>
      [...entries.values()]
        .filter((entry) => entry.path !== '' && parentOf(entry.path) === folder)
        .sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path))),
    async *read(file) {
      yield Buffer.from(texts.get(file.path) ?? '');
    },
    sizeBytes: async (file) => Buffer.byteLength(texts.get(file.path) ?? ''),
  };
}

function folderEntry(path: string): TreeEntry {
  return { path, kind: 'folder', executable: false, id: '' };
}

function idOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}
