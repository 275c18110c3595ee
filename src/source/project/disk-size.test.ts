import { describe, test } from 'vitest';
import { diskSizeBytes, formatDiskSize } from './disk-size.ts';

describe('a size as it is written', () => {
  test.for([
    { given: '30GB', want: 30e9 },
    { given: '1.5 TB', want: 1.5e12 },
    { given: '20.5GiB', want: 20.5 * 1024 ** 3 },
    { given: '500MB', want: 500e6 },
    { given: '0GB', want: undefined },
    { given: '30', want: undefined },
    { given: '30gb', want: undefined },
    { given: '-1GB', want: undefined },
    { given: '1e9GB', want: undefined },
    { given: '30GB\n', want: undefined },
    { given: '1234567GB', want: undefined },
  ])('$given is $want', ({ given, want }, { expect }) => expect(diskSizeBytes(given)).toBe(want));
});

describe('a size as it is read', () => {
  test.for([
    { given: 0, want: '0 MB' },
    { given: 999_400_000, want: '999 MB' },
    { given: 999_600_000, want: '1 GB' },
    { given: 3_440_000_000, want: '3.4 GB' },
    { given: 30e9, want: '30 GB' },
    { given: 145.4e9, want: '145 GB' },
    { given: 1.5e12, want: '1.5 TB' },
  ])('$given is $want', ({ given, want }, { expect }) => expect(formatDiskSize(given)).toBe(want));
});
