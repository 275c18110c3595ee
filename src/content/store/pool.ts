/** A bound on how many things run at once. */

/**
 * Runs what it is given, never more than its bound at a time, first come first served. `leave` gives the work's place to the next before
 * the work ends: when it only waits for an answer.
 */
export type Pool = <T>(work: (leave: () => void) => Promise<T>) => Promise<T>;

/** A pool of `bound` places. Whoever waits for another's work gives its place back first: nothing may be awaited inside that needs a place. */
export function createPool(bound: number): Pool {
  let free = Math.max(1, bound);
  let waiting: (() => void)[] = [];
  // Taken from here on: a long list whose first is taken away would be moved each time.
  let first = 0;
  const nextWaiting = (): (() => void) | undefined => {
    const next = waiting[first];
    first += 1;
    if (first >= waiting.length) [waiting, first] = [[], 0];
    return next;
  };
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    let held = true;
    const leave = (): void => {
      if (!held) return;
      held = false;
      const next = nextWaiting();
      if (next === undefined) free += 1;
      else next();
    };
    try {
      return await work(leave);
    } finally {
      leave();
    }
  };
}
