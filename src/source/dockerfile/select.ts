/** The entries of a tree that one COPY, ADD or bind mount takes, as BuildKit takes them. */
import type { Diagnostic } from '../../base/errors/diagnostic.ts';
import { isFanfoldError } from '../../base/errors/error.ts';
import { nearestName } from '../../base/errors/nearest.ts';
import { followLinks } from './follow.ts';
import { compileGlob, hasWildcard } from './glob.ts';
import {
  compileIgnore,
  decidingPattern,
  type IgnorePatterns,
  type IgnoreState,
  isIgnored,
  walkIgnore,
} from './ignore.ts';
import type { TextRange } from './instruction.ts';
import { baseName, insideRoot, joinParts } from './paths.ts';
import { everythingIn, type Tree, type TreeEntry } from './tree.ts';
import { visibleTree } from './visible-tree.ts';

/** What to take: one instruction's sources. */
export interface CopySource {
  /** As `CopyStep.sources`: patterns of Go's filepath.Match; with `parents` also `**` and the pivot `./`. */
  readonly sources: readonly string[];
  readonly parents: boolean;
  readonly exclude: readonly string[];
  /** `mount`: one path, links followed, no patterns. */
  readonly kind: 'copy' | 'mount';
  readonly place: TextRange;
}

/** One entry to be copied. */
export interface Selected {
  readonly entry: TreeEntry;
  /** Its path below the destination; '' is the destination itself (the root of a copied folder, or a copied file). */
  readonly relative: string;
}

/** What one source (or one match of its pattern) gives. */
export interface SelectedSource {
  /** The source as written. */
  readonly source: string;
  /** `folder`: its content goes into the destination; `file`: it is the destination, or goes into it where that is a folder. With `--parents`, always `folder`. */
  readonly kind: 'file' | 'folder';
  /** The name to use where a file goes into a folder: that of the link, where one was followed. */
  readonly name: string;
  /** Folders before what is in them, names in order of their UTF-8 bytes. */
  readonly entries: readonly Selected[];
}

/** All that was selected. */
export interface Selection {
  /** In the order in which they are copied. */
  readonly sources: readonly SelectedSource[];
  /** Links that were followed to find the sources, and folders in which a pattern found nothing: they decide what is selected, too. */
  readonly followed: readonly TreeEntry[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Selects from a tree. A source that is not there is a diagnostic with the instruction's place; a pattern may match nothing. Never throws. */
export function select(tree: Tree, ignore: IgnorePatterns, source: CopySource): Selection {
  const visible = visibleTree(tree, ignore);
  const sources: SelectedSource[] = [];
  const followed = new Set<TreeEntry>();
  const diagnostics: Diagnostic[] = [];
  const report = (message: string, hint?: string) => {
    const { line, column } = source.place;
    const place = { line, column };
    diagnostics.push({ code: 'dockerfile.source', severity: 'error', message, place, ...(hint && { hint }) });
  };
  const work: Work = { tree, visible, ignore, source, followed, report };
  for (const written of source.sources) {
    try {
      sources.push(...(source.parents ? selectParents(work, written) : selectSource(work, written)));
    } catch (error) {
      if (!isFanfoldError(error)) throw error;
      report(error.message, error.hint);
    }
  }
  return { sources, followed: [...followed], diagnostics };
}

interface Work {
  readonly tree: Tree;
  readonly visible: Tree;
  readonly ignore: IgnorePatterns;
  readonly source: CopySource;
  readonly followed: Set<TreeEntry>;
  readonly report: (message: string, hint?: string) => void;
}

function selectSource(work: Work, written: string): readonly SelectedSource[] {
  const path = insideRoot(written);
  const parts = path.split('/');
  const firstWild = work.source.kind === 'mount' ? -1 : parts.findIndex(hasWildcard);
  if (firstWild < 0) return selectPath(work, written, path);
  const base = follow(work, written, parts.slice(0, firstWild).join('/'));
  if (base === undefined) return [];
  if (base !== '' && work.visible.find(base) === undefined) {
    reportMissing(work, written, base);
    return [];
  }
  const matches = compileGlob(parts.slice(firstWild).join('/'));
  if (matches === undefined) {
    work.report(`the pattern ${JSON.stringify(written)} is malformed`);
    return [];
  }
  const found = matchBelow(work.visible, base, '', matches);
  // A pattern may match nothing in a folder, but the folder must be there: a context of what is selected has to have it.
  const folder = found.length === 0 && base !== '' ? work.visible.find(base) : undefined;
  if (folder !== undefined) work.followed.add(folder);
  return found.flatMap((match) => selectPath(work, written, match));
}

// What is in a folder that matches is not looked at: the folder itself is taken.
function matchBelow(
  tree: Tree,
  folder: string,
  relative: string,
  matches: (name: string) => boolean,
): readonly string[] {
  return tree.children(folder).flatMap((entry) => {
    const name = joinParts(relative, baseName(entry.path));
    if (matches(name)) return [entry.path];
    return entry.kind === 'folder' ? matchBelow(tree, entry.path, name, matches) : [];
  });
}

function selectPath(work: Work, written: string, path: string): readonly SelectedSource[] {
  const real = follow(work, written, path);
  if (real === undefined) return [];
  const entry = real === '' ? rootEntry(work.visible) : work.visible.find(real);
  if (entry === undefined) {
    reportMissing(work, written, real);
    return [];
  }
  const name = baseName(path);
  if (entry.kind === 'file' || entry.kind === 'link') {
    return [{ source: written, kind: 'file', name, entries: [{ entry, relative: '' }] }];
  }
  const entries: Selected[] = [{ entry, relative: '' }];
  if (work.source.exclude.length === 0) {
    for (const inner of everythingIn(work.visible, real)) {
      entries.push({ entry: inner, relative: real === '' ? inner.path : inner.path.slice(real.length + 1) });
    }
  } else {
    const exclude = compileIgnore(work.source.exclude);
    collect({ tree: work.visible, exclude, include: undefined, entries }, real, '', undefined, undefined, []);
  }
  return [{ source: written, kind: 'folder', name, entries }];
}

function selectParents(work: Work, written: string): readonly SelectedSource[] {
  const pivot = written.indexOf('/./');
  const above = insideRoot(pivot < 0 ? '' : written.slice(0, pivot));
  const below = insideRoot(pivot < 0 ? written : written.slice(pivot + 3));
  const bases = hasWildcard(above) ? wildBases(work, above) : [above];
  return bases.flatMap((base) => selectBelow(work, written, base, below));
}

function wildBases(work: Work, above: string): readonly string[] {
  const parts = above.split('/');
  const firstWild = parts.findIndex(hasWildcard);
  const base = follow(work, above, parts.slice(0, firstWild).join('/'));
  const matches = compileGlob(parts.slice(firstWild).join('/'));
  return base === undefined || matches === undefined ? [] : matchBelow(work.visible, base, '', matches);
}

function selectBelow(work: Work, written: string, base: string, below: string): readonly SelectedSource[] {
  const real = follow(work, written, base);
  const root = real === undefined ? undefined : real === '' ? rootEntry(work.visible) : work.visible.find(real);
  if (real === undefined || root === undefined) {
    if (real !== undefined) reportMissing(work, written, real);
    return [];
  }
  const include = below === '' ? undefined : compileIgnore([below]);
  const exclude = compileIgnore(work.source.exclude);
  const entries: Selected[] = [{ entry: root, relative: '' }];
  collect({ tree: work.visible, exclude, include, entries }, real, '', undefined, undefined, []);
  if (entries.length === 1 && below !== '' && !hasWildcard(written) && !work.visible.find(joinParts(real, below))) {
    reportMissing(work, written, joinParts(real, below));
  }
  return [{ source: written, kind: 'folder', name: baseName(below), entries }];
}

interface Collection {
  readonly tree: Tree;
  readonly exclude: IgnorePatterns;
  readonly include: IgnorePatterns | undefined;
  readonly entries: Selected[];
}

/** Walks a folder; `waiting` are folders that come along as soon as something in them is taken. */
function collect(
  collection: Collection,
  folder: string,
  relative: string,
  excludeState: IgnoreState | undefined,
  includeState: IgnoreState | undefined,
  waiting: Selected[],
): void {
  for (const entry of collection.tree.children(folder)) {
    const path = joinParts(relative, baseName(entry.path));
    const excluded = walkIgnore(collection.exclude, path, excludeState);
    const included = collection.include && walkIgnore(collection.include, path, includeState);
    const selected = { entry, relative: path };
    const taken = !excluded.ignored && (included === undefined || included.ignored);
    if (taken) collection.entries.push(...waiting.splice(0), selected);
    if (entry.kind !== 'folder') continue;
    const below = taken ? waiting : [...waiting, selected];
    const before = collection.entries.length;
    collect(collection, entry.path, path, excluded.state, included?.state, below);
    if (collection.entries.length > before) waiting.splice(0);
  }
}

function follow(work: Work, written: string, path: string): string | undefined {
  const { path: real, links } = followLinks(work.visible, path);
  for (const link of links) work.followed.add(link);
  if (real === undefined) work.report(`${JSON.stringify(written)} leads through links that go round in a circle`);
  return real;
}

function rootEntry(tree: Tree): TreeEntry {
  return tree.find('') ?? { path: '', kind: 'folder', executable: false, id: '' };
}

function reportMissing(work: Work, written: string, path: string): void {
  const message = `${JSON.stringify(written)} is not in the context`;
  const pattern = isIgnored(work.ignore, path) ? decidingPattern(work.ignore, path) : undefined;
  if (work.tree.find(path) !== undefined && pattern !== undefined) {
    work.report(
      `${message}: the pattern ${pattern} of .dockerignore leaves it out`,
      'write an exception with ! after it',
    );
    return;
  }
  const folder = path.slice(0, Math.max(0, path.lastIndexOf('/')));
  const nearest = nearestName(
    path,
    work.visible.children(folder).map((entry) => entry.path),
  );
  work.report(message, nearest && `write ${nearest}`);
}
