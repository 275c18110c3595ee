/** What single sources take of one folder, each found once for all legs that name it. */
import type { Diagnostic } from '../../base/errors/diagnostic.ts';
import { hasWildcard } from '../dockerfile/glob.ts';
import { insideRoot } from '../dockerfile/paths.ts';
import { type CopySource, type SelectedSource, select } from '../dockerfile/select.ts';
import { everythingIn, type Tree, type TreeEntry } from '../dockerfile/tree.ts';
import { visibleTree } from '../dockerfile/visible-tree.ts';
import { isLeaf, overlay } from '../git/overlay.ts';
import { type EntryList, entryList } from './entry-list.ts';
import { mayBeGenerated, plainPath } from './generated-paths.ts';
import { narrowed } from './narrow.ts';
import type { SourceFolder } from './source-folder.ts';

/** Entries that something takes. */
export interface Taken {
  readonly entries: readonly TreeEntry[];
  /** In words, of what the target declares nothing. */
  readonly undeclared: readonly string[];
  /** All that can be taken of the folder: `entries` is then left to the list of all. */
  readonly isAll: boolean;
}

/** What one source takes. */
export interface TakenSource {
  readonly files: Taken;
  readonly diagnostics: readonly Diagnostic[];
  /** Paths that it would take if the folder on disk were the context, and that no commit holds and no command brings. */
  readonly untracked: readonly string[];
}

/** Takes from one folder. */
export interface FolderTaker {
  /** `need` has one source. */
  take(need: CopySource): TakenSource;
  /** All of it, narrowed to what the target declares. */
  everything(): Taken;
  /** The list of all that can be taken. */
  all(): EntryList;
  /** Whether an entry counts: the folder itself does not, nor does what an earlier run of a command left on disk. */
  readonly isKept: (entry: TreeEntry) => boolean;
}

/** A taker for one run. */
export function createFolderTaker(folder: SourceFolder): FolderTaker {
  const { tree, ignore, generated, isDirty } = folder;
  const known = new Map<string, TakenSource>();
  let all: EntryList | undefined;
  const visible = (): readonly TreeEntry[] => everythingIn(visibleTree(tree, ignore), '');
  const untrackedBy = untrackedFinder(folder);
  const isKept = ({ path, kind }: TreeEntry): boolean =>
    path !== '' && !(isGenerated(path, generated) && (kind === 'folder' || isDirty(path)));
  const everything = (): Taken =>
    folder.declared === undefined ? ofAll : { ...narrowTaken(visible(), '.', folder), isAll: false };
  return {
    isKept,
    everything,
    all() {
      all ??= entryList(visible().filter(isKept), isDirty);
      return all;
    },
    take(need) {
      const { place: _, ...what } = need;
      const identity = JSON.stringify(what);
      const shared = known.get(identity);
      if (shared !== undefined) return shared;
      const isAll = folder.declared === undefined && takesRoot(need);
      const { diagnostics, ...files } = isAll ? { ...ofAll, diagnostics: [] } : takeSource(tree, folder, need);
      const taken = { files, diagnostics, untracked: untrackedBy(need, isAll) };
      // Diagnostics hold places.
      if (diagnostics.length === 0) known.set(identity, taken);
      return taken;
    },
  };
}

const ofAll: Taken = { entries: [], undeclared: [], isAll: true };

/** Whether a source is the folder itself, with nothing taken out of it. */
function takesRoot({ sources: [source = ''], exclude, parents }: CopySource): boolean {
  return !parents && exclude.length === 0 && insideRoot(source) === '';
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
  return {
    ...taken,
    isAll: false,
    entries: [...taken.entries, ...followed],
    diagnostics: generated ? [] : diagnostics,
  };
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
function narrowTaken(
  entries: readonly TreeEntry[],
  written: string,
  { declared }: SourceFolder,
): Pick<Taken, 'entries' | 'undeclared'> {
  if (declared === undefined) return { entries, undeclared: [] };
  const kept = narrowed(entries, declared.admits);
  const isNone = kept === entries && entries.some(({ kind, path }) => kind !== 'folder' && !declared.admits(path));
  const note = `\`inputs\` name none of the files that ${written} takes: all of them count`;
  return { entries: kept, undeclared: isNone ? [note] : [] };
}

/** Finds what a source would take of the disk alone. */
function untrackedFinder(folder: SourceFolder): (need: CopySource, isAll: boolean) => readonly string[] {
  const { uncommitted, tree, generated, ignore } = folder;
  if (uncommitted === undefined || uncommitted.children('').length === 0) return () => [];
  let disk: Tree | undefined;
  const takenOnDisk = (need: CopySource): readonly TreeEntry[] => {
    disk ??= overlay(tree, uncommitted);
    return takeSource(disk, folder, need).entries;
  };
  return (need, isAll) => {
    const taken = isAll ? everythingIn(visibleTree(uncommitted, ignore), '') : takenOnDisk(need);
    const untracked = taken.filter(({ path, kind }) => kind !== 'folder' && isLeaf(uncommitted.find(path)));
    return untracked.map(({ path }) => path).filter((path) => !isGenerated(path, generated));
  };
}

/** Whether a path is one that a command brings, or is in one. */
function isGenerated(path: string, generated: readonly string[]): boolean {
  return generated.some((made) => made === '' || path === made || path.startsWith(`${made}/`));
}
