/** JSON as content: canonical out, bounded in. */
import { FanfoldError, messageOf } from '../../base/errors/error.ts';

/** What JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** Texts of values that many documents hold. */
const sharedTexts = new WeakMap<object, string>();

/** Marks a value that many documents will hold and nothing will ever change: its canonical text is made once. */
export function sharedJson<T extends Json & object>(value: T): T {
  sharedTexts.set(value, canonicalJson(value));
  return value;
}

/**
 * Canonical JSON (RFC 8785): no white space, names sorted by UTF-16 code unit, undefined left out.
 * @throws FanfoldError `content.invalid` on a number that JSON cannot hold
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  const known = typeof value === 'object' ? sharedTexts.get(value) : undefined;
  if (known !== undefined) return known;
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object') {
    const entries = Object.entries(value).filter(([, field]) => field !== undefined);
    entries.sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`).join(',')}}`;
  }
  throw new FanfoldError('content.invalid', `canonical JSON cannot hold ${String(value)}`);
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
