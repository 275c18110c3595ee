/** Go's modules in a tree: which folder an import path is (the Go Modules Reference: go.mod, go.work, vendoring). */
import type { Cancel } from '../../../base/host/cancel.ts';
import type { ReadableTree } from '../../dockerfile/tree.ts';
import { Undecided } from './attempt.ts';
import type { TakenPath } from './resolver.ts';
import { textAt } from './text-file.ts';
import { filesIn, nearestWith, pathFrom } from './workspace.ts';

/** The modules that a package can import from. */
export interface GoModules {
  /** The folder of an import path; undefined where it is in no module of the tree. */
  readonly folderOf: (importPath: string) => string | undefined;
  /** The files that name them: go.mod, go.sum, go.work. */
  readonly files: readonly TakenPath[];
}

/** The module that a folder is in, the modules that it replaces by folders, and those of its workspace. @throws Undecided */
export async function goModules(folder: string, tree: ReadableTree, cancel: Cancel): Promise<GoModules> {
  const main = nearestWith(tree, folder, 'go.mod');
  if (main === undefined) throw new Undecided('there is no go.mod above it');
  const work = nearestWith(tree, folder, 'go.work');
  const roots = [main, ...(work === undefined ? [] : await usedBy(work, tree, cancel))];
  const folders = new Map<string, string>();
  for (const root of roots) {
    const text = (await textAt(tree, inFolder(root, 'go.mod'), cancel)) ?? '';
    const name = directives(text, 'module')[0]?.[0];
    if (name !== undefined) folders.set(name, root);
    replaced(text, root, folders, roots);
  }
  if (work !== undefined) replaced((await textAt(tree, inFolder(work, 'go.work'), cancel)) ?? '', work, folders, roots);
  const files = roots.flatMap((root) => filesIn(tree, root, ['go.mod', 'go.sum', 'vendor/modules.txt']));
  const workFiles = work === undefined ? [] : filesIn(tree, work, ['go.work', 'go.work.sum', 'vendor/modules.txt']);
  return {
    folderOf: (path) => folderOf(path, folders, vendorsOf([main, work], tree), tree),
    files: [...files, ...workFiles],
  };
}

function folderOf(
  importPath: string,
  folders: ReadonlyMap<string, string>,
  vendors: readonly string[],
  tree: ReadableTree,
): string | undefined {
  const names = [...folders.keys()].filter((name) => importPath === name || importPath.startsWith(`${name}/`));
  const name = names.sort((a, b) => b.length - a.length)[0];
  const root = name === undefined ? undefined : folders.get(name);
  if (name !== undefined && root !== undefined) {
    const rest = importPath.slice(name.length + 1);
    return rest === '' ? root : inFolder(root, rest);
  }
  return vendors.map((vendor) => `${vendor}/${importPath}`).find((path) => tree.find(path) !== undefined);
}

function vendorsOf(roots: readonly (string | undefined)[], tree: ReadableTree): readonly string[] {
  const vendors = roots.flatMap((root) => (root === undefined ? [] : [inFolder(root, 'vendor')]));
  return vendors.filter((path) => tree.find(path)?.kind === 'folder');
}

async function usedBy(work: string, tree: ReadableTree, cancel: Cancel): Promise<readonly string[]> {
  const text = (await textAt(tree, inFolder(work, 'go.work'), cancel)) ?? '';
  return directives(text, 'use').map(([path = '']) => pathFrom(work, path) ?? outside(path));
}

/** `replace NAME [VERSION] => FOLDER`: where it names a folder, the module is there. Modules so found are read in their turn. */
function replaced(text: string, root: string, folders: Map<string, string>, roots: string[]): void {
  for (const [name = '', ...rest] of directives(text, 'replace')) {
    const target = rest[rest.indexOf('=>') + 1] ?? '';
    if (!/^\.{1,2}(?:\/|$)/.test(target)) continue;
    const folder = pathFrom(root, target) ?? outside(target);
    folders.set(name, folder);
    // Only its own go.mod is needed: a replacement's own replacements do not count (Go Modules Reference).
    if (!roots.includes(folder)) roots.push(folder);
  }
}

/** The words behind a directive, whether it stands in a line or in a list in parentheses. */
export function directives(text: string, directive: string): readonly (readonly string[])[] {
  const found: (readonly string[])[] = [];
  let list: string | undefined;
  for (const line of text.split('\n')) {
    const words = wordsOf(line);
    const [first, second] = words;
    if (list !== undefined && first === ')') list = undefined;
    else if (list !== undefined && words.length > 0) {
      if (list === directive) found.push(words);
    } else if (second === '(') list = first;
    else if (first === directive) found.push(words.slice(1));
  }
  return found;
}

function wordsOf(line: string): readonly string[] {
  const words = line.replace(/(^|\s)\/\/.*$/, '').match(/"[^"]*"|`[^`]*`|\(|\)|[^\s()]+/g) ?? [];
  return words.map((word) => (/^["`]/.test(word) ? word.slice(1, -1) : word));
}

function inFolder(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

function outside(path: string): never {
  throw new Undecided(`a module is at ${path}, outside of the family`);
}
