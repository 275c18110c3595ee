/** Small content as one piece, and one piece as a stream. */
import { FanfoldError } from '../../base/errors/error.ts';
import { type Cancel, throwIfCancelled } from '../../base/host/cancel.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { verify } from './verify.ts';

/**
 * Checks `bytes` against `content` and gives them as one piece; `content.size` is the bound, so look at it first.
 * @throws FanfoldError `content.digest`, `content.size`
 */
export async function collect(
  content: Descriptor,
  bytes: AsyncIterable<Uint8Array>,
  cancel?: Cancel,
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of verify(content, bytes)) {
    throwIfCancelled(cancel);
    pieces.push(piece);
  }
  return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces);
}

/** Pieces as a stream. */
export async function* streamOf(...pieces: readonly Uint8Array[]): AsyncIterable<Uint8Array> {
  yield* pieces;
}

/** @throws FanfoldError `host.too-large` where the descriptor announces more than `maxBytes` */
export function assertSize(content: Descriptor, maxBytes: number): void {
  if (content.size <= maxBytes) return;
  throw new FanfoldError(
    'host.too-large',
    `${content.digest} has ${content.size} bytes; at most ${maxBytes} are read here`,
    { place: { digest: content.digest } },
  );
}
