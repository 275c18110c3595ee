/** Which failures may pass when the same thing is tried again. */
import { isFanfoldError } from '../../base/errors/error.ts';

/** Whether trying again may help: the network broke, or the registry said so; a wrapping error speaks for its cause. */
export function isRetryable(error: unknown): boolean {
  if (!isFanfoldError(error)) return false;
  if ('retryable' in error) return error.retryable === true;
  return error.code === 'host.network' || (error.cause !== error && isRetryable(error.cause));
}
