/** One question for each of many keys, side by side within a bound. */
import type { Key } from '../source/inputs/leg-inputs.ts';

const lookupsAtOnce = 16;

/** The answers by key; keys without one are absent. The first failure ends it. */
export async function eachKey<Answer>(
  keys: Iterable<Key>,
  ask: (key: Key) => Promise<Answer | undefined>,
): Promise<ReadonlyMap<Key, Answer>> {
  const waiting = [...new Set(keys)];
  const found = new Map<Key, Answer>();
  const work = async (): Promise<void> => {
    for (let key = waiting.shift(); key !== undefined; key = waiting.shift()) {
      const answer = await ask(key);
      if (answer !== undefined) found.set(key, answer);
    }
  };
  await Promise.all(Array.from({ length: lookupsAtOnce }, work));
  return found;
}
