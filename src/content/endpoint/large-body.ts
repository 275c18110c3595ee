/** A large body as it comes: read from the connection straight into lent pieces. Node.js's HTTP would make each byte new memory, and copy it. */
import { lendBuffer, pieceBytes, release } from '../store/lease.ts';

/** From this size on a body is large. What has come of it by then with its head never fills a piece. */
export const largeBytes = pieceBytes;

/** For the connection: `room`, `filled`, `take`, `fail`. For the handler of its request: an iteration, once, or `leave`. */
export class LargeBody implements AsyncIterable<Uint8Array> {
  readonly #resume: () => void;
  /** What came with the head, and is taken before all else. */
  #first: (() => Uint8Array) | undefined;
  #missingBytes: number;
  #piece: Buffer | undefined;
  #pieceBytes = 0;
  /** A piece that is ready, and was not taken. */
  #ready: Uint8Array | undefined;
  #wanted = false;
  #left = false;
  #failed = false;
  #wake: (() => void) | undefined;

  /** `resume` lets more come. */
  constructor(sizeBytes: number, first: () => Uint8Array, resume: () => void) {
    this.#missingBytes = sizeBytes;
    this.#first = first;
    this.#resume = resume;
  }

  /** Where the next bytes are to be put; undefined while none is asked for. */
  room(): Uint8Array | undefined {
    if (!this.#wanted || this.isWhole()) return undefined;
    this.#piece ??= lendBuffer();
    return this.#piece.subarray(this.#pieceBytes, Math.min(pieceBytes, this.#pieceBytes + this.#missingBytes));
  }

  /** So many bytes were put there. Gives whether more may come. */
  filled(sizeBytes: number): boolean {
    const isAwaited = this.#wake !== undefined;
    this.#pieceBytes += sizeBytes;
    this.#missingBytes -= sizeBytes;
    if (this.#pieceBytes === pieceBytes || this.isWhole()) this.#endPiece();
    return this.#ready === undefined || isAwaited;
  }

  /** Takes a few bytes that were put elsewhere. Gives whether more may come. */
  take(bytes: Uint8Array): boolean {
    this.#takeFirst();
    this.#copy(bytes);
    return this.#wanted;
  }

  isWhole(): boolean {
    return this.#missingBytes === 0;
  }

  /** Whether it is this side that keeps bytes from coming. */
  waitsForReader(): boolean {
    return this.#ready !== undefined || !this.#wanted;
  }

  /** The connection is gone. */
  fail(): void {
    this.#failed = !this.isWhole();
    this.#wakeReader();
  }

  /** What is still to come is let go of: a client that writes it all before it looks at the answer would wait for ever. */
  leave(): void {
    this.#left = true;
    if (this.#ready !== undefined) release(this.#ready);
    this.#ready = undefined;
    this.#wakeReader();
    this.#begin();
    this.#resume();
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    return {
      next: () => this.#next(),
      return: () => {
        this.leave();
        return Promise.resolve({ value: undefined, done: true });
      },
    };
  }

  async #next(): Promise<IteratorResult<Uint8Array, undefined>> {
    // HTTP tells of a request before it gives what came with the head, in one go.
    await Promise.resolve();
    this.#begin();
    for (;;) {
      const value = this.#ready;
      this.#ready = undefined;
      if (value !== undefined) {
        this.#resume();
        return { value, done: false };
      }
      if (this.#failed || this.#left) throw new Error('no more of this body comes');
      if (this.isWhole()) return { value: undefined, done: true };
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #begin(): void {
    if (this.#wanted) return;
    this.#takeFirst();
    this.#wanted = true;
    this.#resume();
  }

  #takeFirst(): void {
    const first = this.#first?.();
    this.#first = undefined;
    if (first !== undefined) this.#copy(first);
  }

  #copy(bytes: Uint8Array): void {
    this.#piece ??= lendBuffer();
    this.#piece.set(bytes, this.#pieceBytes);
    this.#pieceBytes += bytes.length;
    this.#missingBytes -= bytes.length;
  }

  #endPiece(): void {
    const piece = this.#piece;
    if (piece === undefined) return;
    const sizeBytes = this.#pieceBytes;
    this.#pieceBytes = 0;
    // Nobody reads it any more: the next bytes may go over these.
    if (this.#left) return;
    this.#piece = undefined;
    this.#ready = sizeBytes === pieceBytes ? piece : Buffer.from(piece.subarray(0, sizeBytes));
    if (this.#ready !== piece) release(piece);
    this.#wakeReader();
  }

  #wakeReader(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}
