/** An answer's body as it comes: each chunk as the connection gave it; the connection waits while the reader does. */
import type { IncomingMessage } from 'node:http';

/** A body that is being received. */
export interface ReceivedBody {
  /** To be read once. Leaving it early closes the connection. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Whether the reader has the word: bytes are here that it did not take. */
  waitsForReader(): boolean;
}

/**
 * The body of `incoming`; `named` makes the error that the reader sees of what it broke with. Node.js's own iterator puts chunks
 * that wait together into new memory, and turns the connection off and on again for each.
 */
export function receiveBody(incoming: IncomingMessage, named: (error: unknown) => unknown): ReceivedBody {
  const arrivals = new Arrivals(incoming);
  const next = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
    for (;;) {
      const value = arrivals.take();
      if (value !== undefined) return { value, done: false };
      if (incoming.errored) throw named(incoming.errored);
      if (incoming.readableEnded) return { value: undefined, done: true };
      if (incoming.destroyed) throw named(new Error('the connection was closed'));
      await arrivals.change();
    }
  };
  const leave = (): Promise<IteratorResult<Uint8Array, undefined>> => {
    incoming.destroy();
    return Promise.resolve({ value: undefined, done: true });
  };
  const open = (): AsyncIterator<Uint8Array, undefined> => {
    arrivals.start();
    return { next, return: leave };
  };
  return {
    chunks: { [Symbol.asyncIterator]: open },
    waitsForReader: () => arrivals.some() || incoming.readableLength > 0,
  };
}

/** Bytes that wait for the reader before the connection is told to wait. */
const waitingBytes = 256 * 1024;

/** Chunks that came and were not taken. */
class Arrivals {
  readonly #incoming: IncomingMessage;
  readonly #chunks: Uint8Array[] = [];
  #sizeBytes = 0;
  #wake: (() => void) | undefined;

  constructor(incoming: IncomingMessage) {
    this.#incoming = incoming;
  }

  /** Lets chunks come. */
  start(): void {
    const wake = (): void => this.#wake?.();
    for (const event of ['end', 'error', 'close']) this.#incoming.on(event, wake);
    this.#incoming.on('data', (chunk: Uint8Array) => {
      this.#chunks.push(chunk);
      this.#sizeBytes += chunk.length;
      if (this.#sizeBytes >= waitingBytes) this.#incoming.pause();
      wake();
    });
  }

  take(): Uint8Array | undefined {
    const chunk = this.#chunks.shift();
    this.#sizeBytes -= chunk?.length ?? 0;
    if (this.#sizeBytes < waitingBytes && this.#incoming.isPaused()) this.#incoming.resume();
    return chunk;
  }

  some(): boolean {
    return this.#sizeBytes > 0;
  }

  /** Resolves with the next chunk, or the end, whatever it is. */
  change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
