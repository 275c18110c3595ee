/**
 * What a commit holds, as git lists it: one buffer of `<mode> <type> <id> TAB <path> NUL`, searched in place. Git's order is that
 * of bytes, folders taken with a slash at their end; so a million paths need no million strings.
 */
import { FanfoldError } from '../../base/errors/error.ts';

/** The output of `git ls-tree -r -t -z`, with where its lines start. */
export interface Listing {
  readonly bytes: Buffer;
  /** The offset of each line, and at its end that of the buffer's end. */
  readonly starts: Uint32Array;
  /** For each folder the place of the first line after all that is in it; 0 for other lines. */
  readonly pasts: Uint32Array;
  /** How many digits an id has: 40, or 64 with SHA-256. */
  readonly idLength: number;
}

/** One line. */
export interface ListedEntry {
  readonly path: string;
  readonly mode: '100644' | '100755' | '120000' | '160000' | '040000';
  readonly id: string;
}

/** Indexes a listing. */
export function indexListing(bytes: Buffer): Listing {
  const idLength = Math.max(0, bytes.indexOf(9) - bytes.lastIndexOf(0x20, bytes.indexOf(9)) - 1);
  const found: number[] = [];
  let at = 0;
  while (at < bytes.length) {
    found.push(at);
    const end = bytes.indexOf(0, at + idLength);
    at = (end < 0 ? bytes.length : end) + 1;
  }
  found.push(at);
  const starts = new Uint32Array(found);
  return { bytes, starts, pasts: pastsOf(bytes, starts, idLength), idLength };
}

/**
 * Where the content of each folder ends. A folder's line stands before what is in it, so the next line is still in the folder if it has a
 * slash where the folder's own path ends: what else had one there would have its own folder's line before it.
 */
function pastsOf(bytes: Buffer, starts: Uint32Array, idLength: number): Uint32Array {
  const count = starts.length - 1;
  const pasts = new Uint32Array(count);
  const open: { readonly index: number; readonly length: number }[] = [];
  for (let index = 0; index < count; index++) {
    const start = starts[index] ?? 0;
    const path = start + pathOffset(bytes, start, idLength);
    for (let last = open.at(-1); last !== undefined && bytes[path + last.length] !== 0x2f; last = open.at(-1)) {
      pasts[last.index] = index;
      open.pop();
    }
    // Only a folder's mode begins with `0`.
    if (bytes[start] === 0x30) open.push({ index, length: (starts[index + 1] ?? 0) - 1 - path });
  }
  for (const { index } of open) pasts[index] = count;
  return pasts;
}

/** How far behind its start a line has its path: after `<mode> <type> <id> TAB`. */
function pathOffset(bytes: Buffer, start: number, idLength: number): number {
  const typeLength = bytes[start + 7] === 0x63 ? 6 : 4; // `commit`, else `blob` or `tree`.
  return 7 + typeLength + 1 + idLength + 1;
}

/** How many lines it has. */
export function countOf(listing: Listing): number {
  return listing.starts.length - 1;
}

/** The line at a place in the order. @throws FanfoldError `git.path` where its path is not UTF-8 */
export function entryAt(listing: Listing, index: number): ListedEntry {
  const { bytes, idLength } = listing;
  const start = startOf(listing, index);
  const from = start + pathOffset(bytes, start, idLength);
  const end = endOf(listing, index);
  const path = bytes.toString('utf8', from, end);
  if (path.includes('\uFFFD')) assertUtf8(bytes.subarray(from, end), path);
  return { path, mode: modeAt(bytes, start), id: bytes.toString('latin1', from - 1 - idLength, from - 1) };
}

/** The place of the file, link or submodule at `path`, or with `folder` of the folder there; -1 where there is none. */
export function indexOf(listing: Listing, path: string, folder: boolean): number {
  const wanted = Buffer.from(folder ? `${path}/` : path);
  const index = lowerBound(listing, wanted);
  return index < countOf(listing) && compareAt(listing, index, wanted) === 0 ? index : -1;
}

/** The places directly in a folder ('' is the root), in Git's order. */
export function childrenOf(listing: Listing, folder: string): readonly number[] {
  const { pasts } = listing;
  const own = folder === '' ? -1 : indexOf(listing, folder, true);
  if (folder !== '' && own < 0) return [];
  const end = folder === '' ? countOf(listing) : (pasts[own] ?? 0);
  const places: number[] = [];
  for (let index = own + 1; index < end; index = pasts[index] || index + 1) places.push(index);
  return places;
}

function lowerBound(listing: Listing, wanted: Buffer): number {
  let [low, high] = [0, countOf(listing)];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareAt(listing, middle, wanted) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Compares the path at `index` (with a slash where it is a folder's) with `wanted`. */
function compareAt(listing: Listing, index: number, wanted: Buffer): number {
  const { bytes, idLength } = listing;
  const start = startOf(listing, index);
  const from = start + pathOffset(bytes, start, idLength);
  const end = endOf(listing, index);
  if (bytes[start] !== 0x30) return bytes.compare(wanted, 0, wanted.length, from, end);
  const length = end - from;
  const order = bytes.compare(wanted, 0, Math.min(length, wanted.length), from, end);
  if (order !== 0) return order;
  if (wanted.length <= length) return 1;
  const next = wanted[length] ?? 0;
  return next === 0x2f ? Math.sign(length + 1 - wanted.length) : 0x2f - next;
}

function startOf({ bytes, starts }: Listing, index: number): number {
  return starts[index] ?? bytes.length;
}

/** The end of a line, its NUL left out. */
function endOf({ bytes, starts }: Listing, index: number): number {
  return (starts[index + 1] ?? bytes.length + 1) - 1;
}

/** A mode by the digits that tell it from the others. Git once wrote 100664, too, and checks it out as 100644. */
function modeAt(bytes: Buffer, start: number): ListedEntry['mode'] {
  if (bytes[start] === 0x30) return '040000';
  if (bytes[start + 1] === 0x32) return '120000';
  if (bytes[start + 1] === 0x36) return '160000';
  return bytes[start + 3] === 0x37 ? '100755' : '100644';
}

function assertUtf8(bytes: Buffer, path: string): void {
  if (Buffer.from(path).equals(bytes)) return;
  throw new FanfoldError('git.path', `the name ${JSON.stringify(path)} is not UTF-8`, {
    place: { file: path },
    hint: 'rename it: images, keys and messages hold paths as UTF-8',
  });
}
