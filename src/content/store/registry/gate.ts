/** One gate for each registry: a rate limit that one request meets slows them all, within a budget of waiting. */
import { FanfoldError } from '../../../base/errors/error.ts';
import { type BackoffOptions, backoffMs } from '../../../base/host/backoff.ts';
import type { Cancel } from '../../../base/host/cancel.ts';
import type { Clock } from '../../../base/host/clock.ts';

/** How long a registry may keep us waiting. */
export interface Budget {
  /** Tries of one request at the most. */
  readonly maxTries: number;
  /** Milliseconds that a registry may close its gate for, all in all. */
  readonly maxWaitMs: number;
  readonly backoff: BackoffOptions;
}

/** Patient enough for a minute's rate limit, over well within a job's time. */
export const defaultBudget: Budget = {
  maxTries: 6,
  maxWaitMs: 10 * 60_000,
  backoff: { firstMs: 250, maxMs: 20_000 },
};

/** What lets requests through. */
export interface Gate {
  /** Waits until the gate is open. */
  pass(cancel: Cancel): Promise<void>;
  /**
   * Waits before try `attempt + 1`; where the registry asked for the time, or is rate limiting, everyone else waits as well.
   * @throws `error`, where the tries or the budget are used up
   */
  retry(
    attempt: number,
    error: Error,
    cancel: Cancel,
    asked?: { ms?: number | undefined; forAll: boolean },
  ): Promise<void>;
}

/** A gate that is open. `random` is in [0, 1). */
export function createGate(host: string, clock: Clock, random: () => number, budget: Budget): Gate {
  let openAtMs = 0;
  let waitedMs = 0;
  return {
    async pass(cancel) {
      for (let leftMs = openAtMs - clock.monotonicMs(); leftMs > 0; leftMs = openAtMs - clock.monotonicMs()) {
        await clock.sleep(leftMs, cancel);
      }
    },
    async retry(attempt, error, cancel, asked) {
      if (attempt >= budget.maxTries) throw error;
      const waitMs = backoffMs(attempt, random(), budget.backoff, asked?.ms);
      // Many requests that wait at once use the time once.
      const untilMs = clock.monotonicMs() + waitMs;
      const addedMs = asked?.forAll ? Math.max(0, untilMs - Math.max(openAtMs, clock.monotonicMs())) : waitMs;
      if (waitedMs + addedMs > budget.maxWaitMs) throw overspent(host, error, budget);
      waitedMs += addedMs;
      if (asked?.forAll) openAtMs = Math.max(openAtMs, untilMs);
      await clock.sleep(waitMs, cancel);
    },
  };
}

function overspent(host: string, error: Error, budget: Budget): Error {
  if (!(error instanceof FanfoldError)) return error;
  return new FanfoldError(
    error.code,
    `${error.message}; ${host} may keep us waiting ${budget.maxWaitMs / 1000} s in all`,
    {
      place: error.place,
      hint: 'run it again later: what is done is not done again',
      cause: error,
    },
  );
}
