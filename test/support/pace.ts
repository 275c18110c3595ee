// A cap on bandwidth, shared by all that ask it.

import { setTimeout as wait } from 'node:timers/promises';

/** Waits until so many bytes may pass. */
export type Pace = (bytes: number) => Promise<void>;

/** Bytes pass one after the other, each taking its share of a second; short debts are let run, for timers are coarse. */
export function bandwidth(bytesPerSecond: number): Pace {
  let freeAtMs = performance.now();
  return async (bytes) => {
    freeAtMs = Math.max(freeAtMs, performance.now()) + (bytes / bytesPerSecond) * 1000;
    const debtMs = freeAtMs - performance.now();
    if (debtMs > 5) await wait(debtMs);
  };
}
