import { describe, expect, test } from 'vitest';
import type { CacheWorth } from '../run/events.ts';
import { cacheCells, cacheHeading, cacheHint, describeCache, wonMs } from './cache-worth.ts';

const cold: CacheWorth = {
  steps: 9,
  cachedSteps: 0,
  wasThere: false,
  readBytes: 0,
  writtenBytes: 2048,
  exportMs: 6000,
};
const warm: CacheWorth = { ...cold, cachedSteps: 7, wasThere: true, readBytes: 1024, exportMs: 500, fullMs: 130_000 };

describe('what a cache won', () => {
  test.for<{ name: string; durationMs: number; cache: CacheWorth; want: number | undefined }>([
    { name: 'nothing is known of the first one', durationMs: 60_000, cache: cold, want: undefined },
    { name: 'against the last build without', durationMs: 42_000, cache: warm, want: 88_000 },
    { name: 'it cost more than it brought', durationMs: 140_000, cache: warm, want: -10_000 },
    {
      name: 'nothing came out of it: its export is lost',
      durationMs: 1,
      cache: { ...cold, wasThere: true },
      want: -6000,
    },
    {
      name: 'a build without is not known',
      durationMs: 1,
      cache: { steps: 9, cachedSteps: 7, wasThere: true },
      want: undefined,
    },
  ])('$name', ({ durationMs, cache, want }) => expect(wonMs({ durationMs, cache })).toBe(want));

  test('in words', () => {
    expect(describeCache({ durationMs: 42_000, cache: warm })).toBe(
      '7 of 9 steps from a cache, 1.0 KiB read; 2.0 KiB written in 500 ms; won about 1 min 28 s',
    );
    expect(describeCache({ durationMs: 60_000, cache: cold })).toBe(
      '0 of 9 steps from a cache; 2.0 KiB written in 6.0 s',
    );
  });

  test('a hint where it costs more than it brings, and no other', () => {
    expect(cacheHint({ leg: 'api@linux/amd64', durationMs: 42_000, cache: warm })).toBeUndefined();
    expect(cacheHint({ leg: 'api@linux/amd64', durationMs: 60_000, cache: cold })).toBeUndefined();
    expect(cacheHint({ leg: 'api@linux/amd64', durationMs: 130_400, cache: warm })).toBeUndefined();
    expect(cacheHint({ leg: 'api@linux/amd64', durationMs: 140_000, cache: warm })).toBe(
      'api@linux/amd64: it took 10.0 s longer than the last build that took nothing from its cache. Should that be so in most builds, cache: off (or min) is faster.',
    );
    expect(cacheHint({ leg: 'api@linux/amd64', durationMs: 1, cache: { ...cold, wasThere: true } })).toMatch(
      /^api@linux\/amd64: nothing came out of its cache, and writing it took 6\.0 s\./,
    );
  });

  test('a row has a cell for each heading', () => {
    expect(cacheCells({ leg: 'a', durationMs: 42_000, cache: warm })).toHaveLength(cacheHeading.length);
    expect(cacheCells({ leg: 'a', durationMs: 42_000, cache: cold })).toHaveLength(cacheHeading.length);
  });
});
