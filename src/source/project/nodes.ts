/** Makes tree nodes: what is read from other files becomes part of a family's tree. */
import type { YamlList, YamlMap, YamlNode, YamlScalar } from './yaml.ts';

/** An entry of a map. */
export interface Entry {
  readonly keyAt: number;
  readonly value: YamlNode;
}

/** The entries of a map, in order. */
export type Entries = ReadonlyMap<string, Entry>;

/** A text that begins at `at`. */
export function textNode(value: string, at: number): YamlScalar {
  return { kind: 'scalar', at, value, text: value, isBlock: false, size: 1 };
}

/** A list of nodes. */
export function listNode(items: readonly YamlNode[], at: number): YamlList {
  let size = 1;
  for (const item of items) size += item.size;
  return { kind: 'list', at, items, size: Math.min(size, maxSize) };
}

/** A map of entries. */
export function mapNode(entries: Entries, at: number): YamlMap {
  let size = 1;
  // Here and for entries elsewhere: forEach makes no object for each of them, as an iterator does.
  entries.forEach(({ value }) => {
    size += value.size;
  });
  return { kind: 'map', at, entries, size: Math.min(size, maxSize) };
}

/** A map whose keys stand where their values do. */
export function mapOf(values: Iterable<readonly [string, YamlNode]>, at: number): YamlMap {
  return mapNode(new Map([...values].map(([key, value]) => [key, { keyAt: value.at, value }])), at);
}

/** `node` with every place moved by `shift` characters. */
export function moved(node: YamlNode, shift: (at: number) => number): YamlNode {
  const at = shift(node.at);
  switch (node.kind) {
    case 'scalar':
      return { ...node, at };
    case 'list':
      return { ...node, at, items: node.items.map((item) => moved(item, shift)) };
    case 'map': {
      const entries = [...node.entries].map(
        ([key, { keyAt, value }]) => [key, { keyAt: shift(keyAt), value: moved(value, shift) }] as const,
      );
      return { ...node, at, entries: new Map(entries) };
    }
    default:
      return node satisfies never;
  }
}

/** The text of a scalar as it is written (`1.10` stays `1.10`); undefined where there is none, or something else. */
export function textOf(node: YamlNode | undefined): string | undefined {
  if (node?.kind !== 'scalar' || node.value === null) return undefined;
  return typeof node.value === 'string' ? node.value : node.text;
}

/** The value below a key of a map. */
export function childOf(node: YamlNode | undefined, key: string): YamlNode | undefined {
  return node?.kind === 'map' ? node.entries.get(key)?.value : undefined;
}

const maxSize = 200_001;

/** The items of a list; a value that is none is its own only item. */
export function itemsOf(node: YamlNode | undefined): readonly YamlNode[] {
  return node?.kind === 'list' ? node.items : node === undefined ? [] : [node];
}
