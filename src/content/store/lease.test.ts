import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { ByteQueue } from './byte-queue.ts';
import { handOn, lendBuffer, pieceBytes, release } from './lease.ts';
import { Replay } from './registry/replay.ts';

describe('lent buffers', () => {
  test('a buffer comes again once its only holder is done', () => {
    const buffer = lendBuffer();
    release(buffer);
    expect(lendBuffer() === buffer).toBe(true);
  });

  test('it comes again only after the last of those it was handed to', () => {
    const buffer = lendBuffer();
    handOn(buffer, 3);
    release(buffer);
    release(buffer);
    expect(lendBuffer() === buffer).toBe(false);
    release(buffer);
    expect(lendBuffer() === buffer).toBe(true);
  });

  test('released once too often, it is not lent twice', () => {
    const buffer = lendBuffer();
    release(buffer);
    release(buffer);
    expect(lendBuffer() === buffer).toBe(true);
    expect(lendBuffer() === buffer).toBe(false);
  });

  test('bytes that are not lent, and parts of a lent buffer, are never lent', () => {
    const buffer = lendBuffer();
    const part = buffer.subarray(0, 10);
    const own = Buffer.alloc(pieceBytes);
    for (const piece of [part, own]) {
      handOn(piece, 1);
      release(piece);
    }
    const next = lendBuffer();
    expect(next === own).toBe(false);
    expect(next.buffer === buffer.buffer).toBe(false);
  });

  test('two readers at their own pace read what was written, while buffers are used again', async () => {
    const pieces = 64;
    const queues = [new ByteQueue(4 * pieceBytes), new ByteQueue(4 * pieceBytes)];
    const buffers = new Set<Buffer>();
    const whole = createHash('sha256');
    const write = async (): Promise<void> => {
      for (let place = 0; place < pieces; place++) {
        const buffer = lendBuffer().fill(place);
        buffers.add(buffer);
        whole.update(buffer);
        handOn(buffer, queues.length);
        for (const queue of queues) queue.push(buffer);
        for (const queue of queues) await queue.room();
      }
      for (const queue of queues) queue.end();
    };
    const read = async (queue: ByteQueue, turns: number): Promise<string> => {
      const hash = createHash('sha256');
      for await (const piece of new Replay(queue, 2 * pieceBytes).from(0)) {
        for (let turn = 0; turn < turns; turn++) await Promise.resolve();
        hash.update(piece);
      }
      return hash.digest('hex');
    };
    const readings = queues.map((queue, place) => read(queue, place * 50));
    await write();
    const digest = whole.digest('hex');
    expect(await Promise.all(readings)).toEqual([digest, digest]);
    expect(buffers.size).toBeLessThan(pieces / 2);
  });
});
