/** The files that a leg takes from one folder: what its needs select, after the folder's ignore file; or all of it. */
import { createHash } from 'node:crypto';
import type { Diagnostic } from '../../base/errors/diagnostic.ts';
import type { Digest } from '../../content/oci/digest.ts';
import { hasWildcard } from '../dockerfile/glob.ts';
import type { IgnorePatterns } from '../dockerfile/ignore.ts';
import { type CopySource, type SelectedSource, select } from '../dockerfile/select.ts';
import type { ReadableTree, Tree, TreeEntry } from '../dockerfile/tree.ts';
import { visibleTree } from '../dockerfile/visible-tree.ts';
import { isLeaf, overlay } from '../git/overlay.ts';
import { compareBytes } from '../git/subtree.ts';
import { modeOf } from './entry-mode.ts';
import { mayBeGenerated, plainPath } from './generated-paths.ts';
import { narrowed } from './narrow.ts';

/** A folder that a build reads from: the main context, or a named one. */
export interface SourceFolder {
  /** Its place in the source's tree. */
  readonly path: string;
  readonly tree: ReadableTree;
  readonly ignore: IgnorePatterns;
  /** What tells folders with their ignore rules apart. */
  readonly identity: string;
  /** What stands in it on disk and is not committed; undefined where that does not matter. */
  readonly uncommitted?: ReadableTree;
  /** Paths in it that a command brings. */
  readonly generated: readonly string[];
  /** Whether the file at a path in it is not as committed. */
  readonly isDirty: (path: string) => boolean;
  /** What the target says it reads of it; absent: all that is taken. */
  readonly declared?: DeclaredPaths;
}

/** Files of a folder that a target declares. */
export interface DeclaredPaths {
  /** What tells declarations apart. */
  readonly identity: string;
  /** Whether the file at a path in the folder is one. */
  readonly admits: (path: string) => boolean;
  readonly undecided: readonly string[];
}

/** What was selected. */
export interface SelectedFiles {
  /** Files, links and folders by path, in the order of bytes; a link that was followed to find them is among them. */
  readonly entries: readonly TreeEntry[];
  /** Selected paths that are on disk and in no commit. */
  readonly untracked: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
  /** Sources of which the target declares nothing, in words: all that they take counts. */
  readonly undeclared: readonly string[];
  /** The SHA-256 over what they are: one line of mode, id and path to each. Asked for, it hashes changed files of a work tree. */
  readonly digest: () => Digest;
}

/** Selects with a memory: legs that take the same from the same folder share one answer. */
export type Selector = (folder: SourceFolder, needs: readonly CopySource[], whole: boolean) => SelectedFiles;

/** A selector for one run. */
export function createSelector(): Selector {
  const known = new Map<string, SelectedFiles>();
  return (folder, needs, whole) => {
    const asked = needs.map(({ place: _, ...what }) => what);
    const identity = JSON.stringify([
      folder.identity,
      folder.generated,
      folder.declared?.identity ?? null,
      whole,
      asked,
    ]);
    // Diagnostics hold places, so only an answer without any is shared.
    const shared = known.get(identity);
    if (shared !== undefined) return shared;
    const found = selectFiles(folder, needs, whole);
    if (found.diagnostics.length === 0) known.set(identity, found);
    return found;
  };
}

function selectFiles(folder: SourceFolder, needs: readonly CopySource[], whole: boolean): SelectedFiles {
  const diagnostics: Diagnostic[] = [];
  const found = new Map<string, TreeEntry>();
  const undeclared: string[] = [];
  if (whole) {
    const all = narrowTaken([...allEntries(visibleTree(folder.tree, folder.ignore))], '.', folder);
    for (const entry of all.entries) found.set(entry.path, entry);
    undeclared.push(...all.undeclared);
  }
  for (const need of needs) {
    for (const source of need.sources) {
      const taken = takeSource(folder.tree, folder, { ...need, sources: [source] });
      diagnostics.push(...taken.diagnostics);
      undeclared.push(...taken.undeclared);
      for (const entry of taken.entries) found.set(entry.path, entry);
    }
  }
  // What a command brings counts by its lock: what an earlier run of it left on disk does not.
  const isLeft = ({ path, kind }: TreeEntry): boolean =>
    isGenerated(path, folder.generated) && (kind === 'folder' || folder.isDirty(path));
  const entries = [...found.values()].filter((entry) => entry.path !== '' && !isLeft(entry));
  entries.sort((a, b) => compareBytes(a.path, b.path));
  let digest: Digest | undefined;
  return {
    entries,
    untracked: untrackedAmong(folder, needs),
    diagnostics,
    undeclared,
    digest: () => {
      digest ??= digestOfEntries(entries);
      return digest;
    },
  };
}

/** What one source takes; that it takes nothing is no mistake where a command may bring it. */
function takeSource(
  tree: Tree,
  folder: SourceFolder,
  source: CopySource,
): Taken & { readonly diagnostics: readonly Diagnostic[] } {
  const { sources, followed, diagnostics } = select(tree, folder.ignore, source);
  const found = sources.flatMap((one) => one.entries.map(({ entry }) => entry));
  const [written = ''] = source.sources;
  const taken = namesFile(written, sources) ? { entries: found, undeclared: [] } : narrowTaken(found, written, folder);
  const generated = source.sources.some((path) => mayBeGenerated(path, folder.generated));
  return { ...taken, entries: [...taken.entries, ...followed], diagnostics: generated ? [] : diagnostics };
}

interface Taken {
  readonly entries: readonly TreeEntry[];
  readonly undeclared: readonly string[];
}

/** Whether a source names one file exactly, which then counts whatever the target declares. */
function namesFile(written: string, sources: readonly SelectedSource[]): boolean {
  if (hasWildcard(written)) return false;
  const leaves = sources.flatMap(({ entries }) => entries.filter(({ entry }) => entry.kind !== 'folder'));
  const [only, ...more] = leaves;
  if (only === undefined || more.length > 0) return false;
  return sources.every(({ kind }) => kind === 'file') || only.entry.path === plainPath(written);
}

/** What is taken, narrowed to what the target declares; where that is nothing of it, all of it counts. */
function narrowTaken(entries: readonly TreeEntry[], written: string, { declared }: SourceFolder): Taken {
  if (declared === undefined) return { entries, undeclared: [] };
  const kept = narrowed(entries, declared.admits);
  const isNone = kept === entries && entries.some(({ kind, path }) => kind !== 'folder' && !declared.admits(path));
  const note = `\`inputs\` name none of the files that ${written} takes: all of them count`;
  return { entries: kept, undeclared: isNone ? [note] : [] };
}

/** Paths that the needs would take if the folder on disk were the context, and that no commit holds and no command brings. */
function untrackedAmong(folder: SourceFolder, needs: readonly CopySource[]): readonly string[] {
  const { uncommitted, tree, generated } = folder;
  if (uncommitted === undefined || uncommitted.children('').length === 0) return [];
  const onDisk = overlay(tree, uncommitted);
  const taken = needs.flatMap((need) => takeSource(onDisk, folder, need).entries);
  const untracked = taken.filter(({ path, kind }) => kind !== 'folder' && isLeaf(uncommitted.find(path)));
  const paths = new Set(untracked.map(({ path }) => path).filter((path) => !isGenerated(path, generated)));
  return [...paths].sort(compareBytes);
}

/** Whether a path is one that a command brings, or is in one. */
function isGenerated(path: string, generated: readonly string[]): boolean {
  return generated.some((made) => made === '' || path === made || path.startsWith(`${made}/`));
}

function* allEntries(tree: Tree, folder = ''): Generator<TreeEntry> {
  for (const entry of tree.children(folder)) {
    yield entry;
    if (entry.kind === 'folder') yield* allEntries(tree, entry.path);
  }
}

/** The SHA-256 over entries: one line of mode, id and path to each. */
export function digestOfEntries(entries: readonly TreeEntry[]): Digest {
  const hash = createHash('sha256');
  for (const entry of entries)
    hash.update(`${modeOf(entry)} ${entry.kind === 'folder' ? '-' : entry.id} ${entry.path}\0`);
  return `sha256:${hash.digest('hex')}` as Digest;
}
