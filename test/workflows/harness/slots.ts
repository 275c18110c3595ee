// So many at once: the runners that a repository has, or a strategy's `max-parallel`.

/** Places that are taken and given back. */
export interface Slots {
  /** Waits for a place; gives it back when disposed. */
  take(): Promise<Disposable>;
}

/** So many places; undefined: no bound. */
export function makeSlots(count: number | undefined): Slots {
  let free = count ?? Number.POSITIVE_INFINITY;
  const waiting: (() => void)[] = [];
  const place = { [Symbol.dispose]: () => giveBack() };
  const giveBack = (): void => {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  };
  return {
    async take() {
      if (free > 0) free -= 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      return place;
    },
  };
}
