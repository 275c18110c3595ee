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
  const starts: number[] = [];
  let at = 0;
  while (at < bytes.length) {
    starts.push(at);
    const end = bytes.indexOf(0, at);
    at = (end < 0 ? bytes.length : end) + 1;
  }
  starts.push(at);
  const idLength = Math.max(0, bytes.indexOf(9) - bytes.lastIndexOf(0x20, bytes.indexOf(9)) - 1);
  return { bytes, starts: Uint32Array.from(starts), idLength };
}

/** How many lines it has. */
export function countOf(listing: Listing): number {
  return listing.starts.length - 1;
}

/** The line at a place in the order. @throws FanfoldError `git.path` where its path is not UTF-8 */
export function entryAt(listing: Listing, index: number): ListedEntry {
  const [start, tab, end] = boundsOf(listing, index);
  const path = listing.bytes.toString('utf8', tab + 1, end);
  if (path.includes('\uFFFD')) assertUtf8(listing.bytes.subarray(tab + 1, end), path);
  const [mode = '', , id = ''] = listing.bytes.toString('latin1', start, tab).split(' ');
  return { path, mode: modeOf(mode), id };
}

/** The place of the file, link or submodule at `path`, or with `folder` of the folder there; -1 where there is none. */
export function indexOf(listing: Listing, path: string, folder: boolean): number {
  const wanted = Buffer.from(folder ? `${path}/` : path);
  const index = lowerBound(listing, wanted);
  return index < countOf(listing) && compareAt(listing, index, wanted) === 0 ? index : -1;
}

/** The places directly in a folder ('' is the root), in Git's order. */
export function* childrenOf(listing: Listing, folder: string): Generator<number> {
  const start = folder === '' ? 0 : indexOf(listing, folder, true) + 1;
  if (folder !== '' && start === 0) return;
  const end = folder === '' ? countOf(listing) : lowerBound(listing, Buffer.from(`${folder}0`));
  let index = start;
  while (index < end) {
    yield index;
    index = isFolder(listing, index) ? pastFolder(listing, index) : index + 1;
  }
}

/** The first place after all that is in the folder at `index`. */
function pastFolder(listing: Listing, index: number): number {
  const [, tab, end] = boundsOf(listing, index);
  const past = Buffer.alloc(end - tab);
  listing.bytes.copy(past, 0, tab + 1, end);
  past[past.length - 1] = 0x30; // '0' follows '/'.
  return lowerBound(listing, past, index + 1);
}

function lowerBound(listing: Listing, wanted: Buffer, from = 0): number {
  let [low, high] = [from, countOf(listing)];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareAt(listing, middle, wanted) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Compares the path at `index` (with a slash where it is a folder's) with `wanted`. */
function compareAt(listing: Listing, index: number, wanted: Buffer): number {
  const [, tab, end] = boundsOf(listing, index);
  if (!isFolder(listing, index)) return listing.bytes.compare(wanted, 0, wanted.length, tab + 1, end);
  const length = end - tab - 1;
  const order = listing.bytes.compare(wanted, 0, Math.min(length, wanted.length), tab + 1, end);
  if (order !== 0) return order;
  if (wanted.length <= length) return 1;
  const next = wanted[length] ?? 0;
  return next === 0x2f ? Math.sign(length + 1 - wanted.length) : 0x2f - next;
}

/** Where a line starts, where its TAB is, and where it ends. */
function boundsOf({ bytes, starts, idLength }: Listing, index: number): readonly [number, number, number] {
  const start = starts[index] ?? bytes.length;
  const typeLength = bytes[start + 7] === 0x63 ? 6 : 4; // `commit`, else `blob` or `tree`.
  return [start, start + 7 + typeLength + 1 + idLength, (starts[index + 1] ?? bytes.length + 1) - 1];
}

/** Only a folder's mode begins with `0`. */
function isFolder({ bytes, starts }: Listing, index: number): boolean {
  return bytes[starts[index] ?? 0] === 0x30;
}

function modeOf(mode: string): ListedEntry['mode'] {
  // Git once wrote 100664, too, and checks it out as 100644.
  if (mode === '100755' || mode === '120000' || mode === '160000' || mode === '040000') return mode;
  return '100644';
}

function assertUtf8(bytes: Buffer, path: string): void {
  if (Buffer.from(path).equals(bytes)) return;
  throw new FanfoldError('git.path', `the name ${JSON.stringify(path)} is not UTF-8`, {
    place: { file: path },
    hint: 'rename it: images, keys and messages hold paths as UTF-8',
  });
}
