/** Layers out: entries to a deterministic tar, compressed and digested while it streams (OCI image specification 1.1, layer.md). */
import { createGzip } from 'node:zlib';
import { FanfoldError } from '../../base/errors/error.ts';
import type { Descriptor } from './descriptor.ts';
import { createHasher, type Digest } from './digest.ts';
import { ociTypes } from './media-types.ts';
import { type LayerEntry, tarStream } from './tar-write.ts';
import { through } from './through.ts';

/** A layer that has been written. */
export interface WrittenLayer {
  readonly descriptor: Descriptor;
  /** The digest of the tar before compression: the truth for "reproducible", whatever the zlib. */
  readonly diffId: Digest;
}

/** The level of a layer's gzip, part of what decides its digest: of a program of 100 MB it makes 3 % more than level 6, in 60 % of the time. */
const gzipLevel = 4;

const pieceBytes = 64 * 1024;

/**
 * Writes the entries as a gzip layer, piece by piece, to `append`, which resolves when there is room for more.
 * @throws FanfoldError `content.size` where a file has not the bytes that it announced; whatever `append` or a file's bytes throw
 */
export async function writeLayer(
  entries: AsyncIterable<LayerEntry> | Iterable<LayerEntry>,
  append: (bytes: Uint8Array) => Promise<void>,
): Promise<WrittenLayer> {
  const tarHasher = createHasher();
  const blobHasher = createHasher();
  let size = 0;
  const tar = hashed(inPieces(tarStream(entries)), tarHasher.update);
  for await (const piece of withFixedHeader(through(tar, createGzip({ level: gzipLevel, chunkSize: pieceBytes })))) {
    blobHasher.update(piece);
    size += piece.length;
    await append(piece);
  }
  return {
    descriptor: { mediaType: ociTypes.layerGzip, digest: blobHasher.digest(), size },
    diffId: tarHasher.digest(),
  };
}

/** Pieces of one size, so that what zlib makes of them depends on the bytes alone and never on how a reader cuts them. */
async function* inPieces(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  let piece = Buffer.allocUnsafe(pieceBytes);
  let used = 0;
  for await (const part of bytes) {
    for (let from = 0; from < part.length; ) {
      const taken = Math.min(part.length - from, pieceBytes - used);
      piece.set(part.subarray(from, from + taken), used);
      used += taken;
      from += taken;
      if (used < pieceBytes) continue;
      yield piece;
      piece = Buffer.allocUnsafe(pieceBytes);
      used = 0;
    }
  }
  if (used > 0) yield piece.subarray(0, used);
}

async function* hashed(
  bytes: AsyncIterable<Uint8Array>,
  update: (bytes: Uint8Array) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const piece of bytes) {
    update(piece);
    yield piece;
  }
}

/** RFC 1952: deflate, no flags, no time, no extra flags, system 255 (unknown), where zlib would tell the machine's own. */
const gzipHeader = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);

async function* withFixedHeader(gzip: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  let first = true;
  for await (const piece of gzip) {
    if (first && piece.length < gzipHeader.length)
      throw new FanfoldError('content.invalid', 'zlib made no gzip header');
    if (first) piece.set(gzipHeader);
    first = false;
    yield piece;
  }
}
