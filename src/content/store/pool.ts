/** A bound on how many things run at once. */

/** Runs what it is given, never more than its bound at a time, first come first served. */
export type Pool = <T>(work: () => Promise<T>) => Promise<T>;

/** A pool of `bound` places. Whoever waits for another's work gives its place back first: nothing may be awaited inside that needs a place. */
export function createPool(bound: number): Pool {
  let free = Math.max(1, bound);
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
