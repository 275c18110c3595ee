import { describe, expect, test } from 'vitest';
import { FanfoldError } from '../../../base/errors/error.ts';
import type { Clock } from '../../../base/host/clock.ts';
import { type Budget, createGate } from './gate.ts';

/** A clock that waits by moving on, and remembers for how long. */
function movingClock(): Clock & { readonly waits: number[] } {
  let nowMs = 1000;
  const waits: number[] = [];
  return {
    waits,
    now: () => nowMs,
    monotonicMs: () => nowMs,
    async sleep(durationMs) {
      waits.push(durationMs);
      nowMs += durationMs;
    },
  };
}

const budget: Budget = { maxTries: 4, maxWaitMs: 10_000, backoff: { firstMs: 100, maxMs: 400 } };
const busy = new FanfoldError('registry.unavailable', 'busy');

describe('a gate', () => {
  test('waits longer with each try, then gives up with the error itself', async () => {
    const clock = movingClock();
    const gate = createGate('r', clock, () => 0.5, budget);
    for (const attempt of [1, 2, 3]) await gate.retry(attempt, busy, {});
    await expect(gate.retry(4, busy, {})).rejects.toBe(busy);
    expect(clock.waits).toEqual([75, 150, 300]);
  });

  test('keeps to the time that was asked for, for everyone', async () => {
    const clock = movingClock();
    const gate = createGate('r', clock, () => 0, budget);
    const retry = gate.retry(1, busy, {}, { ms: 3000, forAll: true });
    await gate.pass({});
    await retry;
    expect(clock.waits[0]).toBe(3000);
    await gate.pass({});
    expect(clock.waits.filter((wait) => wait > 0)).toEqual([3000]);
  });

  test('spends no more than its budget, whoever waits', async () => {
    const clock = movingClock();
    const gate = createGate('r', clock, () => 0, budget);
    for (let turn = 0; turn < 3; turn++) await gate.retry(1, busy, {}, { ms: 3000, forAll: true });
    await expect(gate.retry(1, busy, {}, { ms: 3000, forAll: true })).rejects.toMatchObject({
      code: 'registry.unavailable',
      cause: busy,
      hint: expect.stringContaining('later'),
    });
  });

  test('refuses at once a wait that is past the budget', async () => {
    const clock = movingClock();
    const gate = createGate('r', clock, () => 0, budget);
    await expect(gate.retry(1, busy, {}, { ms: 3_600_000, forAll: true })).rejects.toMatchObject({ cause: busy });
    expect(clock.waits).toEqual([]);
  });
});
