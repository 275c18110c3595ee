import { test } from 'vitest';
import { fullDiskNotice } from './leg-disk.ts';

test('a failed leg is told that the disk was full, and only then', ({ expect }) => {
  expect(fullDiskNotice({ peakBytes: 21.2e9, leastFreeBytes: 12_000_000 })).toContain(
    '12 MB were left when the leg had taken 21.2 GB; say what it needs (disk: 30GB)',
  );
  expect(fullDiskNotice({ peakBytes: 21.2e9, leastFreeBytes: 5e9 })).toBeUndefined();
  expect(fullDiskNotice(undefined)).toBeUndefined();
});
