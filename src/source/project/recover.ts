/** After a mistake of form: what else is wrong, found in the same go, without what only follows from the first mistake. */
import type * as z from 'zod';
import type { Diagnostic } from '../../base/errors/diagnostic.ts';
import { nearestName } from '../../base/errors/nearest.ts';
import { keysAt } from './written-keys.ts';
import type { YamlSource } from './yaml.ts';

type Issue = z.core.$ZodIssue;
type Data = Readonly<Record<string, unknown>>;

/** `data` without what `issues` speak of: keys that are unknown, fields (or entries of a map) that have the wrong form. */
export function withoutWrong(data: unknown, issues: readonly Issue[]): unknown {
  return issues.reduce(
    (rest, issue) => cutsOf(issue).reduce((part, path) => cut(part, path, isWholeTarget(issue)), rest),
    data,
  );
}

function isWholeTarget({ code, path }: Issue): boolean {
  return path.length === 2 && path[0] === 'targets' && (code === 'invalid_type' || code === 'invalid_union');
}

/** Whether a mistake found in the rest holds whatever the wrong fields were meant to be. */
export function holdsAnyway({ code }: Diagnostic, issues: readonly Issue[]): boolean {
  const lost = new Set(issues.flatMap(lostFields));
  const isLost = (...fields: readonly string[]): boolean => fields.some((field) => lost.has(field));
  const namesAreLost = isLost('matrix', 'name', 'targets', 'sources');
  switch (code) {
    case 'config.missing':
      return !namesAreLost && !isLost('platforms', 'destinations', 'inherits');
    case 'config.collision':
      return !namesAreLost && !isLost('destinations', 'image', 'staging', 'tags', 'flavor', 'inherits');
    case 'config.reference':
    case 'config.cycle':
      return !namesAreLost;
    default:
      return true;
  }
}

/** Whether a mistake can be believed where the file's syntax breaks: it comes before that, and needs nothing that may come after. */
export function isTrusted({ code, place }: Diagnostic, source: YamlSource): boolean {
  if (source.brokenAt === undefined) return true;
  const { line, column } = source.position(source.brokenAt);
  const [at, from] = [place.line ?? 1, place.column ?? 1];
  const isBefore = at < line || (at === line && from < column);
  return isBefore && !['config.missing', 'config.reference', 'config.cycle', 'config.collision'].includes(code);
}

/** A list with a wrong item is cut whole: places in it are counted. */
function cutsOf(issue: Issue): readonly (readonly string[])[] {
  const steps = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
  const list = steps.findIndex((step) => typeof step === 'number');
  const path = (list < 0 ? steps : steps.slice(0, list)).map(String);
  if (issue.code === 'unrecognized_keys' && list < 0) return issue.keys.map((key) => [...path, key]);
  return path.length === 0 ? [] : [path];
}

/** A target that is wrong as a whole stays as an empty one: others may refer to it. */
function cut(data: unknown, [step, ...rest]: readonly string[], empty: boolean): unknown {
  if (step === undefined || !isMap(data) || !Object.hasOwn(data, step)) return data;
  if (rest.length > 0 && isMap(data[step])) return { ...data, [step]: cut(data[step], rest, empty) };
  if (empty) return { ...data, [step]: {} };
  return Object.fromEntries(Object.entries(data).filter(([key]) => key !== step));
}

function isMap(value: unknown): value is Data {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The fields whose meaning is not known: for an unknown key, the one that was probably meant. */
function lostFields(issue: Issue): readonly string[] {
  const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
  const field = path[0] === 'targets' ? path[2] : path[0];
  if (path[0] === 'targets' && path.length === 2 && issue.code !== 'unrecognized_keys') return [];
  if (issue.code !== 'unrecognized_keys' || field !== undefined) return [String(field ?? 'targets')];
  return issue.keys.map((key) => nearestName(key.slice(0, 64), keysAt(path)) ?? key);
}
