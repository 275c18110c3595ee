// What a recorded change is, and how one is made of the family's files.

import type { BaseChange } from './recorded-bases.ts';
import type { Files } from './recorded-family.ts';

/** One change. */
export interface Change {
  readonly name: string;
  readonly files?: Files;
  readonly remove?: readonly string[];
  /** The submodule's next commit is taken. */
  readonly submodule?: true;
  /** A base image's tag moves to another image before the commit. */
  readonly base?: BaseChange;
}

/** Ways to change a family's files. */
export interface Edits {
  /** The file with one text in place of another, which must be there. */
  edit(path: string, from: string, to: string): Files;
  append(path: string, more: string): Files;
  text(path: string): string;
}

/** The edits of a family. */
export function editsOf(family: Files): Edits {
  const text = (path: string): string => {
    const spec = family[path];
    if (typeof spec === 'string') return spec;
    if (typeof spec === 'object' && 'bytes' in spec && typeof spec.bytes === 'string') return spec.bytes;
    throw new Error(`${path} has no text`);
  };
  const edit = (path: string, from: string, to: string): Files => {
    const before = text(path);
    if (!before.includes(from)) throw new Error(`${path} has no ${JSON.stringify(from)}`);
    const after = before.replace(from, () => to);
    return { [path]: typeof family[path] === 'string' ? after : { bytes: after, executable: true } };
  };
  const append = (path: string, more: string): Files => edit(path, text(path), text(path) + more);
  return { edit, append, text };
}

/** The text with Windows' ends of lines. */
export function crlf(text: string): string {
  return text.replaceAll('\n', '\r\n');
}
