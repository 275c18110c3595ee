/** Small new buffers in, lent pieces out: what an upload remembers would else be new memory that the collector marks again and again. */
import { isLent, lendBuffer, pieceBytes, release } from './lease.ts';

/** The same bytes in pieces of `pieceBytes`, which are lent; the last, where it is less, is the receiver's own. Pieces that are lent already pass. */
export async function* repack(bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let buffer: Buffer | undefined;
  let sizeBytes = 0;
  for await (const chunk of bytes) {
    if (buffer === undefined && isLent(chunk)) {
      yield chunk;
      continue;
    }
    for (let at = 0; at < chunk.length; ) {
      buffer ??= lendBuffer();
      const taken = Math.min(chunk.length - at, pieceBytes - sizeBytes);
      buffer.set(at === 0 && taken === chunk.length ? chunk : chunk.subarray(at, at + taken), sizeBytes);
      at += taken;
      sizeBytes += taken;
      if (sizeBytes < pieceBytes) continue;
      yield buffer;
      buffer = undefined;
      sizeBytes = 0;
    }
  }
  if (buffer === undefined) return;
  const last = Buffer.from(buffer.subarray(0, sizeBytes));
  release(buffer);
  yield last;
}
