/** A stream whose latest bytes can be given once more, so that an upload that broke goes on where the registry left off. */
import { release } from '../lease.ts';

/** A source that remembers a bounded window. One reader at a time. */
export class Replay {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #windowBytes: number;
  readonly #window: Uint8Array[] = [];
  #windowSize = 0;
  #taken = 0;
  #ended = false;
  #failed: { readonly error: unknown } | undefined;
  #pulling: Promise<void> | undefined;

  /** Remembers at least the last `windowBytes` of what was taken. */
  constructor(bytes: AsyncIterable<Uint8Array>, windowBytes: number) {
    this.#source = bytes[Symbol.asyncIterator]();
    this.#windowBytes = windowBytes;
  }

  /** Bytes taken from the source so far. */
  takenBytes(): number {
    return this.#taken;
  }

  /** Whether everything from `offset` on is still there or still to come. */
  reaches(offset: number): boolean {
    return offset >= this.#taken - this.#windowSize && offset <= this.#taken;
  }

  /** What the source itself failed with, if it did: nothing that a registry could be asked to mend. */
  failure(): { readonly error: unknown } | undefined {
    return this.#failed;
  }

  /** The bytes from `offset` on. Leaving it early leaves the source open, for the next reader. */
  from(offset: number): AsyncIterable<Uint8Array> {
    return { [Symbol.asyncIterator]: () => this.#read(offset) };
  }

  /** Lets go of the source. */
  async close(): Promise<void> {
    await this.#source.return?.().catch(() => undefined);
  }

  #read(offset: number): AsyncIterator<Uint8Array> {
    let at = offset;
    return {
      next: async () => {
        while (at >= this.#taken && !this.#ended && this.#failed === undefined) await this.#pull();
        if (this.#failed !== undefined) throw this.#failed.error;
        if (at >= this.#taken) return { value: undefined, done: true };
        const piece = this.#pieceAt(at);
        at += piece.length;
        return { value: piece, done: false };
      },
      return: () => Promise.resolve({ value: undefined, done: true }),
    };
  }

  /** One step of the source, shared: a reader that left while it was under way loses nothing. */
  #pull(): Promise<void> {
    this.#pulling ??= this.#step().finally(() => {
      this.#pulling = undefined;
    });
    return this.#pulling;
  }

  async #step(): Promise<void> {
    try {
      const result = await this.#source.next();
      if (result.done) this.#ended = true;
      else if (result.value.length > 0) this.#keep(result.value);
    } catch (error) {
      this.#failed = { error };
    }
  }

  #keep(piece: Uint8Array): void {
    this.#window.push(piece);
    this.#windowSize += piece.length;
    this.#taken += piece.length;
    for (let first = this.#window[0]; first !== undefined; first = this.#window[0]) {
      if (this.#windowSize - first.length < this.#windowBytes) return;
      this.#window.shift();
      // Sent long ago: the window is much larger than what is under way to the socket.
      release(first);
      this.#windowSize -= first.length;
    }
  }

  #pieceAt(offset: number): Uint8Array {
    let start = this.#taken;
    // From the end: a reader that was not interrupted wants the last piece.
    for (let place = this.#window.length - 1; place >= 0; place--) {
      const piece = this.#window[place] ?? nothing;
      start -= piece.length;
      if (offset >= start) return offset === start ? piece : piece.subarray(offset - start);
    }
    throw new RangeError(`offset ${offset} is no longer in the window`);
  }
}

const nothing = new Uint8Array();
