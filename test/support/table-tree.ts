// A tree made of a table, in memory and as files in a folder, so that a product's view and a real program's can be compared.

import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ReadableTree, TreeEntry } from '../../src/source/dockerfile/tree.ts';

/** Paths to what stands there: a file's text, a link's target, an empty folder. Folders above them come by themselves. */
export type TreeTable = Readonly<Record<string, string | { readonly link: string } | { readonly folder: true }>>;

/** The table as a tree. Names are taken as they are. */
export function tableTree(table: TreeTable): ReadableTree {
  const entries = new Map<string, TreeEntry>();
  const texts = new Map<string, Buffer>();
  for (const [path, given] of Object.entries(table)) {
    for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) entries.set(folder, folderAt(folder));
    entries.set(path, entryOf(path, given));
    if (typeof given === 'string') texts.set(path, Buffer.from(given));
  }
  const children = new Map<string, TreeEntry[]>();
  for (const entry of [...entries.values()].sort(byBytes)) {
    const folder = dirname(entry.path) === '.' ? '' : dirname(entry.path);
    children.set(folder, [...(children.get(folder) ?? []), entry]);
  }
  const bytesOf = (file: TreeEntry): Buffer => texts.get(file.path) ?? Buffer.alloc(0);
  return {
    find: (path) => (path === '' ? folderAt('') : entries.get(path)),
    children: (folder) => children.get(folder) ?? [],
    async *read(file) {
      yield bytesOf(file);
    },
    sizeBytes: async (file) => bytesOf(file).length,
  };
}

/** Writes the table into a folder that exists. Files have mode 0644, folders 0755. */
export function writeTable(folder: string, table: TreeTable): void {
  for (const [path, given] of Object.entries(table)) {
    const target = join(folder, path);
    mkdirSync(dirname(target), { recursive: true });
    if (typeof given === 'string') {
      writeFileSync(target, given);
      chmodSync(target, 0o644);
    } else if ('link' in given) symlinkSync(given.link, target);
    else mkdirSync(target, { recursive: true });
  }
}

function entryOf(path: string, given: TreeTable[string]): TreeEntry {
  if (typeof given === 'string') {
    const id = `sha256:${createHash('sha256').update(given).digest('hex')}`;
    return { path, kind: 'file', executable: false, id };
  }
  if ('link' in given)
    return { path, kind: 'link', executable: false, id: `link:${given.link}`, linkTarget: given.link };
  return folderAt(path);
}

function folderAt(path: string): TreeEntry {
  return { path, kind: 'folder', executable: false, id: '' };
}

function byBytes(left: TreeEntry, right: TreeEntry): number {
  return Buffer.compare(Buffer.from(left.path), Buffer.from(right.path));
}
