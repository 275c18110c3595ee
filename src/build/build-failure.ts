/** A builder that ended badly. */
import { type ErrorDetails, FanfoldError } from '../base/errors/error.ts';

/** A mistake in a file of the family, as a program of the build told it. */
export interface SourceMistake {
  /** From the family's root. */
  readonly file: string;
  readonly line: number;
  readonly column?: number;
  readonly message: string;
}

/** `build.failed` with what the build's programs said of the family's own files; whoever shows files shows them there. */
export class BuildFailure extends FanfoldError {
  readonly mistakes: readonly SourceMistake[];

  constructor(message: string, details: ErrorDetails, mistakes: readonly SourceMistake[]) {
    super('build.failed', message, details);
    this.mistakes = mistakes;
  }
}
