/** A request's body on its way: written piece by piece, each once the connection has taken the last. */
import type { ClientRequest } from 'node:http';

/** What is sent, with what is announced of it. */
export interface Body {
  readonly body?: AsyncIterable<Uint8Array> | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A body that is being sent. */
export interface SentBody {
  /** Whether the source has the word: the connection has taken all that came. */
  waitsForSource(): boolean;
  /** No more is sent. What was begun cannot be ended any more, and its connection is closed. */
  leave(): void;
}

/** Sends the body, and ends the request. What the source fails with, the request fails with. */
export function sendBody(sent: ClientRequest, { body, headers }: Body): SentBody {
  if (body === undefined || body instanceof Uint8Array) {
    sent.end(body);
    return { waitsForSource: () => false, leave: () => undefined };
  }
  const source = body[Symbol.asyncIterator]();
  let waitsForSource = false;
  const leave = (): void => {
    if (!sent.writableEnded) sent.destroy();
  };
  // The source may be waiting for its next piece, and would not be told that nobody wants it.
  sent.once('close', () => void source.return?.().catch(() => undefined));
  const write = async (): Promise<void> => {
    const announced = Number(headers?.['content-length'] ?? Number.POSITIVE_INFINITY);
    let sizeBytes = 0;
    while (!sent.destroyed) {
      waitsForSource = true;
      const { value, done } = await source.next();
      waitsForSource = false;
      if (done) {
        if (Number.isFinite(announced) && sizeBytes < announced) throw wrongLength(announced, sizeBytes);
        sent.end();
        return;
      }
      sizeBytes += value.length;
      if (sizeBytes > announced) throw wrongLength(announced, sizeBytes);
      if (!sent.write(value)) await drained(sent);
    }
  };
  write().catch((error: unknown) => sent.destroy(error instanceof Error ? error : new Error(String(error))));
  return { waitsForSource: () => waitsForSource, leave };
}

/** A server would wait for ever for the rest of a body that is too short. */
function wrongLength(announced: number, sizeBytes: number): RangeError {
  return new RangeError(`a body of ${sizeBytes} bytes was announced with ${announced}`);
}

function drained(sent: ClientRequest): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      sent.off('drain', go);
      sent.off('close', go);
      resolve();
    };
    if (sent.destroyed) return resolve();
    sent.on('drain', go);
    sent.on('close', go);
  });
}
