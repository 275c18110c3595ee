import { expect, test } from 'vitest';
import { pieceBytes } from '../store/lease.ts';
import { LargeBody } from './large-body.ts';

const nothing = (): Uint8Array => new Uint8Array();

/** Fills whatever room there is with bytes of a value; gives whether more may come. */
function fill(body: LargeBody, value: number): boolean {
  const room = body.room();
  return room !== undefined && body.filled(room.fill(value).length);
}

test('no room before anyone reads, and a piece at a time then', async () => {
  const resumed: string[] = [];
  const body = new LargeBody(3 * pieceBytes, nothing, () => resumed.push('resumed'));
  expect(body.room()).toBe(undefined);
  expect(body.waitsForReader()).toBe(true);
  const reader = body[Symbol.asyncIterator]();
  const first = reader.next();
  await Promise.resolve();
  expect(resumed).toHaveLength(1);
  expect(fill(body, 1)).toBe(true);
  expect(await first).toMatchObject({ value: { length: pieceBytes } });
  expect(fill(body, 2)).toBe(false);
  expect(body.waitsForReader()).toBe(true);
  resumed.length = 0;
  expect((await reader.next()).value?.[0]).toBe(2);
  expect(resumed).toHaveLength(1);
});

test('what came with the head comes first, and the room never goes past the end', async () => {
  const body = new LargeBody(
    pieceBytes + 10,
    () => new Uint8Array(7).fill(1),
    () => undefined,
  );
  const reader = body[Symbol.asyncIterator]();
  const first = reader.next();
  await Promise.resolve();
  expect(body.room()?.length).toBe(pieceBytes - 7);
  fill(body, 2);
  expect((await first).value?.subarray(0, 9)).toEqual(Buffer.from([1, 1, 1, 1, 1, 1, 1, 2, 2]));
  expect(body.room()?.length).toBe(10);
  fill(body, 3);
  expect(body.isWhole()).toBe(true);
  expect((await reader.next()).value).toEqual(Buffer.alloc(10, 3));
  expect((await reader.next()).done).toBe(true);
});

test('once it is left, what comes is let go of, to the end', async () => {
  const body = new LargeBody(5 * pieceBytes, nothing, () => undefined);
  body.leave();
  for (let piece = 0; piece < 5; piece++) expect(fill(body, piece)).toBe(true);
  expect(body.isWhole()).toBe(true);
});

test.for([
  { name: 'before anything came', pieces: 0 },
  { name: 'in the middle', pieces: 1 },
])('the iteration fails where the connection ends $name', async ({ pieces }) => {
  const body = new LargeBody(2 * pieceBytes, nothing, () => undefined);
  const reader = body[Symbol.asyncIterator]();
  for (let piece = 0; piece < pieces; piece++) {
    const next = reader.next();
    await Promise.resolve();
    fill(body, piece);
    await next;
  }
  const next = reader.next();
  body.fail();
  await expect(next).rejects.toThrow('no more');
});
