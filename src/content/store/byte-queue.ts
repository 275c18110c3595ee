/** A bounded queue of bytes between one writer and one reader; the same pieces come out, uncopied. */

/** The writer's side, and the reader's: an iteration that ends, fails or is left. */
export interface ByteQueue extends AsyncIterable<Uint8Array> {
  /** Takes a piece in any case; look at `full` before the next. Once the reader has left, pieces are let go. */
  push(bytes: Uint8Array): void;
  /** Whether the bound is reached; never so once the reader has left. */
  full(): boolean;
  /** Resolves when it is not full. One writer waits at a time. */
  room(): Promise<void>;
  /** No more comes: the iteration ends after what is queued. */
  end(): void;
  /** The iteration throws `error` at once; what is queued is let go. */
  fail(error: unknown): void;
  /** For the reader: it takes no more, as when it leaves its iteration early. */
  leave(): void;
}

/** A queue that is full from `maxBytes` on. */
export function byteQueue(maxBytes: number): ByteQueue {
  let pieces: Uint8Array[] = [];
  let sizeBytes = 0;
  let last: { readonly error?: unknown } | undefined;
  let left = false;
  let reader: { resolve(result: IteratorResult<Uint8Array>): void; reject(error: unknown): void } | undefined;
  let writer: (() => void) | undefined;

  const full = (): boolean => !left && sizeBytes >= maxBytes;
  const wakeWriter = (): void => {
    if (full()) return;
    writer?.();
    writer = undefined;
  };
  const letGo = (): void => {
    pieces = [];
    sizeBytes = 0;
  };
  const finish = (how: { readonly error?: unknown }): void => {
    last ??= how;
    if ('error' in how) {
      letGo();
      wakeWriter();
    }
    const waiting = reader;
    reader = undefined;
    if (waiting === undefined) return;
    if ('error' in last) waiting.reject(last.error);
    else waiting.resolve({ value: undefined, done: true });
  };
  const next = (): Promise<IteratorResult<Uint8Array>> => {
    const piece = pieces.shift();
    if (piece !== undefined) {
      sizeBytes -= piece.length;
      wakeWriter();
      return Promise.resolve({ value: piece, done: false });
    }
    if (last !== undefined && 'error' in last) return Promise.reject(last.error);
    if (last !== undefined || left) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve, reject) => {
      reader = { resolve, reject };
    });
  };
  const leave = (): void => {
    left = true;
    letGo();
    wakeWriter();
  };
  return {
    push(bytes) {
      if (left || last !== undefined || bytes.length === 0) return;
      const waiting = reader;
      if (waiting !== undefined) {
        reader = undefined;
        waiting.resolve({ value: bytes, done: false });
        return;
      }
      pieces.push(bytes);
      sizeBytes += bytes.length;
    },
    full,
    room: () => (full() ? new Promise((resolve) => (writer = resolve)) : Promise.resolve()),
    end: () => finish({}),
    fail: (error) => finish({ error }),
    leave,
    [Symbol.asyncIterator]: () => ({
      next,
      return: () => {
        leave();
        return Promise.resolve({ value: undefined, done: true });
      },
    }),
  };
}
