import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRange, slice } from './byte-range.ts';

describe('parseRange', () => {
  test.for([
    { name: 'none', header: undefined, want: undefined },
    { name: 'from and to', header: 'bytes=2-4', want: { start: 2, end: 5 } },
    { name: 'from', header: 'bytes=7-', want: { start: 7, end: 10 } },
    { name: 'the last ones', header: 'bytes=-3', want: { start: 7, end: 10 } },
    { name: 'more than there are', header: 'bytes=0-99', want: { start: 0, end: 10 } },
    { name: 'more of the last than there are', header: 'bytes=-99', want: { start: 0, end: 10 } },
    { name: 'several: the whole is as good', header: 'bytes=0-1,3-4', want: undefined },
    { name: 'another unit', header: 'lines=0-1', want: undefined },
    { name: 'nothing named', header: 'bytes=-', want: undefined },
  ])('$name', ({ header, want }) => expect(parseRange(header, 10)).toEqual(want));

  test.for(['bytes=10-', 'bytes=5-4', 'bytes=-0'])('%s cannot be satisfied', (header) =>
    expect(() => parseRange(header, 10)).toThrowError(expect.objectContaining({ status: 416 })),
  );
});

test('slice gives what the range of the whole has, however it comes in pieces', async () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 5 }), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(pieces, fc.nat(40), fc.nat(40), async (parts, a, b) => {
      const whole = Buffer.concat(parts);
      const range = { start: Math.min(a, b), end: Math.max(a, b) };
      const got: Uint8Array[] = [];
      for await (const piece of slice(streamOf(parts), range)) got.push(piece);
      expect(Buffer.concat(got)).toEqual(whole.subarray(range.start, range.end));
    }),
  );
});

async function* streamOf(parts: readonly Uint8Array[]): AsyncIterable<Uint8Array> {
  yield* parts;
}
