/** JSON as content: canonical out, bounded in. */
import { FanfoldError, messageOf } from '../../base/errors/error.ts';

/** What JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** The text of a value that many documents hold, and its bytes once they were asked for. */
interface SharedText {
  readonly text: string;
  bytes?: Uint8Array;
}

const sharedTexts = new WeakMap<object, SharedText>();

/** Marks a value that many documents will hold and nothing will ever change: its canonical text is made once. */
export function sharedJson<T extends Json & object>(value: T): T {
  sharedTexts.set(value, { text: canonicalJson(value) });
  return value;
}

/**
 * Canonical JSON (RFC 8785): no white space, names sorted by UTF-16 code unit, undefined left out.
 * @throws FanfoldError `content.invalid` on a number that JSON cannot hold
 */
export function canonicalJson(value: unknown): string {
  const writer: Writer = { text: '' };
  write(value, writer);
  return writer.text;
}

/**
 * The same in pieces, for who hashes it: long texts of shared values are bytes, neither copied nor encoded for each document.
 * @throws as `canonicalJson`
 */
export function canonicalPieces(value: unknown): readonly (string | Uint8Array)[] {
  const pieces: (string | Uint8Array)[] = [];
  const writer: Writer = { text: '', pieces };
  write(value, writer);
  return [...pieces, writer.text];
}

interface Writer {
  /** What follows the pieces. */
  text: string;
  readonly pieces?: (string | Uint8Array)[];
}

/** Shorter texts cost less as a part of what stands around them. */
const longText = 4096;

function write(value: unknown, writer: Writer): void {
  if (typeof value !== 'object' || value === null) {
    writer.text += plainText(value);
    return;
  }
  const shared = sharedTexts.get(value);
  if (shared !== undefined) writeShared(shared, writer);
  else if (Array.isArray(value)) writeList(value, writer);
  else writeMap(value as Readonly<Record<string, unknown>>, writer);
}

function plainText(value: unknown): string {
  const isNumber = typeof value === 'number' && Number.isFinite(value);
  if (value === null || typeof value === 'boolean' || typeof value === 'string' || isNumber) {
    return JSON.stringify(value);
  }
  throw new FanfoldError('content.invalid', `canonical JSON cannot hold ${String(value)}`);
}

function writeShared(shared: SharedText, writer: Writer): void {
  if (writer.pieces === undefined || shared.text.length < longText) {
    writer.text += shared.text;
    return;
  }
  shared.bytes ??= Buffer.from(shared.text);
  writer.pieces.push(writer.text, shared.bytes);
  writer.text = '';
}

function writeList(values: readonly unknown[], writer: Writer): void {
  let before = '[';
  for (const value of values) {
    writer.text += before;
    write(value, writer);
    before = ',';
  }
  writer.text += values.length === 0 ? '[]' : ']';
}

function writeMap(fields: Readonly<Record<string, unknown>>, writer: Writer): void {
  let before = '{';
  // Without a function to compare, names are ordered by UTF-16 code unit.
  for (const name of Object.keys(fields).sort()) {
    const field = fields[name];
    if (field === undefined) continue;
    writer.text += before + quotedName(name);
    write(field, writer);
    before = ',';
  }
  writer.text += before === '{' ? '{}' : '}';
}

const quotedNames = new Map<string, string>();
/** Documents of one kind have the same few names; what else there is, labels and arguments, need not all be held. */
const maxQuotedNames = 1000;

/** A name as it stands before its value. */
function quotedName(name: string): string {
  const known = quotedNames.get(name);
  if (known !== undefined) return known;
  const quoted = `${JSON.stringify(name)}:`;
  if (quotedNames.size < maxQuotedNames) quotedNames.set(name, quoted);
  return quoted;
}

const maxDepth = 64;

/**
 * JSON from bytes, its depth bounded to 64.
 * @throws FanfoldError `content.invalid` naming `what` it was to be, `content.too-deep`
 */
export function parseJson(bytes: Uint8Array, what: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new FanfoldError('content.invalid', `${what} is not JSON: ${messageOf(error)}`, { cause: error });
  }
  assertDepth(value, maxDepth, what);
  return value;
}

function assertDepth(value: unknown, left: number, what: string): void {
  if (typeof value !== 'object' || value === null) return;
  if (left === 0) throw new FanfoldError('content.too-deep', `${what} is nested more than ${maxDepth} deep`);
  for (const field of Object.values(value)) assertDepth(field, left - 1, what);
}
