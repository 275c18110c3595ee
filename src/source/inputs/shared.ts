/** Files that decide targets though no Dockerfile shows it: the family's `shared` rules. */
import { FanfoldError, type Place } from '../../base/errors/error.ts';
import type { Digest } from '../../content/oci/digest.ts';
import type { ReadableTree, Tree, TreeEntry } from '../dockerfile/tree.ts';
import { subtree } from '../git/subtree.ts';
import { matchesName } from '../project/match-name.ts';
import type { Family, SharedRule, Target } from '../project/model.ts';
import { digestOfEntries } from './entry-list.ts';
import { matchesGlobs } from './globs.ts';

/** The shared files of one target. */
export interface SharedFiles {
  /** Files and links, by paths from the family's root, in the order of bytes. */
  readonly entries: readonly TreeEntry[];
  /** Over modes, ids and paths. */
  readonly digest: () => Digest;
  /** Where the first rule that names the file stands. */
  readonly placeOf: (path: string) => Place | undefined;
}

/** Gives a target's shared files; undefined where no rule speaks of it. @throws FanfoldError `inputs.missing` where a rule matches nothing */
export type SharedFinder = (target: Pick<Target, 'name'>) => SharedFiles | undefined;

/** A finder for one run: each rule is matched once, and the tree is walked once, if there are rules at all. */
export function createSharedFinder(
  { shared = [] }: Pick<Family, 'shared'>,
  source: { readonly tree: ReadableTree; readonly root: string },
): SharedFinder {
  let all: readonly TreeEntry[] | undefined;
  const found = new Map<SharedRule, readonly TreeEntry[]>();
  const entriesOf = (rule: SharedRule): readonly TreeEntry[] => {
    all ??= [...leavesOf(subtree(source.tree, source.root), '')];
    const matches = matchesGlobs(rule.paths);
    const entries = found.get(rule) ?? all.filter(({ path }) => matches(path));
    found.set(rule, entries);
    if (entries.length === 0) throw nothing(rule);
    return entries;
  };
  const known = new Map<string, SharedFiles>();
  return ({ name }) => {
    const rules = shared.filter(({ targets }) => matchesName(targets, name));
    if (rules.length === 0) return undefined;
    const identity = JSON.stringify(rules.map((rule) => shared.indexOf(rule)));
    const files = known.get(identity) ?? joined(new Map(rules.map((rule) => [rule, entriesOf(rule)])), all ?? []);
    known.set(identity, files);
    return files;
  };
}

function joined(byRule: ReadonlyMap<SharedRule, readonly TreeEntry[]>, all: readonly TreeEntry[]): SharedFiles {
  const paths = new Set([...byRule.values()].flatMap((entries) => entries.map(({ path }) => path)));
  const entries = all.filter(({ path }) => paths.has(path));
  let digest: Digest | undefined;
  return {
    entries,
    digest: () => {
      digest ??= digestOfEntries(entries);
      return digest;
    },
    placeOf(path) {
      for (const [rule, named] of byRule) if (named.some((entry) => entry.path === path)) return rule.place;
      return undefined;
    },
  };
}

/** The files, links and submodules below a folder, in order. */
export function* leavesOf(tree: Tree, folder: string): Generator<TreeEntry> {
  for (const entry of tree.children(folder)) {
    if (entry.kind === 'folder') yield* leavesOf(tree, entry.path);
    else yield entry;
  }
}

function nothing({ place }: SharedRule): FanfoldError {
  return new FanfoldError('inputs.missing', 'a rule of `shared` matches no file', {
    place,
    hint: 'correct its `paths`: they are relative to the folder of fanfold.yaml',
  });
}
