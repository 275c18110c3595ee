/**
 * Buffers that are read into again once all who were handed the bytes have said that they are done. A gigabyte through new buffers makes
 * the collector mark the heap thirty times, a third of a copy's processor time. Who never says so keeps its bytes: they are collected.
 */

/**
 * Bytes of a lent piece: several fit into what an upload remembers, so that none is used again while a socket still sends it; and so many
 * that what each piece costs beside its bytes (a read by another thread, promises, a write to each member) is little.
 */
export const pieceBytes = 1024 * 1024;

const maxFreeBytes = 32 * 1024 * 1024;
const free: Buffer[] = [];
const holders = new WeakMap<Uint8Array, number>();

/** A buffer of `pieceBytes` to read into, its content undefined. Lent to one holder; `release` gives it back. */
export function lendBuffer(): Buffer {
  const buffer = free.pop() ?? Buffer.allocUnsafeSlow(pieceBytes);
  holders.set(buffer, 1);
  return buffer;
}

/** Whether a piece is lent, and so whole. */
export function isLent(piece: Uint8Array): boolean {
  return holders.has(piece);
}

/** One holder hands a piece to `count` others in its place. Does nothing for a piece that is not lent. */
export function handOn(piece: Uint8Array, count: number): void {
  const before = holders.get(piece);
  if (before !== undefined) holders.set(piece, before + count - 1);
}

/** One holder is done with a piece, and whatever it gave the piece to. After the last, its bytes change. */
export function release(piece: Uint8Array): void {
  const before = holders.get(piece);
  if (before === undefined) return;
  if (before > 1) holders.set(piece, before - 1);
  else {
    holders.delete(piece);
    if (Buffer.isBuffer(piece) && (free.length + 1) * pieceBytes <= maxFreeBytes) free.push(piece);
  }
}
