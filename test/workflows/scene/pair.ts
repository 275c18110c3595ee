// The two registries of a test file, started before its tests and stopped after them.

import { afterAll, beforeAll } from 'vitest';
import { type SceneRegistry, startSceneRegistry } from './registries.ts';

/** Starts `first` and `second` for the tests of a `describe`; read them inside tests only. */
export function registryPair(): { readonly first: SceneRegistry; readonly second: SceneRegistry } {
  const pair: Partial<Record<'first' | 'second', SceneRegistry>> = {};
  beforeAll(async () => {
    [pair.first, pair.second] = await Promise.all([startSceneRegistry('first'), startSceneRegistry('second')]);
  });
  afterAll(async () => {
    await pair.first?.[Symbol.asyncDispose]();
    await pair.second?.[Symbol.asyncDispose]();
  });
  const started = (name: 'first' | 'second'): SceneRegistry => {
    const registry = pair[name];
    if (registry === undefined) throw new Error(`the ${name} registry did not start`);
    return registry;
  };
  return {
    get first() {
      return started('first');
    },
    get second() {
      return started('second');
    },
  };
}
