import { describe, expect, test } from 'vitest';
import { type DueTarget, deferredTargets } from './refresh-budget.ts';

const due = (name: string, legs: number, builtMs: number): DueTarget => ({ name, legs, builtMs });

describe('of targets whose refresh is due', () => {
  test.for<[string, readonly DueTarget[], number, readonly string[]]>([
    ['none waits where there is none', [], 1, []],
    ['none waits where all fit', [due('a', 2, 1), due('b', 2, 2)], 4, []],
    ['the younger wait', [due('a', 1, 3), due('b', 1, 1), due('c', 1, 2)], 2, ['a']],
    ['equal ages go by name', [due('b', 1, 1), due('a', 1, 1)], 1, ['b']],
    ['the oldest is made whole, though it is larger than the budget', [due('a', 3, 1), due('b', 1, 2)], 2, ['b']],
    ['a small one does not overtake a large one', [due('a', 1, 1), due('b', 4, 2), due('c', 1, 3)], 3, ['b', 'c']],
  ])('%s', ([, targets, budget, want]) => {
    expect(deferredTargets(targets, budget)).toEqual(want);
  });
});
