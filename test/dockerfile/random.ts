// Chance from a seed: the same seed gives the same judged cases on every machine.

/** A source of chance. */
export interface Chance {
  /** A whole number from 0 to below `limit`. */
  below(limit: number): number;
  /** True once in `times`. */
  once(times: number): boolean;
  one<Item>(items: readonly [Item, ...Item[]]): Item;
  /** From `least` to `most` items, made one by one. */
  several<Item>(least: number, most: number, make: () => Item): Item[];
}

/** Chance by mulberry32. */
export function chanceOf(seed: number): Chance {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const below = (limit: number): number => next() % limit;
  return {
    below,
    once: (times) => below(times) === 0,
    one: (items) => items[below(items.length)] ?? items[0],
    several: (least, most, make) => Array.from({ length: least + below(most - least + 1) }, make),
  };
}

/** A number from the environment, so that a long run can ask for more cases. */
export function countFrom(name: string, otherwise: number): number {
  const given = Number(process.env[name]);
  return Number.isSafeInteger(given) && given > 0 ? given : otherwise;
}
