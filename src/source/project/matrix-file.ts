/** A GitHub matrix file, or any file with a list of entries, to targets: `each` filled for every entry that is wanted. */
import type { Diagnostic } from '../../base/errors/diagnostic.ts';
import { nearestName } from '../../base/errors/nearest.ts';
import { type EntryFields, fieldsOf, fillTree, readTemplate, type Template } from './each.ts';
import { joinEntries } from './join-entries.ts';
import { type MadeEntry, type MadeTarget, makeEntry } from './made-target.ts';
import { childOf, textOf } from './nodes.ts';
import { mistake } from './source.ts';
import type { SourceFile } from './source-file.ts';
import type { YamlMap, YamlNode } from './yaml.ts';

/** The part of fanfold.yaml that asks for the file. */
export interface MatrixRequest {
  /** The nodes of `matrix`, `list`, `each`, `when` and `skip`. */
  readonly node: YamlNode;
  readonly list: string;
}

/** The targets of a matrix file; every mistake, in it or in the mapping, goes to `diagnostics`. */
export function matrixTargets(
  file: SourceFile,
  request: MatrixRequest,
  diagnostics: Diagnostic[],
): readonly MadeTarget[] {
  const entries = findList(file, request, diagnostics);
  const each = childOf(request.node, 'each');
  if (entries === undefined || each === undefined) return [];
  const template = readTemplate(each, file.place, diagnostics);
  const unknown = unknownFields(template, request, entries, file, diagnostics);
  const [when, skip] = [conditions(request.node, 'when'), conditions(request.node, 'skip')];
  const wanted = entries.filter(
    (entry) => when.every((one) => holds(entry, one)) && !skip.some((one) => holds(entry, one)),
  );
  const made = wanted.flatMap((entry) => entryOf(entry, { each, template, file, unknown }, diagnostics) ?? []);
  return joinEntries(made, file.place, diagnostics);
}

interface Filling {
  readonly each: YamlNode;
  readonly template: Template;
  readonly file: SourceFile;
  readonly unknown: ReadonlySet<string>;
}

function entryOf(entry: YamlMap, filling: Filling, diagnostics: Diagnostic[]): MadeEntry | undefined {
  const { template, file, unknown } = filling;
  const before = diagnostics.length;
  const fields: EntryFields = {
    field: (name) => fieldOf(entry, name),
    missing: (name) => {
      const hint = `give the entry one, or the template a default: {${name}|...}, or {${name}?} to leave it out`;
      if (!unknown.has(name))
        diagnostics.push(mistake('config.missing', file.place(entry.at), `this entry has no ${name}`, hint));
    },
    notText: (name, node) =>
      diagnostics.push(mistake('config.invalid', file.place(node.at), `${name} must be text here, or a list of texts`)),
  };
  const filled = fillTree(template, fields);
  const made = filled?.kind === 'map' ? makeEntry(filled, entry.at) : undefined;
  // A name may be missing for a field that is: one mistake, not two.
  if (made === undefined && diagnostics.length === before && unknown.size === 0) {
    const hint = 'give each an image or a name that holds for every entry';
    diagnostics.push(mistake('config.missing', file.place(entry.at), 'this entry makes a target without a name', hint));
  }
  return diagnostics.length === before ? made : undefined;
}

/** A field by its name; where there is none, dots lead into maps. */
export function fieldOf(entry: YamlNode, name: string): YamlNode | undefined {
  const own = childOf(entry, name);
  if (own !== undefined || !name.includes('.')) return own;
  return name.split('.').reduce<YamlNode | undefined>(childOf, entry);
}

/** The maps of the list; a mistake for each item that is none. */
function findList(
  file: SourceFile,
  { node, list }: MatrixRequest,
  diagnostics: Diagnostic[],
): readonly YamlMap[] | undefined {
  let found = file.root;
  for (const step of found?.kind === 'list' ? [] : list.split('.')) {
    const next = childOf(found, step);
    if (next === undefined) {
      const at = (childOf(node, 'list') ?? childOf(node, 'matrix') ?? node).at;
      const keys = found?.kind === 'map' ? [...found.entries.keys()] : [];
      const near = nearestName(step.slice(0, 64), keys);
      const hint =
        near === undefined ? `there are ${keys.slice(0, 20).join(', ') || 'no keys'}` : `did you mean ${near}?`;
      diagnostics.push(
        mistake('config.reference', file.place(at), `${file.name} has no ${JSON.stringify(step)}`, hint),
      );
      return undefined;
    }
    found = next;
  }
  if (found?.kind !== 'list') {
    const at = found?.at ?? node.at;
    diagnostics.push(mistake('config.invalid', file.place(at), `${list} must be a list of entries`));
    return undefined;
  }
  return found.items.flatMap((item) => {
    if (item.kind === 'map') return [item];
    diagnostics.push(mistake('config.invalid', file.place(item.at), 'an entry must be a map'));
    return [];
  });
}

/** Fields that no entry has are most likely mistyped: told once, at the template. */
function unknownFields(
  template: Template,
  { node }: MatrixRequest,
  entries: readonly YamlMap[],
  file: SourceFile,
  diagnostics: Diagnostic[],
): ReadonlySet<string> {
  const asked = [
    ...fieldsOf(template).filter(({ isNeeded }) => isNeeded),
    ...['when', 'skip'].flatMap((key) => {
      const map = childOf(node, key);
      return map?.kind === 'map' ? [...map.entries].map(([name, { keyAt }]) => ({ name, at: keyAt })) : [];
    }),
  ];
  const unknown = new Set<string>();
  for (const { name, at } of entries.length === 0 ? [] : asked) {
    if (entries.some((entry) => fieldOf(entry, name) !== undefined)) continue;
    const names = new Set(entries.flatMap((entry) => [...entry.entries.keys()]));
    const near = nearestName(name.slice(0, 64), names);
    const hint = near === undefined ? `they have ${[...names].slice(0, 20).join(', ')}` : `did you mean ${near}?`;
    diagnostics.push(
      mistake('config.reference', file.place(at), `no entry of ${file.name} has ${JSON.stringify(name)}`, hint),
    );
    unknown.add(name);
  }
  return unknown;
}

type Condition = readonly [name: string, values: YamlNode];

function conditions(request: YamlNode, key: 'when' | 'skip'): readonly Condition[] {
  const node = childOf(request, key);
  return node?.kind === 'map' ? [...node.entries].map(([name, { value }]) => [name, value]) : [];
}

/** A field that an entry does not have is as an empty one. */
function holds(entry: YamlMap, [name, values]: Condition): boolean {
  const text = textOf(fieldOf(entry, name)) ?? '';
  return (values.kind === 'list' ? values.items : [values]).some((value) => (textOf(value) ?? '') === text);
}
