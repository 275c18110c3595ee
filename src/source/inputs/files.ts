/** The files that a leg takes from one folder: what its needs select, after the folder's ignore file; or all of it. */
import type { Diagnostic } from '../../base/errors/diagnostic.ts';
import type { CopySource } from '../dockerfile/select.ts';
import type { TreeEntry } from '../dockerfile/tree.ts';
import { compareBytes } from '../git/subtree.ts';
import { type EntryList, entryList } from './entry-list.ts';
import type { SourceFolder } from './source-folder.ts';
import { createFolderTaker, type FolderTaker, type Taken } from './take.ts';

/** What was selected. */
export interface SelectedFiles extends EntryList {
  /** Files, links and folders by path, in the order of bytes; a link that was followed to find them is among them. */
  readonly entries: readonly TreeEntry[];
  /** Selected paths that are on disk and in no commit. */
  readonly untracked: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
  /** Sources of which the target declares nothing, in words: all that they take counts. */
  readonly undeclared: readonly string[];
}

/** Selects with a memory: legs that take the same from the same folder share one answer. */
export type Selector = (folder: SourceFolder, needs: readonly CopySource[], whole: boolean) => SelectedFiles;

/** A selector for one run. */
export function createSelector(): Selector {
  const folders = new Map<string, KnownFolder>();
  const byObject = new WeakMap<SourceFolder, KnownFolder>();
  const knownFolder = (folder: SourceFolder): KnownFolder => {
    const name = JSON.stringify([folder.identity, folder.generated, folder.declared?.identity ?? null]);
    const found = folders.get(name) ?? { taker: createFolderTaker(folder), known: new Map() };
    folders.set(name, found);
    byObject.set(folder, found);
    return found;
  };
  return (folder, needs, whole) => {
    const { taker, known } = byObject.get(folder) ?? knownFolder(folder);
    const identity = `${whole}\n${needs.map(identityOf).join('\n')}`;
    // Diagnostics hold places, so only an answer without any is shared.
    const shared = known.get(identity);
    if (shared !== undefined) return shared;
    const found = selectFiles(folder, taker, needs, whole);
    if (found.diagnostics.length === 0) known.set(identity, found);
    return found;
  };
}

interface KnownFolder {
  readonly taker: FolderTaker;
  readonly known: Map<string, SelectedFiles>;
}

const identities = new WeakMap<CopySource, string>();

/** All of a need but its place, as one line. Legs that share a step share its need. */
function identityOf(need: CopySource): string {
  const { sources, parents, exclude, kind } = need;
  const identity = identities.get(need) ?? JSON.stringify([sources, parents, exclude, kind]);
  identities.set(need, identity);
  return identity;
}

function selectFiles(
  folder: SourceFolder,
  taker: FolderTaker,
  needs: readonly CopySource[],
  whole: boolean,
): SelectedFiles {
  const sources = needs.flatMap((need) => need.sources.map((source) => taker.take({ ...need, sources: [source] })));
  const untracked = new Set(sources.flatMap((taken) => taken.untracked));
  const taken = [...(whole ? [taker.everything()] : []), ...sources.map(({ files }) => files)];
  return {
    ...listOf(taken, taker, folder),
    untracked: [...untracked].sort(compareBytes),
    diagnostics: sources.flatMap(({ diagnostics }) => diagnostics),
    undeclared: taken.flatMap(({ undeclared }) => undeclared),
  };
}

/** What was taken together. All of a folder holds whatever else is taken of it: its list is made once for all legs. */
function listOf(taken: readonly Taken[], taker: FolderTaker, folder: SourceFolder): EntryList {
  if (taken.some(({ isAll }) => isAll)) return taker.all();
  const found = new Map<string, TreeEntry>();
  for (const { entries } of taken) for (const entry of entries) found.set(entry.path, entry);
  return entryList([...found.values()].filter(taker.isKept), folder.isDirty, folder.declared?.standIn);
}
