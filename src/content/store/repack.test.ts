import fc from 'fast-check';
import { expect, test } from 'vitest';
import { randomBytes } from '../../../test/support/random-image.ts';
import { streamOf } from './bytes.ts';
import { lendBuffer, pieceBytes, release } from './lease.ts';
import { repack } from './repack.ts';

test('whatever the chunks, the bytes are the same, in full pieces and a rest', async () => {
  const whole = Buffer.from(randomBytes('repack', 3 * pieceBytes));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: whole.length }), { maxLength: 8 }), async (cuts) => {
      const ends = [...cuts].sort((one, other) => one - other);
      const sizeBytes = ends.at(-1) ?? 0;
      const chunks = ends.map((end, place) => whole.subarray(ends[place - 1] ?? 0, end));
      const copies: Buffer[] = [];
      for await (const piece of repack(streamOf(...chunks))) {
        copies.push(Buffer.from(piece));
        release(piece);
      }
      expect(Buffer.concat(copies).equals(whole.subarray(0, sizeBytes))).toBe(true);
      expect(copies.slice(0, -1).every((copy) => copy.length === pieceBytes)).toBe(true);
      expect(copies.every((copy) => copy.length > 0)).toBe(true);
    }),
  );
});

test('a piece that is lent already passes as it is', async () => {
  const lent = lendBuffer().fill(1);
  const rest = Buffer.alloc(10, 2);
  const pieces: Uint8Array[] = [];
  for await (const piece of repack(streamOf(lent, rest))) pieces.push(piece);
  expect(pieces).toEqual([lent, rest]);
  expect(pieces[0]).toBe(lent);
});

test('a failure of the source comes through', async () => {
  const broken = async function* (): AsyncIterable<Uint8Array> {
    yield new Uint8Array(10);
    throw new Error('gone');
  };
  await expect(repack(broken())[Symbol.asyncIterator]().next()).rejects.toThrow('gone');
});
