/** A tree as a builder sees it after .dockerignore. */
import { type IgnorePatterns, type IgnoreState, walkIgnore } from './ignore.ts';
import type { Tree, TreeEntry } from './tree.ts';

/**
 * The tree without what is ignored. A folder that is ignored stays where something below it does not (`!`), for a build
 * context has no entry without its folder.
 */
export function visibleTree(tree: Tree, ignore: IgnorePatterns): Tree {
  if (ignore.patterns.length === 0) return tree;
  const folders = new Map<string, FolderView>();
  const negates = ignore.patterns.some((pattern) => pattern.negated);
  const view: View = { tree, ignore, negates, folders };
  return {
    find: (path) => findVisible(view, path),
    children: (folder) => (folder === '' || findVisible(view, folder) ? viewOf(view, folder).entries : []),
  };
}

interface View {
  readonly tree: Tree;
  readonly ignore: IgnorePatterns;
  readonly negates: boolean;
  readonly folders: Map<string, FolderView>;
}

interface FolderView {
  readonly entries: readonly TreeEntry[];
  readonly byPath: ReadonlyMap<string, TreeEntry>;
  readonly states: ReadonlyMap<string, IgnoreState>;
}

function findVisible(view: View, path: string): TreeEntry | undefined {
  if (path === '') return view.tree.find('');
  if (view.tree.find(path) === undefined) return undefined;
  return viewOf(view, parentOf(path)).byPath.get(path);
}

function viewOf(view: View, folder: string): FolderView {
  const known = view.folders.get(folder);
  if (known !== undefined) return known;
  const state = folder === '' ? undefined : viewOf(view, parentOf(folder)).states.get(folder);
  const entries: TreeEntry[] = [];
  const states = new Map<string, IgnoreState>();
  const made: FolderView = { entries, states, byPath: new Map() };
  for (const entry of view.tree.children(folder)) {
    const walked = walkIgnore(view.ignore, entry.path, state);
    if (entry.kind === 'folder') states.set(entry.path, walked.state);
    if (!walked.ignored || keepsSomething(view, entry, walked.state)) entries.push(entry);
  }
  const complete = { ...made, byPath: new Map(entries.map((entry) => [entry.path, entry])) };
  view.folders.set(folder, complete);
  return complete;
}

function keepsSomething(view: View, entry: TreeEntry, state: IgnoreState): boolean {
  if (!view.negates || entry.kind !== 'folder') return false;
  return view.tree.children(entry.path).some((child) => {
    const walked = walkIgnore(view.ignore, child.path, state);
    return !walked.ignored || keepsSomething(view, child, walked.state);
  });
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
