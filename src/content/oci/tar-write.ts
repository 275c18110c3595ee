/** Tar out (POSIX.1-2001 pax, on ustar): equal entries give equal bytes, on every machine. */
import { FanfoldError } from '../../base/errors/error.ts';

/** What every entry of a layer but a whiteout has. */
export interface EntryMeta {
  /** Relative to the root, `/` between its parts, without a leading or trailing one. */
  readonly path: string;
  /** The twelve low bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Whole seconds since 1970. */
  readonly mtimeSeconds: number;
  /** Extended attributes by name. */
  readonly xattrs?: ReadonlyMap<string, Uint8Array>;
}

/** One entry of a layer (OCI image specification 1.1, layer.md). */
export type LayerEntry =
  | (EntryMeta & { readonly kind: 'file'; readonly sizeBytes: number; readonly bytes: AsyncIterable<Uint8Array> })
  | (EntryMeta & { readonly kind: 'folder' })
  | (EntryMeta & { readonly kind: 'link'; readonly target: string })
  /** `target` is the path of an entry that comes earlier. */
  | (EntryMeta & { readonly kind: 'hardlink'; readonly target: string })
  | (EntryMeta & {
      readonly kind: 'device';
      readonly device: DeviceKind;
      readonly major: number;
      readonly minor: number;
    })
  /** Takes away what a lower layer has at `path`. */
  | { readonly kind: 'whiteout'; readonly path: string }
  /** Takes away all that lower layers have in the folder `path`. */
  | { readonly kind: 'opaque'; readonly path: string };

/** What a device entry is. */
export type DeviceKind = 'character' | 'block' | 'fifo';

/** The size of a tar's records. */
export const blockBytes = 512;

/**
 * The entries as a tar, in their order, with its two empty blocks at the end. A file's bytes are read when its turn comes.
 * @throws FanfoldError `content.size` where a file has not the bytes that it announced, `content.invalid` where a name has a NUL
 */
export async function* tarStream(
  entries: AsyncIterable<LayerEntry> | Iterable<LayerEntry>,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const entry of entries) {
    yield headerOf(entry);
    if (entry.kind === 'file') yield* body(entry);
  }
  yield new Uint8Array(2 * blockBytes);
}

async function* body(file: LayerEntry & { kind: 'file' }): AsyncGenerator<Uint8Array, void, undefined> {
  let left = file.sizeBytes;
  for await (const piece of file.bytes) {
    left -= piece.length;
    if (left < 0) break;
    if (piece.length > 0) yield piece;
  }
  if (left !== 0) {
    throw new FanfoldError(
      'content.size',
      `${file.path} does not have the ${file.sizeBytes} bytes that were announced`,
    );
  }
  const over = file.sizeBytes % blockBytes;
  if (over > 0) yield new Uint8Array(blockBytes - over);
}

/** The header as it stands in the archive: a pax header before it where ustar's fields do not hold all. */
function headerOf(entry: LayerEntry): Uint8Array {
  const fields = fieldsOf(entry);
  if (`${fields.name}${fields.link}`.includes('\0')) {
    throw new FanfoldError('content.invalid', `${JSON.stringify(fields.name)} has a NUL in its name`);
  }
  const place = placeName(fields.name);
  const records = paxRecords(fields, place === undefined);
  const block = ustar({ ...fields, ...(place ?? { name: shortened(fields.name), prefix: '' }) });
  if (records.length === 0) return block;
  const pax = paxBody(records);
  const name = shortened(`PaxHeaders.0/${fields.name.replace(/\/$/, '').split('/').pop() ?? ''}`);
  const before = ustar({ ...plain, name, type: 'x', mode: 0o644, size: pax.length, prefix: '' });
  return Buffer.concat([before, pax, Buffer.alloc((blockBytes - (pax.length % blockBytes)) % blockBytes), block]);
}

interface Fields {
  readonly name: string;
  readonly type: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: number;
  readonly size: number;
  readonly link: string;
  readonly major: number;
  readonly minor: number;
  readonly xattrs?: ReadonlyMap<string, Uint8Array>;
}

const plain: Fields = { name: '', type: '0', mode: 0, uid: 0, gid: 0, mtime: 0, size: 0, link: '', major: 0, minor: 0 };
const deviceTypes: Readonly<Record<DeviceKind, string>> = { character: '3', block: '4', fifo: '6' };

function fieldsOf(entry: LayerEntry): Fields {
  if (entry.kind === 'whiteout') return { ...plain, name: whiteoutName(entry.path) };
  if (entry.kind === 'opaque') return { ...plain, name: join(entry.path, '.wh..wh..opq') };
  const { path, mode, uid, gid, mtimeSeconds: mtime, xattrs } = entry;
  const meta = {
    ...plain,
    name: path,
    mode: mode & 0o7777,
    uid,
    gid,
    mtime,
    ...(xattrs === undefined ? {} : { xattrs }),
  };
  switch (entry.kind) {
    case 'file':
      return { ...meta, size: entry.sizeBytes };
    case 'folder':
      // The root itself is `./`.
      return { ...meta, type: '5', name: path === '' ? './' : `${path}/` };
    case 'link':
      return { ...meta, type: '2', link: entry.target };
    case 'hardlink':
      return { ...meta, type: '1', link: entry.target };
    case 'device':
      return { ...meta, type: deviceTypes[entry.device], major: entry.major, minor: entry.minor };
    default:
      return entry satisfies never;
  }
}

function whiteoutName(path: string): string {
  const slash = path.lastIndexOf('/');
  return join(path.slice(0, Math.max(slash, 0)), `.wh.${path.slice(slash + 1)}`);
}

function join(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

const ascii = /^[\x20-\x7e]*$/;
const maxId = 0o7777777;
const maxSize = 0o77777777777;

/** Where a name fits into ustar's two fields; undefined where it does not. */
function placeName(name: string): { name: string; prefix: string } | undefined {
  if (!ascii.test(name)) return undefined;
  if (name.length <= 100) return { name, prefix: '' };
  // The last slash that leaves the prefix short enough, and a name that is not empty.
  const slash = name.lastIndexOf('/', Math.min(155, name.length - 2));
  const rest = name.slice(slash + 1);
  return slash > 0 && rest.length <= 100 ? { name: rest, prefix: name.slice(0, slash) } : undefined;
}

function shortened(name: string): string {
  return name.replace(/[^\x20-\x7e]/g, '_').slice(0, 100);
}

type PaxRecord = readonly [name: string, value: Uint8Array];

function paxRecords(fields: Fields, longName: boolean): readonly PaxRecord[] {
  const { link, uid, gid, size, mtime, xattrs } = fields;
  const texts: [string, string | undefined][] = [
    ['gid', gid > maxId ? String(gid) : undefined],
    ['linkpath', link.length > 100 || !ascii.test(link) ? link : undefined],
    ['mtime', mtime > maxSize || mtime < 0 ? String(mtime) : undefined],
    ['path', longName ? fields.name : undefined],
    ['size', size > maxSize ? String(size) : undefined],
    ['uid', uid > maxId ? String(uid) : undefined],
  ];
  const records = texts.flatMap(([name, value]): PaxRecord[] =>
    value === undefined ? [] : [[name, Buffer.from(value)]],
  );
  for (const [name, value] of xattrs ?? []) records.push([`SCHILY.xattr.${name}`, value]);
  return records.sort(([a], [b]) => (a < b ? -1 : 1));
}

function paxBody(records: readonly PaxRecord[]): Buffer {
  return Buffer.concat(
    records.map(([name, value]) => {
      const rest = Buffer.concat([Buffer.from(` ${name}=`), value, Buffer.from('\n')]);
      // A record's length counts its own digits.
      let length = rest.length + 1;
      while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
      return Buffer.concat([Buffer.from(String(length)), rest]);
    }),
  );
}

function ustar(fields: Fields & { readonly prefix: string }): Buffer {
  const block = Buffer.alloc(blockBytes);
  const fits = (value: number, most: number): number => (value > most || value < 0 ? 0 : value);
  block.write(fields.name, 0, 'latin1');
  block.write(octal(fields.mode, 8), 100);
  block.write(octal(fits(fields.uid, maxId), 8), 108);
  block.write(octal(fits(fields.gid, maxId), 8), 116);
  block.write(octal(fits(fields.size, maxSize), 12), 124);
  block.write(octal(fits(fields.mtime, maxSize), 12), 136);
  block.write(`        ${fields.type}`, 148);
  block.write(shortened(fields.link), 157, 'latin1');
  block.write('ustar\x0000', 257);
  block.write(octal(fits(fields.major, maxId), 8) + octal(fits(fields.minor, maxId), 8), 329);
  block.write(fields.prefix, 345, 'latin1');
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${octal(sum, 7)} `, 148);
  return block;
}

function octal(value: number, width: number): string {
  return `${value.toString(8).padStart(width - 1, '0')}\0`;
}
