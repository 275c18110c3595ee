/** Reading what others wrote: what goes wrong leaves a resolver undecided, and stops nothing. */
import { isFanfoldError } from '../../../base/errors/error.ts';
import type { Cancel } from '../../../base/host/cancel.ts';
import type { Resolution, TakenPath } from './resolver.ts';

/** Thrown inside of a resolver by what it cannot decide. */
export class Undecided extends Error {}

/** The paths that `work` finds; where it cannot decide, why. `what` is what was asked for, in words. */
export async function attempt(
  what: string,
  work: () => Promise<readonly TakenPath[]>,
  cancel: Cancel,
): Promise<Resolution> {
  try {
    return { kind: 'taken', paths: await work() };
  } catch (error) {
    cancel.signal?.throwIfAborted();
    if (!(error instanceof Undecided) && !isFanfoldError(error)) throw error;
    return { kind: 'undecided', reason: `${what}: ${error.message}; everything counts` };
  }
}
