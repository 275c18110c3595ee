/** A tree as a builder sees it after .dockerignore. */
import { type IgnorePatterns, type IgnoreState, type IgnoreWalk, walkFolder } from './ignore.ts';
import type { Tree, TreeEntry } from './tree.ts';

/** By tree, then by rules: every COPY of every leg asks for the same few. */
const views = new WeakMap<Tree, WeakMap<IgnorePatterns, Tree>>();

/**
 * The tree without what is ignored. A folder that is ignored stays where something below it does not (`!`), for a build
 * context has no entry without its folder. The same tree and rules give the same view, whose folders are each looked at once.
 */
export function visibleTree(tree: Tree, ignore: IgnorePatterns): Tree {
  if (ignore.patterns.length === 0) return tree;
  const ofTree = views.get(tree) ?? new WeakMap<IgnorePatterns, Tree>();
  views.set(tree, ofTree);
  const view = ofTree.get(ignore) ?? makeView(tree, ignore);
  ofTree.set(ignore, view);
  return view;
}

function makeView(tree: Tree, ignore: IgnorePatterns): Tree {
  const negates = ignore.patterns.some((pattern) => pattern.negated);
  const view: View = { tree, ignore, negates, folders: new Map() };
  return {
    find: (path) => (path === '' ? tree.find('') : findVisible(view, path)),
    children: (folder) => (folder === '' || findVisible(view, folder) ? (viewOf(view, folder)?.entries ?? []) : []),
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
  /** Made when a path is first asked for: a walk never asks. */
  byPath?: ReadonlyMap<string, TreeEntry>;
  readonly states: ReadonlyMap<string, IgnoreState>;
}

function findVisible(view: View, path: string): TreeEntry | undefined {
  const folder = viewOf(view, parentOf(path));
  if (folder === undefined) return undefined;
  folder.byPath ??= new Map(folder.entries.map((entry) => [entry.path, entry]));
  return folder.byPath.get(path);
}

/** What is seen of a folder; undefined where the tree has no such folder. */
function viewOf(view: View, folder: string): FolderView | undefined {
  const known = view.folders.get(folder);
  if (known !== undefined) return known;
  const state = folder === '' ? undefined : viewOf(view, parentOf(folder))?.states.get(folder);
  if (folder !== '' && state === undefined) return undefined;
  const entries: TreeEntry[] = [];
  const states = new Map<string, IgnoreState>();
  const walk = walkFolder(view.ignore, folder, state);
  for (const entry of view.tree.children(folder)) {
    if (entry.kind !== 'folder') {
      if (!walk.isIgnored(entry.path)) entries.push(entry);
      continue;
    }
    const walked = walk.enter(entry.path);
    states.set(entry.path, walked.state);
    if (!walked.ignored || (view.negates && keepsSomething(view, entry.path, walked.state))) entries.push(entry);
  }
  const made = { entries, states };
  view.folders.set(folder, made);
  return made;
}

function keepsSomething(view: View, folder: string, state: IgnoreState): boolean {
  const walk: IgnoreWalk = walkFolder(view.ignore, folder, state);
  return view.tree.children(folder).some(({ path, kind }) => {
    if (kind !== 'folder') return !walk.isIgnored(path);
    const walked = walk.enter(path);
    return !walked.ignored || keepsSomething(view, path, walked.state);
  });
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
