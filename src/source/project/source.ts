/** A configuration file: its data for the schema, and the place of each path in it. */
import type { ErrorCode } from '../../base/errors/codes.ts';
import type { Diagnostic } from '../../base/errors/diagnostic.ts';
import type { Place } from '../../base/errors/error.ts';
import type { YamlNode, YamlSource } from './yaml.ts';

/** The way to a value: keys, and places in lists from 0. */
export type Path = readonly (string | number)[];

/** The data of a tree. Where `isText` says so, scalars are taken as they are written: `1.10` stays `1.10`. */
export function toData(node: YamlNode, isText: (path: Path) => boolean): unknown {
  return dataAt(node, isText, []);
}

/** `path` is that of `node`; asked of `isText` where it decides anything, and given back as it was. */
function dataAt(node: YamlNode, isText: (path: Path) => boolean, path: (string | number)[]): unknown {
  switch (node.kind) {
    case 'scalar': {
      const isOther = node.value !== null && typeof node.value !== 'string';
      return isOther && isText(path) ? node.text : node.value;
    }
    case 'list':
      return node.items.map((item, index) => below(item, index, isText, path));
    case 'map': {
      const data: Record<string, unknown> = {};
      node.entries.forEach(({ value }, key) => {
        data[key] = below(value, key, isText, path);
      });
      return data;
    }
    default:
      return node satisfies never;
  }
}

function below(
  node: YamlNode,
  step: string | number,
  isText: (path: Path) => boolean,
  path: (string | number)[],
): unknown {
  path.push(step);
  const data = dataAt(node, isText, path);
  path.pop();
  return data;
}

/** The node at `path`, or undefined. */
export function nodeAt(root: YamlNode | undefined, path: Path): YamlNode | undefined {
  let node = root;
  for (const step of path) {
    if (node?.kind === 'map') node = node.entries.get(String(step))?.value;
    else node = node?.kind === 'list' && typeof step === 'number' ? node.items[step] : undefined;
  }
  return node;
}

/** The place of the value at `path`; where there is none, of what is nearest above it. */
export function placeOfValue(source: YamlSource, path: Path): Place {
  for (let length = path.length; length >= 0; length--) {
    const node = nodeAt(source.root, path.slice(0, length));
    if (node !== undefined) return placeAt(source, node.at);
  }
  return placeAt(source, 0);
}

/** The place of the key at the end of `path`; of its value where it is a place in a list. */
export function placeOfKey(source: YamlSource, path: Path): Place {
  const parent = nodeAt(source.root, path.slice(0, -1));
  const entry = parent?.kind === 'map' ? parent.entries.get(String(path.at(-1))) : undefined;
  return entry === undefined ? placeOfValue(source, path) : placeAt(source, entry.keyAt);
}

/**
 * The place of a line and column (from 1) of the text at `path`: exact in a block (`|`) and in text of one line that is written as it
 * is read; else of the text.
 */
export function placeInText(source: YamlSource, path: Path, line: number, column: number): Place {
  const node = nodeAt(source.root, path);
  const whole = placeOfValue(source, path);
  if (node?.kind !== 'scalar' || typeof node.value !== 'string' || whole.line === undefined) return whole;
  if (whole.file !== source.file) return whole;
  const wanted = node.value.split('\n')[line - 1] ?? '';
  const fileLine = whole.line + line - (node.isBlock ? 0 : 1);
  const written = source.text.split('\n')[fileLine - 1] ?? '';
  const start = wanted === '' ? -1 : written.indexOf(wanted, node.isBlock ? 0 : (whole.column ?? 1) - 1);
  return start < 0 ? whole : { ...whole, line: fileLine, column: start + column };
}

/** A mistake at a place. */
export function mistake(code: ErrorCode, place: Place, message: string, hint?: string): Diagnostic {
  return { code, severity: 'error', message, place, ...(hint === undefined ? {} : { hint }) };
}

/** The place of an offset. */
export function placeAt(source: YamlSource, offset: number): Place {
  return { file: source.file, ...source.position(offset) };
}
