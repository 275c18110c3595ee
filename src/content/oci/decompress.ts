/** Layers and archives in: what compression the bytes have, and the bytes without it. */
import { createGunzip } from 'node:zlib';
import { FanfoldError } from '../../base/errors/error.ts';
import { through } from './through.ts';

/** How bytes are compressed, told by how they begin. */
export type Compression = 'none' | 'gzip' | 'zstd' | 'bzip2' | 'xz';

const magic: readonly (readonly [Compression, readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b, 0x08]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
];

/** The compression of bytes that begin with `start` (six bytes are enough). */
export function compressionOf(start: Uint8Array): Compression {
  return magic.find(([, bytes]) => bytes.every((byte, at) => start[at] === byte))?.[0] ?? 'none';
}

/**
 * The bytes, decompressed while they stream.
 * @throws FanfoldError `content.invalid` where the compression is bzip2 or xz; the codec's error where the bytes are broken
 */
export async function* decompress(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const source = bytes[Symbol.asyncIterator]();
  const start = await startOf(source);
  const whole = resume(start, source);
  switch (compressionOf(start)) {
    case 'none':
      yield* whole;
      return;
    case 'gzip':
      yield* through(whole, createGunzip({ chunkSize: 64 * 1024 }));
      return;
    case 'zstd':
      yield* unzstd(whole);
      return;
    default:
      await source.return?.();
      throw new FanfoldError('content.invalid', `cannot decompress ${compressionOf(start)}`);
  }
}

async function startOf(source: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  let start: Uint8Array = new Uint8Array();
  while (start.length < 6) {
    const step = await source.next();
    if (step.done === true) break;
    start = start.length === 0 ? step.value : Buffer.concat([start, step.value]);
  }
  return start;
}

async function* resume(
  start: Uint8Array,
  source: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    if (start.length > 0) yield start;
    for (let step = await source.next(); step.done !== true; step = await source.next()) yield step.value;
  } finally {
    await source.return?.();
  }
}

/** Node 20 has no zstd of its own. */
async function* unzstd(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const { Decompress } = await import('fzstd');
  const made: Uint8Array[] = [];
  const stream = new Decompress((piece) => made.push(piece));
  for await (const piece of bytes) {
    stream.push(piece);
    yield* made.splice(0);
  }
  stream.push(new Uint8Array(), true);
  yield* made;
}
