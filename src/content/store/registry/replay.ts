/** A stream whose latest bytes can be given once more, so that an upload that broke goes on where the registry left off. */

/** A source that remembers a bounded window. One reader at a time. */
export interface Replay {
  /** Bytes taken from the source so far. */
  takenBytes(): number;
  /** Whether everything from `offset` on is still there or still to come. */
  reaches(offset: number): boolean;
  /** The bytes from `offset` on. Leaving it early leaves the source open, for the next reader. */
  from(offset: number): AsyncIterable<Uint8Array>;
  /** What the source itself failed with, if it did: nothing that a registry could be asked to mend. */
  failure(): { readonly error: unknown } | undefined;
  /** Lets go of the source. */
  close(): Promise<void>;
}

/** Remembers at least the last `windowBytes` of what was taken. */
export function replayable(bytes: AsyncIterable<Uint8Array>, windowBytes: number): Replay {
  const source = bytes[Symbol.asyncIterator]();
  const window: Uint8Array[] = [];
  let windowSize = 0;
  let taken = 0;
  let ended = false;
  let failed: { readonly error: unknown } | undefined;
  let pulling: Promise<void> | undefined;

  const keep = (piece: Uint8Array): void => {
    window.push(piece);
    windowSize += piece.length;
    taken += piece.length;
    for (let first = window[0]; first !== undefined && windowSize - first.length >= windowBytes; first = window[0]) {
      window.shift();
      windowSize -= first.length;
    }
  };
  /** One step of the source, shared: a reader that left while it was under way loses nothing. */
  const pull = (): Promise<void> => {
    pulling ??= source.next().then(
      (result) => {
        pulling = undefined;
        if (result.done) ended = true;
        else if (result.value.length > 0) keep(result.value);
      },
      (error: unknown) => {
        pulling = undefined;
        failed = { error };
      },
    );
    return pulling;
  };
  const pieceAt = (offset: number): Uint8Array => {
    let end = taken;
    for (let place = window.length - 1; place >= 0; place--) {
      const piece = window[place];
      if (piece === undefined) break;
      const start = end - piece.length;
      if (offset >= start) return offset === start ? piece : piece.subarray(offset - start);
      end = start;
    }
    throw new RangeError(`offset ${offset} is no longer in the window`);
  };
  const read = (offset: number): AsyncIterator<Uint8Array> => {
    let at = offset;
    return {
      async next() {
        while (at >= taken && !ended) {
          if (failed !== undefined) throw failed.error;
          await pull();
        }
        if (failed !== undefined) throw failed.error;
        if (at >= taken) return { value: undefined, done: true };
        const piece = pieceAt(at);
        at += piece.length;
        return { value: piece, done: false };
      },
      return: () => Promise.resolve({ value: undefined, done: true }),
    };
  };
  return {
    takenBytes: () => taken,
    reaches: (offset) => offset >= taken - windowSize && offset <= taken,
    from: (offset) => ({ [Symbol.asyncIterator]: () => read(offset) }),
    failure: () => failed,
    close: async () => {
      await source.return?.().catch(() => undefined);
    },
  };
}
