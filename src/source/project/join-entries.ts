/** Entries to targets: those of one image and suffix are one target of several platforms. */
import type { Diagnostic } from '../../base/errors/diagnostic.ts';
import type { Place } from '../../base/errors/error.ts';
import type { MadeEntry, MadeTarget } from './made-target.ts';
import { listNode, mapNode, mapOf, textOf } from './nodes.ts';
import { mistake, toData } from './source.ts';
import type { YamlNode } from './yaml.ts';

/** The targets of `entries`, in the order of each one's first. Entries of one target may differ in arguments, runner and disk alone. */
export function joinEntries(
  entries: readonly MadeEntry[],
  place: (at: number) => Place,
  diagnostics: Diagnostic[],
): readonly MadeTarget[] {
  const groups = new Map<string, MadeEntry[]>();
  for (const entry of entries) {
    const group = groups.get(entry.identity);
    if (group === undefined) groups.set(entry.identity, [entry]);
    else group.push(entry);
  }
  return [...groups.values()].flatMap((group) => joinGroup(group, place, diagnostics) ?? []);
}

function joinGroup(
  group: readonly MadeEntry[],
  place: (at: number) => Place,
  diagnostics: Diagnostic[],
): MadeTarget | undefined {
  const [first, ...more] = group;
  if (first === undefined) return undefined;
  const { name, nameAt } = first;
  if (more.length === 0) {
    return { name, nameAt, node: mapNode(first.fields, first.at), entriesAt: [first.at] };
  }
  for (const entry of more) diagnostics.push(...differences(first, entry, place));
  const { common, apart } = partArguments(group);
  const fields = new Map(first.fields);
  fields.delete('args');
  for (const name of apart.fields) fields.delete(name);
  const perPlatform = perPlatformNode(group, apart);
  const platforms = group.flatMap((entry) => entry.platforms);
  const [platform] = platforms;
  const add = (key: string, value: YamlNode | undefined): void => {
    if (value !== undefined) fields.set(key, { keyAt: value.at, value });
  };
  add('platforms', platform && listNode(platforms, platform.at));
  add('args', common);
  add('per-platform', perPlatform);
  return { name, nameAt, node: mapNode(fields, first.at), entriesAt: group.map(({ at }) => at) };
}

/** What `per-platform` holds beside arguments. */
const platformFields = ['runner', 'disk', 'cache'];
const mayDiffer = ['args', 'platforms', ...platformFields];

function differences(first: MadeEntry, entry: MadeEntry, place: (at: number) => Place): readonly Diagnostic[] {
  const keys = new Set([...first.fields.keys(), ...entry.fields.keys()]);
  return [...keys].flatMap((key) => {
    const [one, other] = [first.fields.get(key)?.value, entry.fields.get(key)?.value];
    if (mayDiffer.includes(key) || isEqual(one, other)) return [];
    const message = `this is target ${JSON.stringify(entry.name)} as in line ${place(first.at).line}, with another ${key}`;
    const hint = `make ${key} equal, or tell the two apart by name, image or suffix`;
    return [mistake('config.collision', place(other?.at ?? entry.at), message, hint)];
  });
}

interface Apart {
  readonly args: ReadonlySet<string>;
  readonly fields: ReadonlySet<string>;
}

/** The arguments that all entries share, and the names of those, and of the fields, that differ. */
function partArguments(group: readonly MadeEntry[]): { readonly common?: YamlNode; readonly apart: Apart } {
  const all = group.map((entry) => argumentsOf(entry));
  const [first] = all;
  const names = new Set(all.flatMap((args) => [...args.keys()]));
  const apart = new Set([...names].filter((name) => !all.every((args) => isEqual(args.get(name), first?.get(name)))));
  const shared = [...(first ?? [])].filter(([name]) => !apart.has(name));
  const fields = platformFields.filter(
    (name) => !group.every((entry) => isEqual(entry.fields.get(name)?.value, group[0]?.fields.get(name)?.value)),
  );
  const at = group[0]?.fields.get('args')?.value.at ?? 0;
  return {
    apart: { args: apart, fields: new Set(fields) },
    ...(shared.length === 0 ? {} : { common: mapOf(shared, at) }),
  };
}

function perPlatformNode(group: readonly MadeEntry[], apart: Apart): YamlNode | undefined {
  const platforms = group.flatMap((entry) => {
    const args = [...argumentsOf(entry)].filter(([name]) => apart.args.has(name));
    const fields = [
      ...(args.length === 0 ? [] : [['args', mapOf(args, args[0]?.[1].at ?? entry.at)] as const]),
      ...[...apart.fields].flatMap((name) => {
        const value = entry.fields.get(name)?.value;
        return value === undefined ? [] : [[name, value] as const];
      }),
    ];
    if (fields.length === 0) return [];
    const node = mapOf(fields, entry.at);
    return entry.platforms.flatMap((platform) => {
      const name = textOf(platform);
      return name === undefined ? [] : [[name, { keyAt: platform.at, value: node }] as const];
    });
  });
  return platforms.length === 0 ? undefined : mapNode(new Map(platforms), group[0]?.at ?? 0);
}

function argumentsOf({ fields }: MadeEntry): ReadonlyMap<string, YamlNode> {
  const args = fields.get('args')?.value;
  return args?.kind === 'map' ? new Map([...args.entries].map(([name, { value }]) => [name, value])) : new Map();
}

function isEqual(one: YamlNode | undefined, other: YamlNode | undefined): boolean {
  if (one === other || one === undefined || other === undefined) return one === other;
  if (one.kind === 'scalar' && other.kind === 'scalar') return textOf(one) === textOf(other);
  return JSON.stringify(toData(one, () => true)) === JSON.stringify(toData(other, () => true));
}
