/** What a Dockerfile says wrong, as an error whose place the caller adds. */
import { FanfoldError } from '../../base/errors/error.ts';

/** An error `dockerfile.syntax` without a place. */
export function mistake(message: string, hint?: string): FanfoldError {
  return new FanfoldError('dockerfile.syntax', message, hint === undefined ? {} : { hint });
}
