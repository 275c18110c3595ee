/** Targets that differ in one text alone (`-cuda-12-vllm`, `-cuda-12-diffusers`) as one target with a matrix. */
import { type Assignment, assignment } from './assignments.ts';

/** A target of its own. */
export interface SingleTarget {
  readonly kind: 'single';
  readonly key: string;
  readonly own: readonly Assignment[];
  readonly comments: readonly string[];
}

/** Several targets in one. */
export interface MatrixTarget {
  readonly kind: 'matrix';
  readonly key: string;
  readonly variable: string;
  readonly values: readonly { readonly value: string; readonly comments: readonly string[] }[];
  /** With the variable in the place of its values, as all that is its own. */
  readonly name: string;
  readonly own: readonly Assignment[];
}

/** A target as it is to be written. */
export type WrittenTarget = SingleTarget | MatrixTarget;

/** A target as it was read. */
export interface ReadTarget {
  readonly name: string;
  readonly own: readonly Assignment[];
  readonly comments: readonly string[];
}

const membersMin = 3;

/** Finds what repeats, the largest first. The order is that of each one's first target. */
export function findMatrices(targets: readonly ReadTarget[], taken: Iterable<string>): readonly WrittenTarget[] {
  const names = new Set(taken);
  const places = new Map(targets.map((target, place) => [target, place]));
  const found: { readonly place: number; readonly written: WrittenTarget }[] = [];
  let rest = targets;
  for (let group = largestGroup(rest); group !== undefined; group = largestGroup(rest)) {
    const members = new Set(group.members.map(({ target }) => target));
    const place = Math.min(...[...members].map((target) => places.get(target) ?? 0));
    found.push({ place, written: matrixOf(group, names) });
    rest = rest.filter((target) => !members.has(target));
  }
  const singles = rest.map((target) => ({
    place: places.get(target) ?? 0,
    written: { kind: 'single', key: target.name, own: target.own, comments: target.comments } as const,
  }));
  return [...found, ...singles].sort((a, b) => a.place - b.place).map(({ written }) => written);
}

interface Group {
  readonly variable: string;
  readonly members: readonly { readonly target: ReadTarget; readonly value: string }[];
}

/** The most targets that are the same once a text that each has somewhere is taken out of them. */
function largestGroup(targets: readonly ReadTarget[]): Group | undefined {
  const groups = new Map<string, { variable: string; members: { target: ReadTarget; value: string }[] }>();
  for (const target of targets) {
    for (const { path, value } of variablesOf(target)) {
      const variable = variableName(path.at(-1) ?? '');
      const mark = JSON.stringify([path, template(target, value, variable)]);
      const group = groups.get(mark) ?? { variable, members: [] };
      groups.set(mark, group);
      group.members.push({ target, value });
    }
  }
  const [largest] = [...groups.values()].sort((a, b) => b.members.length - a.members.length);
  return largest === undefined || largest.members.length < membersMin ? undefined : largest;
}

function variablesOf({
  name,
  own,
}: ReadTarget): readonly { readonly path: readonly string[]; readonly value: string }[] {
  const texts = own.flatMap(({ path, value }) => (typeof value === 'string' ? [{ path, value }] : []));
  // A value that does not stand in the name would give its targets one name.
  return [...texts.filter(({ value }) => value !== '' && name.includes(value)), { path: ['name'], value: name }];
}

function template(target: ReadTarget, value: string, variable: string): readonly unknown[] {
  const own = target.own.map((one) => JSON.stringify([one.path, replaceDeep(one.value, value, variable)]));
  return [replaceText(target.name, value, variable), own.sort()];
}

function replaceDeep(given: unknown, value: string, variable: string): unknown {
  if (typeof given === 'string') return replaceText(given, value, variable);
  if (Array.isArray(given)) return given.map((item) => replaceDeep(item, value, variable));
  if (typeof given !== 'object' || given === null) return given;
  return Object.fromEntries(Object.entries(given).map(([key, item]) => [key, replaceDeep(item, value, variable)]));
}

/** What stands beside the value is kept as it is: `${` is written `$${` where a matrix would take it for its own. */
function replaceText(text: string, value: string, variable: string): string {
  return text
    .split(value)
    .map((part) => part.replaceAll('${', '$${'))
    .join(`\${${variable}}`);
}

function matrixOf({ variable, members }: Group, taken: Set<string>): WrittenTarget {
  const [first] = members;
  if (first === undefined) throw new RangeError('a group has members');
  const { target, value } = first;
  const name = replaceText(target.name, value, variable);
  const key = uniqueKey(name, variable, taken);
  taken.add(key);
  return {
    kind: 'matrix',
    key,
    variable,
    name,
    values: members.map((member) => ({ value: member.value, comments: member.target.comments })),
    own: target.own.map((one) => templated(one, value, variable, key)),
  };
}

/** What the variable stands in is the matrix's alone: a base has no matrix. */
function templated(one: Assignment, value: string, variable: string, key: string): Assignment {
  const made = assignment(one.path, replaceDeep(one.value, value, variable));
  return made.id === one.id ? one : { ...made, id: `${made.id} of ${key}` };
}

function uniqueKey(name: string, variable: string, taken: ReadonlySet<string>): string {
  const plain = name
    .replaceAll(`\${${variable}}`, '')
    .replace(/[^A-Za-z0-9_.-]+/g, '-')
    .replace(/([-_.])[-_.]+/g, '$1')
    .replace(/^[-._]+|[-._]+$/g, '');
  const base = (plain === '' ? `each-${variable}` : plain).slice(0, 100);
  for (let number = 1; ; number++) {
    const unique = number === 1 ? base : `${base}-${number}`;
    if (!taken.has(unique)) return unique;
  }
}

function variableName(written: string): string {
  const plain = written.toLowerCase().replace(/[^a-z0-9_]/g, '_');
  return /^[a-z_]/.test(plain) ? plain : `_${plain}`;
}
