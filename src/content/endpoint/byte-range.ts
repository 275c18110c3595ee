/** Parts of a blob (RFC 9110, "Range Requests"): one range of bytes, cut out of the stream. */
import { ApiError } from './api-error.ts';

/** From `start` up to, not including, `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

const form = /^bytes=(\d{0,15})-(\d{0,15})$/;

/**
 * The range that a Range header asks for; undefined for the whole: no header, several ranges, another unit.
 * @throws ApiError 416 where it begins behind the end
 */
export function parseRange(header: string | undefined, sizeBytes: number): ByteRange | undefined {
  const [, first = '', last = ''] = form.exec(header ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  const start = first === '' ? Math.max(0, sizeBytes - Number(last)) : Number(first);
  const end = first === '' || last === '' ? sizeBytes : Math.min(sizeBytes, Number(last) + 1);
  if (start < end) return { start, end };
  throw new ApiError(416, 'SIZE_INVALID', `the blob has ${sizeBytes} bytes`, {
    'content-range': `bytes */${sizeBytes}`,
  });
}

/** The bytes of the range; what comes behind it is not read. */
export async function* slice(bytes: AsyncIterable<Uint8Array>, range: ByteRange): AsyncIterable<Uint8Array> {
  let at = 0;
  for await (const piece of bytes) {
    const part = piece.subarray(Math.max(0, range.start - at), Math.max(0, range.end - at));
    if (part.length > 0) yield part;
    at += piece.length;
    if (at >= range.end) return;
  }
}
