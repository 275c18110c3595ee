/** What the schema finds, as mistakes at their places: what is wrong, what was expected, the nearest valid name. */
import type * as z from 'zod';
import type { Diagnostic } from '../../base/errors/diagnostic.ts';
import { nearestName } from '../../base/errors/nearest.ts';
import { mistake, nodeAt, type Path, placeOfKey, placeOfValue } from './source.ts';
import { keysAt } from './written-keys.ts';
import type { YamlNode, YamlSource } from './yaml.ts';

type Issue = z.core.$ZodIssue;

/** The mistakes of `issues`, found in the data of `source`. */
export function diagnoseIssues(issues: readonly Issue[], source: YamlSource): readonly Diagnostic[] {
  const meant = new Set(issues.flatMap((issue) => meantKeys(issue, pathOf(issue.path))));
  return issues.flatMap((issue) => {
    const path = pathOf(issue.path);
    return isMissing(issue, path, source) && meant.has(path.join('/')) ? [] : diagnoseIssue(issue, path, source);
  });
}

/** Where an unknown key is most likely a missing one, mistyped: one mistake, not two. */
function meantKeys(issue: Issue, path: Path): readonly string[] {
  if (issue.code !== 'unrecognized_keys') return [];
  return issue.keys.flatMap((key) => {
    const nearest = nearestName(key.slice(0, 64), keysAt(path));
    return nearest === undefined ? [] : [[...path, nearest].join('/')];
  });
}

function isMissing(issue: Issue, path: Path, source: YamlSource): boolean {
  return issue.code === 'invalid_type' && nodeAt(source.root, path) === undefined;
}

function pathOf(path: readonly PropertyKey[]): Path {
  return path.map((step) => (typeof step === 'number' ? step : String(step)));
}

function diagnoseIssue(issue: Issue, path: Path, source: YamlSource): readonly Diagnostic[] {
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(key, path, source));
    case 'invalid_union':
      return diagnoseUnion(issue.errors, path, source);
    case 'invalid_type':
      return [wrongType([issue.expected], path, source)];
    case 'invalid_value':
      return [wrongValue(issue.values, path, source)];
    case 'invalid_key': {
      const name = JSON.stringify(path.at(-1) ?? '');
      const message = `${name} cannot be a name here: ${issue.issues[0]?.message ?? ''}`;
      return [mistake('config.invalid', placeOfKey(source, path), message)];
    }
    default:
      return [mistake('config.invalid', placeOfValue(source, path), issue.message)];
  }
}

/** The form that was probably meant is the one whose first mistake is inside of it; where there is none, all forms were expected. */
function diagnoseUnion(forms: readonly (readonly Issue[])[], path: Path, source: YamlSource): readonly Diagnostic[] {
  const isWrongKind = (issue: Issue): boolean => issue.code === 'invalid_type' && issue.path.length === 0;
  const meant = forms.filter(
    (issues) => !issues.some(isWrongKind) && !issues.some(({ code }) => code === 'invalid_value'),
  );
  const [closest] = [...meant].sort((a, b) => foreignKeys(a) - foreignKeys(b) || a.length - b.length);
  if (closest !== undefined) {
    const whole = closest.map((issue) => ({ ...issue, path: [...path, ...issue.path] }));
    return diagnoseIssues(whole, source);
  }
  const all = forms.flat();
  const values = all.flatMap((issue) => (issue.code === 'invalid_value' ? issue.values : []));
  const isText = typeof scalarAt(source, path) === 'string';
  if (values.length > 0 && (isText || all.every(({ code }) => code === 'invalid_value'))) {
    return [wrongValue(values, path, source)];
  }
  const expected = all.flatMap((issue) =>
    issue.code === 'invalid_type' ? [issue.expected] : issue.code === 'invalid_value' ? ['string'] : [],
  );
  return [wrongType(expected, path, source)];
}

function foreignKeys(issues: readonly Issue[]): number {
  return issues.filter(({ code, path }) => code === 'unrecognized_keys' && path.length === 0).length;
}

function unknownKey(key: string, path: Path, source: YamlSource): Diagnostic {
  const known = keysAt(path);
  const nearest =
    nearestName(key.slice(0, 64), known) ?? (known.includes(otherWords[key] ?? '') ? otherWords[key] : undefined);
  const place = placeOfKey(source, [...path, key]);
  const message = `${JSON.stringify(key)} is not a field of ${describeParent(path)}`;
  return mistake(
    'config.unknown',
    place,
    message,
    nearest === undefined ? hintFor(key, path, known) : `did you mean ${nearest}?`,
  );
}

function hintFor(key: string, path: Path, known: readonly string[]): string {
  if (path.length === 0 && keysAt(['targets', '']).includes(key))
    return 'it belongs in a target: move it below targets';
  if (path[0] === 'targets' && keysAt([]).includes(key)) return 'it stands at the top of the file, for all targets';
  return `there are ${known.join(', ')}`;
}

/** Names that other tools give to the same fields. */
const otherWords: Readonly<Record<string, string>> = {
  'build-args': 'args',
  build_args: 'args',
  file: 'dockerfile',
  stage: 'target',
  images: 'destinations',
  registries: 'destinations',
  repositories: 'destinations',
  secrets: 'secret',
  extends: 'inherits',
  path: 'context',
};

function describeParent(path: Path): string {
  if (path.length === 0) return 'fanfold.yaml';
  if (path.length === 2 && path[0] === 'targets') return `target ${JSON.stringify(path[1])}`;
  return String(path.findLast((step) => typeof step === 'string'));
}

function wrongType(expected: readonly string[], path: Path, source: YamlSource): Diagnostic {
  const words = [...new Set(expected.map((type) => kinds[type] ?? type))];
  const wanted =
    words.length > 1 ? `${words.slice(0, -1).join(', ')} or ${words.at(-1)}` : (words[0] ?? 'something else');
  const node = nodeAt(source.root, path);
  const name = nameOf(path);
  if (node === undefined) {
    const place = placeOfParent(source, path.slice(0, -1));
    return mistake('config.missing', place, `${name} is missing`, `give it ${wanted}`);
  }
  return mistake('config.invalid', placeOfValue(source, path), `${name} must be ${wanted}, not ${kindOf(node)}`);
}

/** What lacks a field is best shown by its own key. */
function placeOfParent(source: YamlSource, path: Path): ReturnType<typeof placeOfKey> {
  return path.length === 0 ? placeOfValue(source, path) : placeOfKey(source, path);
}

function wrongValue(values: readonly unknown[], path: Path, source: YamlSource): Diagnostic {
  const allowed = [...new Set(values.map(String))];
  const given = scalarAt(source, path);
  const nearest = typeof given === 'string' ? nearestName(given.slice(0, 64), allowed) : undefined;
  const shown = given === undefined ? 'this' : JSON.stringify(given);
  const hint = nearest === undefined ? `write ${allowed.join(' or ')}` : `did you mean ${nearest}?`;
  return mistake('config.invalid', placeOfValue(source, path), `${nameOf(path)} cannot be ${shown}`, hint);
}

function scalarAt(source: YamlSource, path: Path): string | number | boolean | null | undefined {
  const node = nodeAt(source.root, path);
  return node?.kind === 'scalar' ? node.value : undefined;
}

function nameOf(path: Path): string {
  const last = path.at(-1);
  if (last === undefined) return 'the file';
  return typeof last === 'number' ? `item ${last + 1} of ${nameOf(path.slice(0, -1))}` : last;
}

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
};

function kindOf(node: YamlNode): string {
  if (node.kind !== 'scalar') return node.kind === 'map' ? 'a map' : 'a list';
  if (node.value === null) return 'nothing';
  return typeof node.value === 'string' ? 'text' : typeof node.value === 'number' ? 'a number' : 'true or false';
}
