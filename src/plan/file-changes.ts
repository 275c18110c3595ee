/** Which files of two legs differ, and which instruction or ignore line makes each count. */
import type { ReadableTree, TreeEntry } from '../source/dockerfile/tree.ts';
import type { InputOrigins, KeyedLeg, Taking } from '../source/inputs/leg-inputs.ts';
import type { InputChange } from './input-change.ts';

/** Two sides of a comparison. */
export interface Sides {
  readonly before: KeyedLeg;
  readonly now: KeyedLeg;
}

/** The files and empty folders of the main context (`context` undefined) or of a named folder that differ, in the order of their paths. */
export function fileChanges(sides: Sides, context?: string): readonly InputChange[] {
  const trees = { before: treeOf(sides.before, context), now: treeOf(sides.now, context) };
  const before = filesOf(trees.before, trees.now);
  const now = filesOf(trees.now, trees.before);
  const paths = [...new Set([...before.keys(), ...now.keys()])].sort();
  const origins = { before: sides.before.inputs.origins?.(), now: sides.now.inputs.origins?.() };
  return paths.flatMap((path) => {
    const [was, is] = [before.get(path), now.get(path)];
    if (was !== undefined && is !== undefined && isSame(was, is)) return [];
    const how = was === undefined ? 'added' : is === undefined ? 'removed' : 'changed';
    return [fileChange(path, how, context, sides, origins)];
  });
}

interface OriginsOfSides {
  readonly before: InputOrigins | undefined;
  readonly now: InputOrigins | undefined;
}

function fileChange(
  path: string,
  how: InputChange['how'],
  context: string | undefined,
  sides: Sides,
  origins: OriginsOfSides,
): InputChange {
  const [leg, origin] = how === 'removed' ? [sides.before, origins.before] : [sides.now, origins.now];
  const taking = takingOf(origin, path, context);
  const folder = taking?.folder ?? origin?.folder ?? '';
  const name = folder === '' ? path : `${folder}/${path}`;
  // What only one side takes may be there on both: then the other side's ignore file decides.
  const other = how === 'removed' ? origins.now : how === 'added' ? origins.before : undefined;
  const ignored = context === undefined ? other?.ignoredBy(path) : undefined;
  if (ignored !== undefined) {
    const { file, line, pattern } = ignored;
    const verb = how === 'removed' ? 'leaves it out' : 'left it out';
    return { kind: 'file', how, name, place: { file, line }, by: `${JSON.stringify(pattern)} ${verb}` };
  }
  return {
    kind: 'file',
    how,
    name,
    ...(taking === undefined ? {} : { by: taking.text }),
    ...(taking?.line === undefined ? {} : { place: { file: leg.inputs.dockerfile.path, line: taking.line } }),
  };
}

/** What takes a path: an instruction rather than a doubt. */
export function takingOf(origins: InputOrigins | undefined, path: string, context?: string): Taking | undefined {
  return origins?.takings.find((taking) => taking.context === context && takes(taking, path));
}

const known = new WeakMap<readonly TreeEntry[], ReadonlySet<string>>();

/** Whether an instruction takes a path. */
export function takes(taking: Taking, path: string): boolean {
  const entries = taking.entries();
  const paths = known.get(entries) ?? new Set(entries.map((entry) => entry.path));
  known.set(entries, paths);
  return paths.has(path);
}

function treeOf({ inputs }: KeyedLeg, context: string | undefined): ReadableTree | undefined {
  return context === undefined ? inputs.context : inputs.folders.get(context);
}

/** Files, and folders of which nothing is taken but themselves where the other side has no such folder. */
function filesOf(tree: ReadableTree | undefined, other: ReadableTree | undefined): ReadonlyMap<string, TreeEntry> {
  const found = new Map<string, TreeEntry>();
  const walk = (folder: string): void => {
    for (const entry of tree?.children(folder) ?? []) {
      if (entry.kind !== 'folder') found.set(entry.path, entry);
      else if (tree?.children(entry.path).length !== 0) walk(entry.path);
      else if (other?.find(entry.path)?.kind !== 'folder') found.set(entry.path, entry);
    }
  };
  walk('');
  return found;
}

function isSame(one: TreeEntry, other: TreeEntry): boolean {
  return one.kind === other.kind && one.executable === other.executable && one.id === other.id;
}
