/** The blobs of an OCI layout (image-layout.md, "Blobs"): a file for each digest, there as a whole or not at all. */
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FanfoldError, messageOf } from '../../../base/errors/error.ts';
import { type Cancel, throwIfCancelled } from '../../../base/host/cancel.ts';
import { insidePath, syncFolder } from '../../../base/host/files.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { algorithmOf, type Digest, encodedOf } from '../../oci/digest.ts';
import { lendBuffer, pieceBytes, release } from '../lease.ts';
import { missing, verify } from '../verify.ts';
import { ensureLayout } from './marker.ts';

/** Where the blob of a digest stands. A digest's form leaves no way out of the folder; it is looked at again all the same. */
export function blobPath(folder: string, digest: Digest): string {
  return insidePath(folder, join('blobs', algorithmOf(digest), encodedOf(digest)));
}

/** Whether the blob is there with its size: a damaged one counts as missing, and is written again. */
export async function hasBlob(folder: string, content: Descriptor): Promise<boolean> {
  return (await blobSize(folder, content.digest)) === content.size;
}

/** The blob's size in bytes; undefined where no file has its name. */
export async function blobSize(folder: string, digest: Digest): Promise<number | undefined> {
  const found = await stat(blobPath(folder, digest)).catch(() => undefined);
  return found?.isFile() ? found.size : undefined;
}

/** The blob's bytes, checked. @throws FanfoldError `content.missing`, `content.size`, `content.digest` */
export function readBlob(folder: string, content: Descriptor, cancel: Cancel): AsyncIterable<Uint8Array> {
  return verify(content, readPieces(folder, content, cancel));
}

async function* readPieces(folder: string, content: Descriptor, cancel: Cancel): AsyncIterable<Uint8Array> {
  throwIfCancelled(cancel);
  const handle = await open(blobPath(folder, content.digest), 'r').catch((error: unknown) => {
    if (isMissingFile(error)) throw missing(content, folder);
    throw fileError('read', folder, error);
  });
  try {
    for (;;) {
      throwIfCancelled(cancel);
      const buffer = lendBuffer();
      const { bytesRead } = await handle.read(buffer, 0, pieceBytes);
      // What is less than a piece gets bytes of its own, for it may be kept.
      const piece = bytesRead === pieceBytes ? buffer : Buffer.from(buffer.subarray(0, bytesRead));
      if (piece !== buffer) release(buffer);
      if (bytesRead === 0) return;
      yield piece;
    }
  } finally {
    await handle.close();
  }
}

/** A blob on its way in, in a file that no reader looks at. */
export interface BlobFile {
  /** Takes more bytes, in order. */
  append(bytes: Uint8Array): Promise<void>;
  /** Synced and put under its digest's name. The caller has seen to the digest. */
  commit(digest: Digest): Promise<void>;
  /** Removed; never throws. */
  discard(): Promise<void>;
}

/** Bytes that are gathered before they are written. */
const gatherBytes = 1024 * 1024;

/** Begins a blob. `name` is random: two writers of one blob do not meet before the rename, and there either's bytes are right. */
export async function createBlobFile(folder: string, name: string): Promise<BlobFile> {
  await ensureLayout(folder);
  const path = insidePath(folder, `${partPrefix}${name}`);
  const handle = await open(path, 'wx', 0o644).catch((error: unknown) => {
    throw fileError('write', folder, error);
  });
  const gathered = gather(handle);
  let closed = false;
  const close = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    await handle.close();
  };
  const guard = <T>(work: () => Promise<T>): Promise<T> =>
    work().catch((error: unknown) => {
      throw fileError('write', folder, error);
    });
  return {
    append: (bytes) =>
      gathered.add(bytes)?.catch((error: unknown) => Promise.reject(fileError('write', folder, error))) ?? done,
    commit: (digest) =>
      guard(async () => {
        await gathered.flush();
        await handle.sync();
        await close();
        const target = blobPath(folder, digest);
        await mkdir(join(target, '..'), { recursive: true });
        await rename(path, target);
        await syncFolder(join(target, '..'));
      }),
    discard: async () => {
      await close().catch(() => undefined);
      await rm(path, { force: true }).catch(() => undefined);
    },
  };
}

const done = Promise.resolve();
const partPrefix = '.part-';

/** Removes parts that a writer left behind when it died more than a day ago. */
export async function removeOldParts(folder: string, nowMs: number): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.startsWith(partPrefix)) continue;
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined && nowMs - found.mtimeMs > oldPartMs) await rm(path, { force: true });
  }
}

const oldPartMs = 24 * 60 * 60 * 1000;

function gather(handle: FileHandle): { add(bytes: Uint8Array): Promise<void> | undefined; flush(): Promise<void> } {
  let pieces: Uint8Array[] = [];
  let sizeBytes = 0;
  const flush = async (): Promise<void> => {
    let rest = pieces;
    pieces = [];
    sizeBytes = 0;
    while (rest.length > 0) {
      const { bytesWritten } = await handle.writev(rest);
      rest = after(rest, bytesWritten);
    }
  };
  return {
    add(bytes) {
      pieces.push(bytes);
      sizeBytes += bytes.length;
      return sizeBytes >= gatherBytes ? flush() : undefined;
    },
    flush,
  };
}

/** What is left of the pieces after their first `sizeBytes` bytes: a write may be short. */
function after(pieces: readonly Uint8Array[], sizeBytes: number): Uint8Array[] {
  let skip = sizeBytes;
  const rest: Uint8Array[] = [];
  for (const piece of pieces) {
    if (skip < piece.length) rest.push(piece.subarray(skip));
    skip = Math.max(0, skip - piece.length);
  }
  return rest;
}

function isMissingFile(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

function fileError(verb: 'read' | 'write', folder: string, error: unknown): unknown {
  if (error instanceof FanfoldError) return error;
  return new FanfoldError('host.file', `cannot ${verb} the layout ${folder}: ${messageOf(error)}`, {
    place: { file: folder },
    cause: error,
  });
}
