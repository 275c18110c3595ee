// As a rule: whatever changes in a checkout, if the image that is built of it changes, its key changes. The judge builds the whole checkout.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isFanfoldError } from '../../src/base/errors/error.ts';
import { type MemoryStore, memoryStore } from '../../src/content/store/memory.ts';
import { diskTree } from '../../src/source/git/disk.ts';
import { subtree } from '../../src/source/git/subtree.ts';
import type { KeyedLeg } from '../../src/source/inputs/leg-inputs.ts';
import { countFrom } from '../dockerfile/random.ts';
import { writeBase } from '../support/base-image.ts';
import { buildDirectly, wholeContext } from '../support/direct-build.ts';
import { familyIn, keyOne, type TargetSpec } from '../support/keyed-family.ts';
import { mutate } from '../support/mutate-checkout.ts';
import {
  dockerfileOf,
  filesOf,
  type RandomCheckout,
  randomCheckout,
  randomMutation,
} from '../support/random-checkout.ts';
import { writeFiles } from '../support/repository.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// More of them, or others: FANFOLD_KEY_CHANGES, FANFOLD_SEED.
const changes = countFrom('FANFOLD_KEY_CHANGES', 200);
// A busy machine judges fewer in this time, and says how many.
const mostMs = changes * 400;
const seed = countFrom('FANFOLD_SEED', 11);

/** A checkout's key, what is built of the keyed files, and what is built of all files. */
interface Judged {
  readonly key: string;
  readonly content: string;
  readonly whole: string;
}

/** Undefined where the checkout has no key: what is wrong with it is an error before anything is built. */
async function judged(checkout: RandomCheckout): Promise<Judged | undefined> {
  using folder = temporaryFolder('checkout');
  writeFiles(folder.path, filesOf(checkout));
  const store = memoryStore();
  await writeBase(store, '1', { 'linux/amd64': checkout.base });
  const keyed = await keyOrUndefined(folder.path, checkout, store);
  if (keyed === undefined) return undefined;
  return {
    key: keyed.key,
    content: await builtOrRefused(keyed, store),
    whole: await builtOrRefused(await unrestricted(keyed, checkout, folder.path), store),
  };
}

async function keyOrUndefined(root: string, checkout: RandomCheckout, store: MemoryStore) {
  const { args, labels, stage } = checkout;
  const target: TargetSpec = {
    args,
    labels,
    contexts: { extra: { kind: 'folder', path: 'y' } },
    ...(stage === undefined ? {} : { stage }),
  };
  try {
    return await keyOne(familyIn(root, { app: target }), { tree: 'worktree', store });
  } catch (error) {
    if (isFanfoldError(error)) return undefined;
    throw error;
  }
}

/** The leg with all files that a plain build would see in place of those that were keyed. */
async function unrestricted(keyed: KeyedLeg, { ownIgnore }: RandomCheckout, root: string): Promise<KeyedLeg> {
  const tree = diskTree(root);
  const context = await wholeContext(tree, ownIgnore === undefined ? '.dockerignore' : 'Dockerfile.dockerignore');
  return { ...keyed, inputs: { ...keyed.inputs, context, folders: new Map([['extra', subtree(tree, 'y')]]) } };
}

async function builtOrRefused(keyed: KeyedLeg, store: MemoryStore): Promise<string> {
  try {
    return await buildDirectly(keyed, keyed.inputs.context, store);
  } catch (error) {
    if (isFanfoldError(error)) return 'refused';
    throw error;
  }
}

describe(`changes by chance, seed ${seed}`, () => {
  test('other content has another key, and the keyed files give what the whole checkout gives', {
    timeout: mostMs + 60_000,
  }, async () => {
    const seen = { pairs: 0, otherContent: 0, otherKey: 0, refused: 0 };
    const mutations = fc.array(randomMutation, { minLength: 1, maxLength: 2 });
    await fc.assert(
      fc.asyncProperty(randomCheckout, mutations, async (checkout, list) => {
        const [before, after] = [await judged(checkout), await judged(list.reduce(mutate, checkout))];
        fc.pre(before !== undefined && after !== undefined);
        if (before === undefined || after === undefined) return;
        seen.pairs += 1;
        if (before.whole === 'refused') seen.refused += 1;
        if (before.whole !== after.whole) seen.otherContent += 1;
        if (before.key !== after.key) seen.otherKey += 1;
        expect(before.content, dockerfileOf(checkout)).toBe(before.whole);
        if (before.whole !== after.whole) expect(after.key, dockerfileOf(checkout)).not.toBe(before.key);
      }),
      { numRuns: changes, seed, maxSkipsPerRun: 30, interruptAfterTimeLimit: mostMs },
    );
    console.log(
      `${seen.pairs} changes (seed ${seed}): ${seen.otherContent} gave other content, ${seen.otherKey} another key; ${seen.refused} were refused before`,
    );
    expect(seen.pairs).toBeGreaterThan(changes / 10);
    expect(seen.otherContent).toBeGreaterThan(seen.pairs / 5);
    expect(seen.pairs - seen.otherKey).toBeGreaterThan(seen.pairs / 10);
    expect(seen.refused).toBeLessThan(seen.pairs / 2);
  });
});
