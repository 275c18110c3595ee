/** Workspaces: members that depend on members, and what all of them share. */
import { posix } from 'node:path';
import picomatch from 'picomatch';
import type { Tree } from '../../dockerfile/tree.ts';
import { Undecided } from './attempt.ts';
import type { TakenPath } from './resolver.ts';

/** A member of a workspace. */
export interface Member {
  readonly name: string;
  /** Its folder, from the family's root. */
  readonly folder: string;
  /** Folders of the members that it depends on. */
  readonly dependsOn: readonly string[];
  /** Files that must be there for the workspace to be read, whoever is built. */
  readonly skeleton: readonly TakenPath[];
}

/** A member with all that it depends on, whole, and of every other one what the workspace cannot be read without. */
export function takeMember(
  wanted: string,
  members: readonly Member[],
  common: readonly TakenPath[],
): readonly TakenPath[] {
  const byFolder = new Map(members.map((member) => [member.folder, member]));
  const taken = new Set<string>();
  const visit = (folder: string): void => {
    if (taken.has(folder)) return;
    taken.add(folder);
    for (const next of byFolder.get(folder)?.dependsOn ?? []) visit(next);
  };
  const first = members.find(({ folder, name }) => folder === wanted || name === wanted);
  if (first === undefined) throw new Undecided(`${wanted} is no member of the workspace`);
  visit(first.folder);
  // The root itself may be a member; all below it would be everything.
  if (taken.has('')) throw new Undecided('the root of the workspace is depended on');
  const whole = [...taken].map((path) => ({ path, reach: 'all' }) as const);
  return [...common, ...members.flatMap(({ skeleton }) => skeleton), ...whole];
}

/** Folders below `root` that patterns name and that hold `manifest`; a pattern with `!` takes out. */
export function memberFolders(
  tree: Tree,
  root: string,
  patterns: readonly string[],
  manifest: string,
): readonly string[] {
  const clean = (pattern: string): string => pattern.replace(/^\.\//, '').replace(/\/$/, '');
  const into = patterns.filter((pattern) => !pattern.startsWith('!')).map(clean);
  const out = patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => clean(pattern.slice(1)));
  const isIn = picomatch(into, { dot: false });
  const isOut = picomatch(out);
  const found: string[] = [];
  const depth = into.some((pattern) => pattern.includes('**')) ? maxDepth : Math.max(0, ...into.map(partsOf));
  const walk = (folder: string, level: number): void => {
    for (const { path, kind } of tree.children(folder)) {
      if (kind !== 'folder' || posix.basename(path) === 'node_modules') continue;
      const relative = root === '' ? path : path.slice(root.length + 1);
      if (isIn(relative) && !isOut(relative) && tree.find(`${path}/${manifest}`) !== undefined) found.push(path);
      if (level < depth) walk(path, level + 1);
    }
  };
  if (into.length > 0) walk(root, 1);
  return found;
}

const maxDepth = 12;

function partsOf(pattern: string): number {
  return pattern.split('/').length;
}

/** `path` below `folder`, as a file that is taken where it is there. */
export function filesIn(tree: Tree, folder: string, names: readonly string[]): readonly TakenPath[] {
  return names.flatMap((name) => {
    const path = folder === '' ? name : `${folder}/${name}`;
    const kind = tree.find(path)?.kind;
    if (kind === undefined) return [];
    return [{ path, reach: kind === 'folder' ? 'all' : 'file' } as const];
  });
}

/** A path as written in a file of a folder; undefined where it leads out of the family. */
export function pathFrom(folder: string, written: string): string | undefined {
  const path = posix.normalize(posix.join(folder, written)).replace(/\/$/, '');
  if (path.startsWith('..') || posix.isAbsolute(written)) return undefined;
  return path === '.' ? '' : path;
}

/** The nearest folder at or above one that holds a file. */
export function nearestWith(tree: Tree, folder: string, name: string): string | undefined {
  for (let at = folder; ; at = at.includes('/') ? at.slice(0, at.lastIndexOf('/')) : '') {
    if (tree.find(at === '' ? name : `${at}/${name}`) !== undefined) return at;
    if (at === '') return undefined;
  }
}
