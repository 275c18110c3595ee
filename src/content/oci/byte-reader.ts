/** Reads a stream of bytes by counts: so many at once, so many as a stream, so many passed over. */
import { FanfoldError } from '../../base/errors/error.ts';

/** A reader; its calls follow each other. */
export interface ByteReader {
  /** Exactly `count` bytes, valid until the next call; undefined at the end. @throws FanfoldError `content.invalid` where it ends in the middle */
  take(count: number): Promise<Buffer | undefined>;
  /** The next `count` bytes as they come; `taken` hears of each piece before it is given out. */
  pass(count: number, taken: (bytes: number) => void): AsyncGenerator<Uint8Array, void, undefined>;
  /** Passes over `count` bytes. @throws FanfoldError `content.invalid` where there are not so many */
  skip(count: number): Promise<void>;
  /** Reads to the end. */
  drain(): Promise<void>;
  /** Lets go of the source. */
  end(): Promise<void>;
}

/** A reader of `bytes`. */
export function byteReader(bytes: AsyncIterable<Uint8Array>): ByteReader {
  const source = bytes[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array();
  /** Up to `most` of what comes next; undefined at the end. */
  const next = async (most: number): Promise<Uint8Array | undefined> => {
    while (rest.length === 0) {
      const step = await source.next();
      if (step.done === true) return undefined;
      rest = step.value;
    }
    const piece = rest.subarray(0, most);
    rest = rest.subarray(piece.length);
    return piece;
  };
  const take = async (count: number): Promise<Buffer | undefined> => {
    const first = await next(count);
    if (first === undefined) return undefined;
    if (first.length === count) return Buffer.from(first.buffer, first.byteOffset, count);
    const whole = Buffer.alloc(count);
    whole.set(first);
    for (let have = first.length; have < count; ) {
      const piece = await next(count - have);
      if (piece === undefined) throw cutOff();
      whole.set(piece, have);
      have += piece.length;
    }
    return whole;
  };
  async function* pass(count: number, taken: (bytes: number) => void): AsyncGenerator<Uint8Array, void, undefined> {
    for (let left = count; left > 0; ) {
      const piece = await next(left);
      if (piece === undefined) throw cutOff();
      left -= piece.length;
      taken(piece.length);
      yield piece;
    }
  }
  const skip = async (count: number): Promise<void> => {
    for (let left = count; left > 0; ) {
      const piece = await next(left);
      if (piece === undefined) throw cutOff();
      left -= piece.length;
    }
  };
  return {
    take,
    pass,
    skip,
    drain: async () => {
      rest = new Uint8Array();
      while ((await source.next()).done !== true);
    },
    end: async () => {
      await source.return?.();
    },
  };
}

function cutOff(): FanfoldError {
  return new FanfoldError('content.invalid', 'the archive is cut off');
}
