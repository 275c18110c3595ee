import { describe, expect, test } from 'vitest';
import type { Refresh } from '../project/model.ts';
import { refreshPeriod } from './refresh.ts';

type Period = Exclude<Refresh, 'never'>;

const dayMs = 24 * 60 * 60 * 1000;
const start = Date.UTC(2026, 0, 1);
const names = Array.from({ length: 300 }, (_, index) => `target-${index}`);

/** On how many of `days` from the start an hour begins another period than the hour before, by hour. */
function boundaries(refresh: Period, name: string, days: number): readonly number[] {
  const hours = Array.from({ length: days * 24 }, (_, hour) => start + hour * (dayMs / 24));
  const period = (ms: number): string => JSON.stringify(refreshPeriod(refresh, name, ms));
  return hours.flatMap((ms, hour) => (period(ms) === period(ms - dayMs / 24) ? [] : [hour]));
}

describe('a period', () => {
  test.for<{ refresh: Period; days: number; want: number }>([
    { refresh: 'daily', days: 30, want: 30 },
    { refresh: 'weekly', days: 70, want: 10 },
    { refresh: 'monthly', days: 365, want: 12 },
  ])('is left once in each: $refresh', ({ refresh, days, want }) => {
    for (const name of names.slice(0, 20)) expect(boundaries(refresh, name, days)).toHaveLength(want);
  });

  test('is left by each target at a time of its own, spread over a week', () => {
    const first = names.map((name) => boundaries('weekly', name, 7)[0] ?? -1);
    const byDay = Array.from({ length: 7 }, (_, day) => first.filter((hour) => Math.floor(hour / 24) === day).length);
    for (const count of byDay) expect(count).toBeGreaterThan(names.length / 7 / 2);
    expect(new Set(first).size).toBeGreaterThan(100);
  });

  test('is the same wherever it is worked out', () => {
    expect(refreshPeriod('weekly', 'api', start)).toEqual(refreshPeriod('weekly', 'api', start));
    expect(refreshPeriod('monthly', 'api', start + 40 * dayMs)).toMatchObject({ every: 'monthly' });
  });
});
