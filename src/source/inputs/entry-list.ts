/** Entries in the order of bytes, with what all legs that take them ask of them: each answer is worked out once. */
import { createHash } from 'node:crypto';
import type { Digest } from '../../content/oci/digest.ts';
import type { TreeEntry } from '../dockerfile/tree.ts';
import { sortedByPath } from '../git/subtree.ts';
import { modeOf } from './entry-mode.ts';

/** A list that many legs share. */
export interface EntryList {
  readonly entries: readonly TreeEntry[];
  /** The SHA-256 over what they are. Asked for, it hashes changed files of a work tree. */
  readonly digest: () => Digest;
  /** The first submodule that is not checked out. */
  readonly submodule: () => TreeEntry | undefined;
  /** Whether a file or link among them is not as committed. */
  readonly isDirty: () => boolean;
}

/** A list of distinct entries, in any order; `standIn` gives the content that counts in place of a file's own. */
export function entryList(
  found: readonly TreeEntry[],
  isDirty: (path: string) => boolean,
  standIn?: (path: string) => string | undefined,
): EntryList {
  const entries = sortedByPath(found);
  return {
    entries,
    digest: once(() => digestOfEntries(standIn === undefined ? entries : counted(entries, standIn))),
    submodule: once(() => entries.find(({ kind }) => kind === 'submodule')),
    isDirty: once(() => entries.some(({ path, kind }) => kind !== 'folder' && isDirty(path))),
  };
}

function counted(entries: readonly TreeEntry[], standIn: (path: string) => string | undefined): readonly TreeEntry[] {
  return entries.map((entry) => {
    const id = entry.kind === 'file' ? standIn(entry.path) : undefined;
    return id === undefined ? entry : { path: entry.path, kind: entry.kind, executable: entry.executable, id };
  });
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

const batchLength = 65_536;

/** The SHA-256 over entries: one line of mode, id and path to each. */
export function digestOfEntries(entries: readonly TreeEntry[]): Digest {
  const hash = createHash('sha256');
  let lines = '';
  for (const entry of entries) {
    lines += `${modeOf(entry)} ${entry.kind === 'folder' ? '-' : entry.id} ${entry.path}\0`;
    if (lines.length < batchLength) continue;
    hash.update(lines);
    lines = '';
  }
  return `sha256:${hash.update(lines).digest('hex')}` as Digest;
}
