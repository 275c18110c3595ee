/** A stream of bytes through one of Node's transforms, with backpressure, its errors kept and nothing left open. */
import type { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** What the transform makes of the bytes. Ending the iteration early ends the transform and the source. */
export async function* through(
  bytes: AsyncIterable<Uint8Array>,
  transform: Transform,
): AsyncGenerator<Uint8Array, void, undefined> {
  const fed = pipeline(bytes, transform);
  // The error comes out of the iteration below; this promise only must not be without an owner.
  fed.catch(() => undefined);
  try {
    for await (const piece of transform as AsyncIterable<Uint8Array>) yield piece;
  } finally {
    transform.destroy();
  }
  await fed;
}
