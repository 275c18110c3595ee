/** One difference between what two legs are made of, with the line that decides it; and its words. */
import type { Place } from '../base/errors/error.ts';

/** What of a leg differs. */
export interface InputChange {
  readonly kind: 'file' | 'instruction' | 'argument' | 'base' | 'target' | 'setting';
  readonly how: 'changed' | 'added' | 'removed';
  /** A path from the top of the repository, an instruction, an argument, a reference, a target, a field. */
  readonly name: string;
  readonly was?: string;
  readonly is?: string;
  /** The line that decides; its file is named from the family's root (a Dockerfile, fanfold.yaml) or the repository's top (an ignore file). */
  readonly place?: Place;
  /** The instruction or rule that makes it count. */
  readonly by?: string;
}

/** The change as a line: what, how, and where it is decided. */
export function describeChange(change: InputChange): string {
  const where = describeWhere(change.place);
  const by = change.by === undefined ? '' : ` ${shorten(change.by)}`;
  return `${whatChanged(change)}${where === '' && by === '' ? '' : `  (${where}${by})`}`;
}

function whatChanged({ kind, how, name, was, is }: InputChange): string {
  const subject = kind === 'file' ? name : `${words[kind]} ${shorten(name)}`;
  if (was !== undefined && is !== undefined) return `${subject}: ${shorten(was)} -> ${shorten(is)}`;
  const value = is ?? was;
  return `${subject} ${how}${value === undefined ? '' : `: ${shorten(value)}`}`;
}

const words = {
  instruction: 'instruction',
  argument: 'argument',
  base: 'base',
  target: 'target',
  setting: 'setting',
} as const;

/** `file:line`. */
export function describeWhere(place: Place | undefined): string {
  if (place?.file === undefined) return '';
  return place.line === undefined ? place.file : `${place.file}:${place.line}`;
}

const shownLength = 100;

/** On one line, and not too long. */
export function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length <= shownLength ? line : `${line.slice(0, shownLength - 3)}...`;
}
