/** A bounded queue of bytes between one writer and one reader; the same pieces come out, uncopied. */

type Result = IteratorResult<Uint8Array, undefined>;
const done: Result = { value: undefined, done: true };

/** For the writer: `push`, `full`, `room`, `end`, `fail`. For the reader: an iteration that ends, fails or is left. */
export class ByteQueue implements AsyncIterable<Uint8Array> {
  readonly #maxBytes: number;
  #pieces: Uint8Array[] = [];
  #sizeBytes = 0;
  /** How it ended: with an error, or well. */
  #last: { readonly error?: unknown } | undefined;
  #left = false;
  #reader: PromiseWithReject | undefined;
  #writer: (() => void) | undefined;

  /** Full from `maxBytes` on. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Takes a piece in any case; look at `full` before the next. Once the reader has left, pieces are let go. */
  push(bytes: Uint8Array): void {
    if (this.#left || this.#last !== undefined || bytes.length === 0) return;
    const reader = this.#takeReader();
    if (reader === undefined) {
      this.#pieces.push(bytes);
      this.#sizeBytes += bytes.length;
    } else reader.resolve({ value: bytes, done: false });
  }

  /** Whether the bound is reached; never so once the reader has left. */
  full(): boolean {
    return !this.#left && this.#sizeBytes >= this.#maxBytes;
  }

  /** Resolves when it is not full. One writer waits at a time. */
  room(): Promise<void> {
    if (!this.full()) return Promise.resolve();
    return new Promise((resolve) => {
      this.#writer = resolve;
    });
  }

  /** No more comes: the iteration ends after what is queued. */
  end(): void {
    this.#last ??= {};
    this.#takeReader()?.resolve(done);
  }

  /** The iteration throws `error` at once; what is queued is let go. */
  fail(error: unknown): void {
    this.#last ??= { error };
    this.#letGo();
    this.#takeReader()?.reject(error);
  }

  /** For the reader: it takes no more, as when it leaves its iteration early. */
  leave(): void {
    this.#left = true;
    this.#letGo();
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    return {
      next: () => this.#next(),
      return: () => {
        this.leave();
        return Promise.resolve(done);
      },
    };
  }

  #next(): Promise<Result> {
    const value = this.#pieces.shift();
    if (value !== undefined) {
      this.#sizeBytes -= value.length;
      this.#wakeWriter();
      return Promise.resolve({ value, done: false });
    }
    if (this.#last !== undefined && 'error' in this.#last) return Promise.reject(this.#last.error);
    if (this.#last !== undefined || this.#left) return Promise.resolve(done);
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
    });
  }

  #takeReader(): PromiseWithReject | undefined {
    const reader = this.#reader;
    this.#reader = undefined;
    return reader;
  }

  #letGo(): void {
    this.#pieces = [];
    this.#sizeBytes = 0;
    this.#wakeWriter();
  }

  #wakeWriter(): void {
    if (this.full()) return;
    this.#writer?.();
    this.#writer = undefined;
  }
}

interface PromiseWithReject {
  resolve(result: Result): void;
  reject(error: unknown): void;
}
