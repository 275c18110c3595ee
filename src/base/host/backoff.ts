/** How long to wait before another try: exponential with jitter, never less than the other side asked for. */

/** Bounds of a series of tries. */
export interface BackoffOptions {
  readonly firstMs: number;
  readonly maxMs: number;
}

/**
 * The wait before try `attempt + 1`, in milliseconds, with `attempt` counted from 1. `random` is in [0, 1).
 * `askedMs` is what the other side asked for (Retry-After); it is kept to exactly, plus up to a tenth.
 */
export function backoffMs(attempt: number, random: number, options: BackoffOptions, askedMs?: number): number {
  if (askedMs !== undefined) return Math.ceil(askedMs * (1 + random / 10));
  const ceiling = Math.min(options.maxMs, options.firstMs * 2 ** (attempt - 1));
  return Math.ceil(ceiling / 2 + (ceiling / 2) * random);
}

/**
 * Retry-After (RFC 9110, section 10.2.3) in milliseconds from `nowMs`: seconds, or an HTTP date.
 * Undefined where it is neither; never negative.
 */
export function retryAfterMs(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\s*\d{1,9}\s*$/.test(value)) return Number(value) * 1000;
  const date = /[a-z]/i.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}
