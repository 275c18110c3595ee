/** Mistakes in configuration as data: all of them at once, each with its place. */
import type { ErrorCode } from './codes.ts';
import { FanfoldError, type Place } from './error.ts';

/** One mistake. `place.line` and `place.column` count from 1. */
export interface Diagnostic {
  readonly code: ErrorCode;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly place: Place;
  readonly hint?: string;
}

/** Configuration with at least one mistake; carries all of them. */
export class DiagnosticsError extends FanfoldError {
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 'error');
    const first = errors[0] ?? diagnostics[0];
    super(first?.code ?? 'config.invalid', summaryOf(errors), {
      ...(first === undefined ? {} : { place: first.place }),
      ...(first?.hint === undefined ? {} : { hint: first.hint }),
    });
    this.diagnostics = diagnostics;
  }
}

/** Throws a DiagnosticsError if any of `diagnostics` is an error; warnings pass. */
export function throwIfErrors(diagnostics: readonly Diagnostic[]): void {
  if (diagnostics.some((diagnostic) => diagnostic.severity === 'error')) throw new DiagnosticsError(diagnostics);
}

function summaryOf(errors: readonly Diagnostic[]): string {
  const first = errors[0]?.message ?? 'the configuration has mistakes';
  return errors.length > 1 ? `${first} (and ${errors.length - 1} more)` : first;
}
