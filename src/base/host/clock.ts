/** Time: now, how long something took, and a wait that a signal ends. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Cancel } from './cancel.ts';

/** What tells and spends time. */
export interface Clock {
  /** Milliseconds since 1970, for what is written down. */
  now(): number;
  /** Milliseconds since some moment, never set back, for durations. */
  monotonicMs(): number;
  /** Waits; rejects with the signal's reason as soon as it fires. In the background, it keeps no process alive. */
  sleep(durationMs: number, cancel?: Cancel & { readonly background?: boolean }): Promise<void>;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  async sleep(durationMs, cancel) {
    const signal = cancel?.signal;
    signal?.throwIfAborted();
    const options = { ref: cancel?.background !== true, ...(signal === undefined ? {} : { signal }) };
    await wait(durationMs, undefined, options).catch((error: unknown) => {
      signal?.throwIfAborted();
      throw error;
    });
  },
};
