import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteQueue } from './byte-queue.ts';

describe('a byte queue', () => {
  test('gives what was put in, in order, and never holds more than its bound and a piece', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 20 }), { maxLength: 40 }),
        fc.integer({ min: 1, max: 60 }),
        fc.scheduler(),
        async (pieces, maxBytes, scheduler) => {
          const queue = new ByteQueue(maxBytes);
          let held = 0;
          let most = 0;
          const writing = (async () => {
            for (const piece of pieces) {
              await queue.room();
              queue.push(piece);
              held += piece.length;
              most = Math.max(most, held);
              await scheduler.schedule(Promise.resolve());
            }
            queue.end();
          })();
          const got: Uint8Array[] = [];
          const reading = (async () => {
            for await (const piece of queue) {
              held -= piece.length;
              got.push(piece);
              await scheduler.schedule(Promise.resolve());
            }
          })();
          await scheduler.waitFor(Promise.all([writing, reading]));
          expect(got).toEqual(pieces);
          expect(most).toBeLessThan(maxBytes + 40);
        },
      ),
    );
  });

  test('a reader that leaves lets its writer go', async () => {
    const queue = new ByteQueue(1);
    queue.push(Buffer.alloc(10));
    const room = queue.room();
    for await (const _ of queue) break;
    await room;
    queue.push(Buffer.alloc(10));
    expect(queue.full()).toBe(false);
  });

  test('a failure lets a writer go that waits for room', async () => {
    const queue = new ByteQueue(1);
    queue.push(Buffer.alloc(10));
    const room = queue.room();
    queue.fail(new Error('no more'));
    await room;
    expect(queue.full()).toBe(false);
  });

  test('a failure comes before what is queued, to a reader that waits and to one that comes', async () => {
    const queue = new ByteQueue(100);
    const waiting = queue[Symbol.asyncIterator]().next();
    queue.fail(new Error('no more'));
    await expect(waiting).rejects.toThrow('no more');
    const other = new ByteQueue(100);
    other.push(Buffer.alloc(10));
    other.fail(new Error('no more'));
    await expect(other[Symbol.asyncIterator]().next()).rejects.toThrow('no more');
  });
});
