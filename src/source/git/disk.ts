/** Files as they stand on disk, as a tree: content named as Git would name its bytes, with no filter and no line end changed. */
import { createHash, type Hash } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  statSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { FanfoldError, messageOf } from '../../base/errors/error.ts';
import type { ReadableTree, TreeEntry } from '../dockerfile/tree.ts';
import { compareBytes } from './subtree.ts';

const pieceBytes = 256 * 1024;

/**
 * The tree of a folder on disk. `.git` is no part of it, nor are sockets, pipes and devices. A file is hashed when its id is asked for,
 * and a read of it fails with `git.changed` where its bytes are no longer those.
 */
export function diskTree(root: string, format: 'sha1' | 'sha256' = 'sha1'): ReadableTree {
  const known = new Map<string, TreeEntry | undefined>();
  const find = (path: string): TreeEntry | undefined => {
    if (known.has(path)) return known.get(path);
    // A link among the folders above would lead elsewhere: only what stands here counts.
    const parent = path.includes('/') ? find(path.slice(0, path.lastIndexOf('/'))) : undefined;
    const stands = isOurs(path) && (parent?.kind ?? 'folder') === 'folder';
    const entry = stands ? entryOf(root, path, format) : undefined;
    known.set(path, entry);
    return entry;
  };
  return {
    find,
    children(folder) {
      if (find(folder)?.kind !== 'folder') return [];
      const names = readdirSync(join(root, folder), { encoding: 'utf8' });
      return names
        .sort(compareBytes)
        .map((name) => find(folder === '' ? name : `${folder}/${name}`))
        .filter((entry) => entry !== undefined);
    },
    read: (file) => readVerified(root, find(file.path) ?? file, format),
    sizeBytes: async (file) => lstatSync(join(root, file.path)).size,
  };
}

function isOurs(path: string): boolean {
  const parts = path.split('/');
  return path === '' || parts.every((part) => part !== '' && part !== '.' && part !== '..' && part !== '.git');
}

function entryOf(root: string, path: string, format: string): TreeEntry | undefined {
  const whole = join(root, path);
  const found = (path === '' ? statSync : lstatSync)(whole, { throwIfNoEntry: false });
  if (found === undefined) return undefined;
  if (found.isDirectory()) return { path, kind: 'folder', executable: false, id: '' };
  if (found.isSymbolicLink()) {
    const linkTarget = readlinkSync(whole);
    return { path, kind: 'link', executable: false, id: `git:${blobId(Buffer.from(linkTarget), format)}`, linkTarget };
  }
  if (!found.isFile()) return undefined;
  let id: string | undefined;
  return {
    path,
    kind: 'file',
    executable: (found.mode & 0o100) !== 0,
    get id() {
      id ??= `git:${hashFile(whole, format)}`;
      return id;
    },
  };
}

/** The id that Git gives to a blob of these bytes. */
export function blobId(bytes: Uint8Array, format = 'sha1'): string {
  return blobHash(bytes.length, format).update(bytes).digest('hex');
}

function blobHash(sizeBytes: number, format: string): Hash {
  return createHash(format).update(`blob ${sizeBytes}\0`);
}

function hashFile(path: string, format: string): string {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const { size } = fstatSync(file);
    const hash = blobHash(size, format);
    const piece = Buffer.allocUnsafe(Math.min(pieceBytes, size + 1));
    let total = 0;
    for (let count = readSync(file, piece); count > 0; count = readSync(file, piece)) {
      hash.update(piece.subarray(0, count));
      total += count;
    }
    if (total !== size) throw changed(path);
    return hash.digest('hex');
  } finally {
    closeSync(file);
  }
}

async function* readVerified(root: string, file: TreeEntry, format: string): AsyncGenerator<Uint8Array> {
  const path = join(root, file.path);
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch((error: unknown) => {
    throw new FanfoldError('host.file', `cannot read ${path}: ${messageOf(error)}`, { cause: error });
  });
  try {
    const hash = blobHash((await handle.stat()).size, format);
    for (;;) {
      // A piece of its own each time: whoever takes it may keep it.
      const piece = Buffer.allocUnsafe(pieceBytes);
      const { bytesRead } = await handle.read(piece, 0, pieceBytes);
      if (bytesRead === 0) break;
      hash.update(piece.subarray(0, bytesRead));
      yield piece.subarray(0, bytesRead);
    }
    if (`git:${hash.digest('hex')}` !== file.id) throw changed(path);
  } finally {
    await handle.close();
  }
}

function changed(path: string): FanfoldError {
  return new FanfoldError('git.changed', `${path} changed while it was read`, {
    place: { file: path },
    hint: 'run again when nothing writes to it',
  });
}
