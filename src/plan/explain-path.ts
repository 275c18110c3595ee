/** Which legs a path reaches, and how; and what keeps it out of others. */
import { posix, relative } from 'node:path';
import type { Place } from '../base/errors/error.ts';
import { platformIdentity } from '../content/oci/platform.ts';
import type { IgnoringLine, KeyedLeg } from '../source/inputs/leg-inputs.ts';
import type { Family } from '../source/project/model.ts';
import { type HowIn, waysInto } from './ways-in.ts';

/** One way in which a path reaches a leg. */
export interface PathReach {
  readonly leg: string;
  readonly how: HowIn | 'target';
  /** The instruction that takes it, or the target that it comes through. */
  readonly by: string;
  readonly place?: Place;
}

/** What is known of a path. */
export interface PathExplanation {
  readonly path: string;
  /** It is the configuration: what it says of a target counts in that target's legs. */
  readonly isConfiguration: boolean;
  readonly reaches: readonly PathReach[];
  /** Legs whose context does not hold it, by the line that says so. */
  readonly ignored: readonly { readonly leg: string; readonly line: IgnoringLine }[];
}

/** Where the family stands in the repository, and its configuration. */
export interface FamilyPlace {
  /** The family's root, from the top of the repository; '' is the top. */
  readonly root: string;
  /** The configuration and the files that it reads targets from, in it. */
  readonly files: readonly string[];
}

/** Where a family stands in its repository; `root` is from the repository's top. */
export function familyPlace({ file, root: folder, sources = [] }: Family, root: string): FamilyPlace {
  return { root, files: [posix.normalize(relative(folder, file)), ...sources] };
}

/** Explains a path (a file or a folder) from the top of the repository. */
export function explainPath(path: string, legs: readonly KeyedLeg[], { root, files }: FamilyPlace): PathExplanation {
  const own = ownPath(root);
  const direct = legs.flatMap((keyed) => reachesOf(path, keyed, own));
  const reached = new Set(direct.map(({ leg }) => leg));
  const through = throughTargets(dependentsOf(legs), reached);
  const ignored = legs.flatMap(({ leg, inputs }) => {
    const origins = inputs.origins?.();
    const inner = origins === undefined ? undefined : innerPath(path, origins.folder);
    const line = inner === undefined || reached.has(leg.name) ? undefined : origins?.ignoredBy(inner);
    return line === undefined ? [] : [{ leg: leg.name, line }];
  });
  return { path, isConfiguration: files.some((file) => path === own(file)), reaches: [...direct, ...through], ignored };
}

/** What `explainPath` says of many paths, worked out in one pass. */
export interface PathIndex {
  /** Names of the legs that a file reaches. */
  readonly legsOf: (path: string) => ReadonlySet<string>;
  /** Names of the legs that a folder (a submodule) reaches by what is in it. */
  readonly legsUnder: (folder: string) => ReadonlySet<string>;
  readonly isConfiguration: (path: string) => boolean;
}

/** An index of all files that reach legs. */
export function pathIndex(legs: readonly KeyedLeg[], { root, files }: FamilyPlace): PathIndex {
  const own = ownPath(root);
  const byPath = new Map<string, Set<string>>();
  for (const keyed of legs) {
    const reached = new Set(waysInto(keyed, own).flatMap(({ paths }) => paths));
    for (const path of reached) {
      const names = byPath.get(path) ?? new Set();
      byPath.set(path, names.add(keyed.leg.name));
    }
  }
  const dependents = dependentsOf(legs);
  if (dependents.size > 0) {
    for (const names of byPath.values()) for (const { leg } of throughTargets(dependents, names)) names.add(leg);
  }
  const configuration = new Set(files.map(own));
  return {
    legsOf: (path) => byPath.get(path) ?? none,
    legsUnder: (folder) =>
      new Set([...byPath].flatMap(([path, names]) => (path.startsWith(`${folder}/`) ? [...names] : []))),
    isConfiguration: (path) => configuration.has(path),
  };
}

const none: ReadonlySet<string> = new Set();

function ownPath(root: string): (inner: string) => string {
  return (inner) => (root === '' ? inner : `${root}/${inner}`);
}

function reachesOf(path: string, keyed: KeyedLeg, own: (inner: string) => string): readonly PathReach[] {
  return waysInto(keyed, own).flatMap(({ how, by, place, paths, byFolder }) => {
    const isIn = (one: string): boolean => one === path || (byFolder && (path === '' || one.startsWith(`${path}/`)));
    return paths.some(isIn) ? [{ leg: keyed.leg.name, how, by, ...(place === undefined ? {} : { place }) }] : [];
  });
}

function innerPath(path: string, folder: string): string | undefined {
  if (folder === '') return path;
  return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : undefined;
}

/** What builds on what: legs by the name of a leg that they start from or copy from. */
type Dependents = ReadonlyMap<string, readonly string[]>;

function dependentsOf(legs: readonly KeyedLeg[]): Dependents {
  const nameOf = new Map(legs.map(({ leg }) => [identity(leg.target.name, leg), leg.name]));
  const found = new Map<string, string[]>();
  for (const { leg, inputs } of legs) {
    for (const target of inputs.buildsOn) {
      const below = nameOf.get(identity(target, leg));
      if (below !== undefined) found.set(below, [...(found.get(below) ?? []), leg.name]);
    }
  }
  return found;
}

function identity(target: string, { platform }: KeyedLeg['leg']): string {
  return `${target} ${platformIdentity(platform)}`;
}

/** Legs that build on legs that are reached, however far. */
function throughTargets(dependents: Dependents, direct: ReadonlySet<string>): readonly PathReach[] {
  const all = new Set(direct);
  const found: PathReach[] = [];
  for (const below of all) {
    for (const leg of dependents.get(below) ?? []) {
      if (all.has(leg)) continue;
      all.add(leg);
      found.push({ leg, how: 'target', by: below });
    }
  }
  return found;
}
