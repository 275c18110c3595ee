/** A registry's answer to a typed error (distribution specification 1.1, "Error Codes"). */
import type { ErrorCode } from '../../../base/errors/codes.ts';
import { type ErrorDetails, FanfoldError } from '../../../base/errors/error.ts';
import { retryAfterMs } from '../../../base/host/backoff.ts';
import type { HttpResponse } from '../../../base/host/http.ts';

/** What a registry refused, and whether to try again. */
export class RegistryError extends FanfoldError {
  readonly status: number;
  /** The registry's own codes, as MANIFEST_UNKNOWN. */
  readonly codes: readonly string[];
  readonly retryable: boolean;
  /** How long the registry wants to be left alone, in milliseconds, where its body says so. */
  readonly askedMs: number | undefined;

  constructor(code: ErrorCode, message: string, answer: Answer, details: ErrorDetails = {}) {
    super(code, message, details);
    this.name = 'RegistryError';
    this.status = answer.status;
    this.codes = answer.codes;
    this.retryable = answer.retryable;
    this.askedMs = answer.askedMs;
  }
}

/** The parts of an answer that a caller decides by. */
export interface Answer {
  readonly status: number;
  readonly codes: readonly string[];
  readonly retryable: boolean;
  readonly askedMs?: number | undefined;
}

/** What was asked when the answer came. */
export interface Asked {
  readonly host: string;
  readonly repository?: string | undefined;
  /** `GET /v2/acme/api/manifests/latest`: without query, which may be a secret. */
  readonly what: string;
}

const maxErrorBytes = 64 * 1024;

/**
 * The error of an answer that was not expected; reads at most 64 KiB of its body, and lets the rest go. `nowMs` is what a date in
 * Retry-After is counted from; `passes` tells what the status alone does not.
 */
export async function errorOf(
  response: HttpResponse,
  asked: Asked,
  nowMs: number,
  passes = false,
): Promise<RegistryError> {
  const text = await readText(response);
  const { codes, messages } = parseErrors(text);
  const limited = response.status === 403 && /secondary rate limit/i.test(text);
  const status = limited ? 429 : response.status;
  const said = messages.length > 0 ? `: ${messages.join('; ')}` : '';
  return new RegistryError(
    codeOf(status),
    `${asked.host} answered ${response.status} to ${asked.what}${said}`,
    {
      status: response.status,
      codes,
      retryable: passes || isPassing(status),
      askedMs: retryAfterMs(response.headers['retry-after'], nowMs) ?? delayOf(status, text, limited),
    },
    { place: placeOf(asked), ...hintOf(status, asked) },
  );
}

/** GHCR's secondary limit passes after minutes and names no time. */
const secondaryLimitMs = 60_000;

function delayOf(status: number, text: string, limited: boolean): number | undefined {
  if (limited) return secondaryLimitMs;
  return status === 429 ? delayIn(text) : undefined;
}

/** Statuses that pass by themselves. */
export function isPassing(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || (status >= 500 && status !== 501 && status !== 505);
}

/** At most `maxBytes` of a body, whatever the rest. */
export async function readAtMost(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const piece of body) {
    pieces.push(piece);
    sizeBytes += piece.length;
    if (sizeBytes >= maxBytes) break;
  }
  return Buffer.concat(pieces).subarray(0, maxBytes);
}

async function readText(response: HttpResponse): Promise<string> {
  // An answer that breaks in the middle is still an answer: its status counts.
  const bytes = await readAtMost(response.body, maxErrorBytes).catch(() => new Uint8Array());
  await response.discard();
  return Buffer.from(bytes).toString('utf8');
}

const maxErrors = 10;

function parseErrors(text: string): { codes: readonly string[]; messages: readonly string[] } {
  const errors = errorList(text).slice(0, maxErrors);
  const field = (error: unknown, name: string): string[] => {
    const value: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined;
    return typeof value === 'string' && value !== '' ? [value.slice(0, 300)] : [];
  };
  return {
    codes: errors.flatMap((error) => field(error, 'code')),
    messages: errors.flatMap((error) => [[...field(error, 'code'), ...field(error, 'message')].join(' ')]),
  };
}

function errorList(text: string): readonly unknown[] {
  try {
    const body: unknown = JSON.parse(text);
    const errors: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'errors') : undefined;
    return Array.isArray(errors) ? errors : [];
  } catch {
    return [];
  }
}

/** GHCR says in the body how long to wait: `retry-after: 12.5ms, allowed: 2000/minute`. */
export function delayIn(text: string): number | undefined {
  const found = /retry-after:\s*(\d+(?:\.\d+)?)\s*(ms|s|m)?/i.exec(text);
  if (found === null) return undefined;
  const unit = { ms: 1, s: 1000, m: 60_000 }[found[2]?.toLowerCase() ?? 's'] ?? 1000;
  return Math.ceil(Number(found[1]) * unit);
}

function codeOf(status: number): ErrorCode {
  if (status === 401 || status === 403) return 'registry.denied';
  if (status === 404) return 'registry.not-found';
  if (status === 429) return 'registry.rate-limited';
  return isPassing(status) ? 'registry.unavailable' : 'registry.invalid';
}

function hintOf(status: number, asked: Asked): { hint?: string } {
  if (status === 401) return { hint: `log in to ${asked.host} (docker login ${asked.host})` };
  if (status === 403) return { hint: `grant the account the right to ${asked.repository ?? asked.host}` };
  if (status === 429) return { hint: 'wait until the limit is over, or use an account with a higher one' };
  if (isPassing(status)) return { hint: `see whether ${asked.host} is up, and run it again` };
  return {};
}

function placeOf(asked: Asked): { registry: string; repository?: string } {
  return { registry: asked.host, ...(asked.repository === undefined ? {} : { repository: asked.repository }) };
}
