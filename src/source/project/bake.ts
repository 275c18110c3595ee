/** What `docker buildx bake --print` prints, to targets. */
import { posix } from 'node:path';
import type { Diagnostic } from '../../base/errors/diagnostic.ts';
import { nearestName } from '../../base/errors/nearest.ts';
import { imageFields, type TopFields } from './image-names.ts';
import type { MadeTarget } from './made-target.ts';
import { childOf, type Entry, itemsOf, listNode, mapNode, mapOf, textNode, textOf } from './nodes.ts';
import { mistake } from './source.ts';
import type { SourceFile } from './source-file.ts';
import type { YamlMap, YamlNode } from './yaml.ts';

/** The targets of a printed Bake file. */
export function bakeTargets(file: SourceFile, top: TopFields, diagnostics: Diagnostic[]): readonly MadeTarget[] {
  const targets = childOf(file.root, 'target');
  if (targets?.kind !== 'map') {
    const message = `${file.name} has no targets`;
    const hint = 'save what docker buildx bake --print prints, or name the Bake file itself (HCL)';
    diagnostics.push(mistake('config.invalid', file.place(file.root?.at ?? 0), message, hint));
    return [];
  }
  return [...targets.entries].flatMap(([name, { keyAt, value }]) => {
    if (value.kind === 'map')
      return [{ name, nameAt: keyAt, node: bakeTarget(value, file, top, diagnostics), entriesAt: [] }];
    diagnostics.push(mistake('config.invalid', file.place(value.at), `target ${JSON.stringify(name)} must be a map`));
    return [];
  });
}

/** Fields that mean the same in both. */
const same = ['target', 'args', 'labels', 'platforms', 'contexts', 'network'];
/** Lists of `key=value` texts, which newer versions print as maps. */
const settings = ['secret', 'ssh', 'cache-from', 'cache-to'];
/** What decides how a build goes, or where it is put, and no leg's content. */
const beside = ['output', 'no-cache', 'no-cache-filter', 'pull', 'description', 'call', 'load', 'push', 'policy'];
const other = ['context', 'dockerfile', 'tags', 'annotations', 'attest'];

function bakeTarget(target: YamlMap, file: SourceFile, top: TopFields, diagnostics: Diagnostic[]): YamlMap {
  const fields = new Map<string, Entry>();
  for (const [key, entry] of target.entries) {
    if (entry.value.kind === 'scalar' && entry.value.value === null) continue;
    if (same.includes(key)) fields.set(key, { ...entry, value: withoutNull(entry.value) });
    else if (settings.includes(key)) fields.set(key, { ...entry, value: settingsOf(entry.value) });
    else if (![...beside, ...other].includes(key)) diagnostics.push(unknownField(key, entry.keyAt, file));
  }
  const more = new Map<string, YamlNode>([
    ...pathFields(target),
    ...annotationFields(childOf(target, 'annotations'), file, diagnostics),
    ...attestFields(childOf(target, 'attest')),
    ...imageFields(itemsOf(childOf(target, 'tags')), top, file.place, diagnostics),
  ]);
  for (const [key, value] of more) fields.set(key, { keyAt: value.at, value });
  return mapNode(fields, target.at);
}

/** An argument without a value is one that the environment gives, if it has it: here it has none. */
function withoutNull(node: YamlNode): YamlNode {
  if (node.kind !== 'map') return node;
  return mapNode(
    new Map([...node.entries].filter(([, { value }]) => value.kind !== 'scalar' || value.value !== null)),
    node.at,
  );
}

/** A Dockerfile's path is relative to the context in Bake, and to the family's folder here. */
function pathFields(target: YamlMap): ReadonlyMap<string, YamlNode> {
  const [context, dockerfile] = [childOf(target, 'context'), childOf(target, 'dockerfile')];
  const folder = (textOf(context) ?? '.').replace(/^cwd:\/\//, '');
  const file = textOf(dockerfile);
  return new Map([
    ...(context === undefined ? [] : [['context', textNode(folder === '' ? '.' : folder, context.at)] as const]),
    ...(dockerfile === undefined || file === undefined
      ? []
      : [['dockerfile', textNode(dockerfilePath(folder, file), dockerfile.at)] as const]),
  ]);
}

/** The path of a Dockerfile that is named from its context. */
export function dockerfilePath(context: string, dockerfile: string): string {
  if (posix.isAbsolute(dockerfile)) return dockerfile;
  return dockerfile.startsWith('cwd://') ? dockerfile.slice(6) : posix.join(context, dockerfile);
}

/** `{id: "a", src: "b"}` as `id=a,src=b`. */
function settingsOf(node: YamlNode): YamlNode {
  return listNode(
    itemsOf(node).map((item) => {
      if (item.kind !== 'map') return item;
      const fields = [...item.entries].map(([key, { value }]) => `${key}=${textOf(value) ?? ''}`);
      return textNode(
        fields.map((field) => (/[",]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(','),
        item.at,
      );
    }),
    node.at,
  );
}

/** `manifest:KEY=VALUE`; those of an index are for the index's own maker. */
function annotationFields(
  node: YamlNode | undefined,
  file: SourceFile,
  diagnostics: Diagnostic[],
): ReadonlyMap<string, YamlNode> {
  const read = itemsOf(node).flatMap((item) => {
    const [, kind, key, value] = /^(?:([a-z,-]+(?:\[[^\]]*\])?):)?([^=:[\]]+)=(.*)$/s.exec(textOf(item) ?? '') ?? [];
    if (key !== undefined && value !== undefined && (kind === undefined || kind === 'manifest'))
      return [[key, textNode(value, item.at)] as const];
    const message = `the annotation ${JSON.stringify(textOf(item) ?? '')} is left out: it is not one of every manifest`;
    diagnostics.push({ ...mistake('config.invalid', file.place(item.at), message), severity: 'warning' });
    return [];
  });
  return read.length === 0 || node === undefined ? new Map() : new Map([['annotations', mapOf(read, node.at)]]);
}

function attestFields(node: YamlNode | undefined): ReadonlyMap<string, YamlNode> {
  const fields = itemsOf(node).flatMap((item): readonly (readonly [string, YamlNode])[] => {
    const settings = item.kind === 'map' ? mapTexts(item) : csv(textOf(item) ?? '');
    const disabled = settings.get('disabled') === 'true';
    if (settings.get('type') === 'provenance') {
      const mode = settings.get('mode') === 'min' ? 'min' : 'max';
      return [['provenance', disabled ? flagNode(false, item.at) : textNode(mode, item.at)]];
    }
    if (settings.get('type') !== 'sbom') return [];
    const generator = settings.get('generator');
    const value = generator === undefined ? flagNode(!disabled, item.at) : textNode(generator, item.at);
    return [['sbom', value]];
  });
  return fields.length === 0 || node === undefined ? new Map() : new Map([['attestations', mapOf(fields, node.at)]]);
}

function flagNode(value: boolean, at: number): YamlNode {
  return { kind: 'scalar', at, value, text: String(value), isBlock: false, size: 1 };
}

function mapTexts(node: YamlMap): ReadonlyMap<string, string> {
  return new Map([...node.entries].map(([key, { value }]) => [key, textOf(value) ?? '']));
}

function csv(text: string): ReadonlyMap<string, string> {
  return new Map(text.split(',').map((field) => [field.split('=')[0] ?? '', field.slice(field.indexOf('=') + 1)]));
}

function unknownField(key: string, at: number, file: SourceFile): Diagnostic {
  if (key === 'dockerfile-inline') {
    const hint = 'put it into a file and name that as dockerfile';
    return mistake('config.invalid', file.place(at), 'a Dockerfile inside of the Bake file cannot be keyed', hint);
  }
  if (key === 'matrix' || key === 'inherits') {
    const hint = `run docker buildx bake --print and save what it prints`;
    return mistake('config.invalid', file.place(at), `${key} stands in Bake files, not in what --print prints`, hint);
  }
  const near = nearestName(key.slice(0, 64), [...same, ...settings, ...other]);
  const found = mistake(
    'config.unknown',
    file.place(at),
    `${JSON.stringify(key)} of Bake is left out`,
    near === undefined ? undefined : `did you mean ${near}?`,
  );
  return { ...found, severity: 'warning' };
}
