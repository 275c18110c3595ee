import fc from 'fast-check';
import { expect, test } from 'vitest';
import { randomBytes } from '../../../../test/support/random-image.ts';
import { inPieces } from '../store.contract.ts';
import { Replay } from './replay.ts';

async function takeUpTo(bytes: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of bytes) {
    pieces.push(piece);
    size += piece.length;
    if (size >= maxBytes) break;
  }
  return Buffer.concat(pieces);
}

test('from any place that is still held, the rest comes as it was', async () => {
  const whole = Buffer.from(randomBytes('replay', 10_000));
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 3000 }),
      fc.integer({ min: 1, max: 4000 }),
      fc.array(fc.tuple(fc.nat({ max: 10_000 }), fc.nat({ max: 5000 })), { maxLength: 6 }),
      async (pieceBytes, windowBytes, readers) => {
        const source = new Replay(inPieces(whole, pieceBytes), windowBytes);
        for (const [place, readBytes] of readers) {
          const offset = Math.min(place, source.takenBytes());
          const reachable = source.reaches(offset);
          // Whatever was taken in the last window is always there.
          if (source.takenBytes() - offset <= windowBytes) expect(reachable).toBe(true);
          if (!reachable) continue;
          const read = await takeUpTo(source.from(offset), readBytes);
          expect(read.equals(whole.subarray(offset, offset + read.length))).toBe(true);
        }
        const at = source.takenBytes();
        expect((await takeUpTo(source.from(at), Number.POSITIVE_INFINITY)).equals(whole.subarray(at))).toBe(true);
      },
    ),
    { numRuns: 200 },
  );
});

test('a failure of the source is told apart, and stays', async () => {
  const source = new Replay(
    (async function* () {
      yield Buffer.from('abc');
      throw new Error('the source broke');
    })(),
    100,
  );
  expect((await takeUpTo(source.from(0), 3)).toString()).toBe('abc');
  expect(source.failure()).toBeUndefined();
  await expect(takeUpTo(source.from(3), 1)).rejects.toThrow('the source broke');
  expect(source.failure()).toMatchObject({ error: { message: 'the source broke' } });
  await expect(takeUpTo(source.from(0), 1)).rejects.toThrow('the source broke');
});
