/** The one error of the house: a stable code, a place and a way out. */
import type { ErrorCode } from './codes.ts';

/** Where a mistake is; every part that is known. `column` and `line` count from 1. */
export interface Place {
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly registry?: string;
  readonly repository?: string;
  readonly target?: string;
  readonly platform?: string;
  readonly digest?: string;
  readonly tag?: string;
}

/** What comes with an error beside its code and message. */
export interface ErrorDetails {
  readonly place?: Place;
  /** What to do now, as an imperative clause. */
  readonly hint?: string;
  readonly cause?: unknown;
}

const marker = Symbol.for('fanfold.error');

/** What cannot go on. The message says what happened, the hint what to do now. */
export class FanfoldError extends Error {
  readonly code: ErrorCode;
  readonly place: Place;
  readonly hint: string | undefined;
  readonly [marker] = true;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'FanfoldError';
    this.code = code;
    this.place = details.place ?? {};
    this.hint = details.hint;
  }
}

/** Whether `value` is a FanfoldError, of this copy of the library or another. */
export function isFanfoldError(value: unknown): value is FanfoldError {
  return typeof value === 'object' && value !== null && marker in value;
}

/** The exit status that an error ends a command with: 2 for wrong use or configuration, else 1. */
export function exitStatus(error: unknown): 1 | 2 {
  return isFanfoldError(error) && /^(usage|config)\./.test(error.code) ? 2 : 1;
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
