/** What many targets share, factored out: the family's defaults, and bases that they inherit. */
import type { Assignment } from './assignments.ts';

/** What is written of a target, or of a matrix of targets. */
export interface Own {
  readonly own: readonly Assignment[];
}

/** Assignments that targets inherit together. */
export interface Base {
  readonly name: string;
  readonly shared: readonly Assignment[];
}

/** What is written once for many. */
export interface Bases<T> {
  readonly bases: readonly Base[];
  /** With what is left of each one's own. */
  readonly targets: readonly (T & { readonly inherits: readonly string[] })[];
}

/** Fields that may stand at the top of fanfold.yaml. */
const topFields = [
  'platforms',
  'tags',
  'flavor',
  'attestations',
  'bases',
  'builder',
  'args',
  'labels',
  'annotations',
  'generated',
  'volatile',
  'runner',
  'disk',
  'cache',
  'inputs',
  'refresh',
  'test',
];

/** Takes assignments that the top of the file may be given out of every target that has them. `mayDefault` says which. */
export function factorDefaults<T extends Own>(
  targets: readonly T[],
  mayDefault: (path: readonly string[]) => boolean,
): { readonly defaults: readonly Assignment[]; readonly targets: readonly T[] } {
  const defaults = commonValues(targets, mayDefault);
  const atTop = new Set(defaults.map(({ id }) => id));
  const rest = targets.map((target) => ({ ...target, own: target.own.filter(({ id }) => !atTop.has(id)) }));
  return { defaults, targets: rest };
}

/** Takes what many targets share out of them, into bases whose names are none of `taken`. */
export function factorBases<T extends Own>(targets: readonly T[], taken: Iterable<string>): Bases<T> {
  let rest: Bases<T>['targets'] = targets.map((target) => ({ ...target, inherits: [] }));
  const bases: Base[] = [];
  const names = new Set(taken);
  for (let shared = bestBundle(rest); shared !== undefined; shared = bestBundle(rest)) {
    const name = baseName(shared, names);
    names.add(name);
    bases.push({ name, shared });
    rest = inheritFrom(name, shared, rest);
  }
  return { bases, targets: rest };
}

/** The commonest value of each field that every target has: a target without it could not be told to have none. */
function commonValues(
  targets: readonly Own[],
  mayDefault: (path: readonly string[]) => boolean,
): readonly Assignment[] {
  const byPath = new Map<string, Map<string, { readonly assignment: Assignment; count: number }>>();
  for (const { own } of targets) {
    for (const assignment of own) {
      const path = JSON.stringify(assignment.path);
      const values = byPath.get(path) ?? new Map<string, { readonly assignment: Assignment; count: number }>();
      byPath.set(path, values);
      const value = values.get(assignment.id);
      if (value === undefined) values.set(assignment.id, { assignment, count: 1 });
      else value.count++;
    }
  }
  return [...byPath.values()].flatMap((values) => {
    const all = [...values.values()].sort((a, b) => b.count - a.count);
    const [most] = all;
    const total = all.reduce((sum, { count }) => sum + count, 0);
    if (most === undefined || total < targets.length || most.count < 2 || most.count * 2 < total) return [];
    const { path } = most.assignment;
    return topFields.includes(path[0] ?? '') && mayDefault(path) ? [most.assignment] : [];
  });
}

const patternsMax = 300;
/** What it takes to inherit from a base. */
const nameCharacters = 16;
/** A base is worth its place where it saves more characters than this. */
const savedMin = 120;
/** A single short assignment reads better where it is used. */
const aloneMin = 36;

/** The assignments that save the most when they are written once: shared by many targets, many at once. */
function bestBundle(targets: readonly Own[]): readonly Assignment[] | undefined {
  const known = new Map<string, Assignment>();
  const counts = new Map<string, number>();
  for (const { own } of targets) {
    for (const one of own) {
      known.set(one.id, one);
      counts.set(one.id, (counts.get(one.id) ?? 0) + 1);
    }
  }
  const patterns = patternsOf(targets, counts);
  let best: { readonly ids: readonly string[]; readonly saved: number } | undefined;
  const seen = new Set<string>();
  for (const [place, { ids }] of patterns.entries()) {
    for (const other of patterns.slice(place)) {
      const both = ids.filter((id) => other.set.has(id));
      const mark = both.join('\n');
      if (both.length === 0 || seen.has(mark)) continue;
      seen.add(mark);
      const sizeCharacters = both.reduce((sum, id) => sum + id.length, 0);
      if (both.length === 1 && sizeCharacters < aloneMin) continue;
      const users = patterns.reduce((sum, { set, count }) => (both.every((id) => set.has(id)) ? sum + count : sum), 0);
      const saved = (users - 1) * sizeCharacters - users * nameCharacters;
      if (users > 1 && saved > savedMin && saved > (best?.saved ?? 0)) best = { ids: both, saved };
    }
  }
  return best?.ids.flatMap((id) => known.get(id) ?? []);
}

interface Pattern {
  readonly ids: readonly string[];
  readonly set: ReadonlySet<string>;
  readonly count: number;
}

/** What targets have in common with others, the commonest first. */
function patternsOf(targets: readonly Own[], counts: ReadonlyMap<string, number>): readonly Pattern[] {
  const patterns = new Map<string, Pattern>();
  for (const { own } of targets) {
    const ids = own.map(({ id }) => id).filter((id) => (counts.get(id) ?? 0) > 1);
    const mark = ids.toSorted().join('\n');
    const before = patterns.get(mark);
    patterns.set(
      mark,
      before === undefined ? { ids, set: new Set(ids), count: 1 } : { ...before, count: before.count + 1 },
    );
  }
  return [...patterns.values()]
    .filter(({ ids }) => ids.length > 0)
    .sort((a, b) => b.count - a.count)
    .slice(0, patternsMax);
}

function inheritFrom<T extends Own>(
  base: string,
  shared: readonly Assignment[],
  targets: Bases<T>['targets'],
): Bases<T>['targets'] {
  const ids = new Set(shared.map(({ id }) => id));
  return targets.map((target) => {
    const own = target.own.filter(({ id }) => !ids.has(id));
    if (own.length !== target.own.length - ids.size) return target;
    return { ...target, own, inherits: [...target.inherits, base] };
  });
}

/** A base is named for what it says: its Dockerfile, else its shortest values. */
function baseName(shared: readonly Assignment[], taken: ReadonlySet<string>): string {
  const texts = (fields: readonly string[]): readonly string[] =>
    shared.filter(({ path }) => fields.includes(path[0] ?? '')).flatMap(({ value }) => words(value));
  const dockerfile = texts(['dockerfile']).map((path) => path.replace(/^.*Dockerfile[.-]?|^.*\//, ''));
  const rest = [...texts(['args']), ...texts(['platforms']), ...texts(['runner', 'per-platform', 'image'])];
  const parts = [...dockerfile, ...rest].map(slug).filter((text) => text !== '' && text.length <= 24);
  const name = `_${[...new Set(parts)].slice(0, 4).join('-').slice(0, 60) || 'base'}`;
  for (let number = 1; ; number++) {
    const unique = number === 1 ? name : `${name}-${number}`;
    if (!taken.has(unique)) return unique;
  }
}

function words(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(words);
  return typeof value === 'string' ? [value] : [];
}

function slug(text: string): string {
  return text.replace(/[^A-Za-z0-9.]+/g, '-').replace(/^[-.]+|[-.]+$/g, '');
}
