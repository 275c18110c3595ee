/** Targets that are made of a source's entries: what `each` says beside a target's fields is put into them. */
import { childOf, type Entries, type Entry, listNode, textNode, textOf } from './nodes.ts';
import type { YamlMap, YamlNode } from './yaml.ts';

/** A target made of entries of a file. */
export interface MadeTarget {
  readonly name: string;
  /** Where its name is given. */
  readonly nameAt: number;
  /** Its fields, as they would be written. */
  readonly node: YamlMap;
  /** Where the entries begin that it is made of. */
  readonly entriesAt: readonly number[];
}

/** One entry's part of a target. */
export interface MadeEntry {
  readonly name: string;
  readonly nameAt: number;
  /** Entries of one identity are one target. */
  readonly identity: string;
  readonly platforms: readonly YamlNode[];
  /** `platforms` last, where there are any. */
  readonly fields: Entries;
  readonly at: number;
}

/** The entry's part of its target, of what `each` came to for it; undefined where it has no name and no image. */
export function makeEntry(filled: YamlMap, at = filled.at): MadeEntry | undefined {
  const image = childOf(filled, 'image');
  const suffix = childOf(filled, 'suffix');
  const [imageText, suffixText] = [textOf(image) ?? '', textOf(suffix) ?? ''];
  const named = childOf(filled, 'name');
  const name = textOf(named) ?? `${imageText.replaceAll('/', '-')}${suffixText}`;
  if (name === '') return undefined;
  const platforms = platformsOf(childOf(filled, 'platforms'));
  return {
    name,
    nameAt: named?.at ?? (suffixText === '' ? image?.at : suffix?.at) ?? at,
    identity: JSON.stringify([name, imageText, suffixText]),
    platforms,
    fields: fieldsOf(filled, platforms),
    at,
  };
}

/** Text with commas between, or a list of such. */
function platformsOf(node: YamlNode | undefined): readonly YamlNode[] {
  if (node === undefined) return [];
  const items = node.kind === 'list' ? node.items : [node];
  return items.flatMap((item) => {
    const text = textOf(item);
    if (text === undefined) return [item];
    const names = text.split(',').map((name) => name.trim());
    return names.filter((name) => name !== '').map((name) => textNode(name, item.at));
  });
}

const ownOfEach = ['name', 'suffix', 'latest', 'platforms'];

function fieldsOf(filled: YamlMap, platforms: readonly YamlNode[]): Entries {
  const fields = new Map<string, Entry>();
  filled.entries.forEach((entry, key) => {
    if (!ownOfEach.includes(key)) fields.set(key, entry);
  });
  const lines = flavorLines(filled);
  const [first] = lines;
  if (first !== undefined) fields.set('flavor', { keyAt: first.at, value: listNode(lines, first.at) });
  const [platform] = platforms;
  if (platform !== undefined) fields.set('platforms', { keyAt: platform.at, value: listNode(platforms, platform.at) });
  return fields;
}

/** `flavor` with what `latest` and `suffix` add to it. */
function flavorLines(filled: YamlMap): readonly YamlNode[] {
  const [latest, suffix] = [childOf(filled, 'latest'), childOf(filled, 'suffix')];
  const [latestText, suffixText] = [textOf(latest) ?? '', textOf(suffix) ?? ''];
  const written = childOf(filled, 'flavor');
  const lines = written === undefined ? [] : written.kind === 'list' ? written.items : [written];
  return [
    ...lines,
    ...(latest === undefined || latestText === '' ? [] : [textNode(`latest=${latestText}`, latest.at)]),
    ...(suffix === undefined || suffixText === ''
      ? []
      : [textNode(`${quoted('suffix', suffixText)},onlatest=true`, suffix.at)]),
  ];
}

/** A field of a flavor; commas and quotes stand in quotes, as CSV has it. */
function quoted(key: string, value: string): string {
  const field = `${key}=${value}`;
  return /[",]|^\s|\s$/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
