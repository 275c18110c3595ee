/** Tar in (ustar, pax, and GNU's long names and base-256 numbers), as a stream, within bounds. */
import { FanfoldError } from '../../base/errors/error.ts';
import { type ByteReader, byteReader } from './byte-reader.ts';
import { blockBytes, type DeviceKind } from './tar-write.ts';

/** One member of an archive. */
export interface TarMember {
  /** Its place in the archive, from 0; extended headers do not count. */
  readonly ordinal: number;
  /** As it is written: it may begin with `/` or `./`, hold `..`, and end with `/`. */
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'link' | 'hardlink' | DeviceKind;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeSeconds: number;
  readonly sizeBytes: number;
  /** Links and hard links. */
  readonly target: string;
  readonly major: number;
  readonly minor: number;
  readonly xattrs: ReadonlyMap<string, Uint8Array>;
  /** A file's bytes: read them before the next member is asked for, or they are passed over. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

const maxMembers = 4_000_000;
const maxExtendedBytes = 1024 * 1024;

/**
 * The members of a tar, in order. What follows the archive's end is read and dropped, so that whoever verifies the bytes sees all of them.
 * @throws FanfoldError `content.invalid` where it is malformed or cut off, `host.too-large` where an extended header or the count is
 */
export async function* readTar(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<TarMember, void, undefined> {
  const reader = byteReader(bytes);
  try {
    let extended: Extended = noExtended;
    for (let ordinal = 0; ; ) {
      const block = await reader.take(blockBytes);
      if (block === undefined || block.every((byte) => byte === 0)) break;
      const header = parseHeader(block);
      if (extendedTypes.has(header.type)) {
        extended = extend(extended, header.type, await readExtended(reader, header.sizeBytes));
        continue;
      }
      const member = merged(header, extended, ordinal);
      extended = noExtended;
      if (++ordinal > maxMembers)
        throw new FanfoldError('host.too-large', `an archive of more than ${maxMembers} members`);
      let left = member.sizeBytes;
      const body = reader.pass(left, (taken) => {
        left -= taken;
      });
      yield { ...member, bytes: body };
      await reader.skip(left + padding(member.sizeBytes));
    }
    await reader.drain();
  } finally {
    await reader.end();
  }
}

interface Header extends Omit<TarMember, 'bytes' | 'ordinal' | 'kind'> {
  readonly type: string;
}

interface Extended {
  readonly global: ReadonlyMap<string, Uint8Array>;
  readonly own: ReadonlyMap<string, Uint8Array>;
}

const noExtended: Extended = { global: new Map(), own: new Map() };
const extendedTypes: ReadonlySet<string> = new Set(['x', 'g', 'L', 'K']);
const kinds: Readonly<Record<string, TarMember['kind']>> = {
  '0': 'file',
  '\0': 'file',
  '7': 'file',
  '1': 'hardlink',
  '2': 'link',
  '3': 'character',
  '4': 'block',
  '5': 'folder',
  '6': 'fifo',
};

function parseHeader(block: Buffer): Header {
  let sum = 0;
  for (let at = 0; at < blockBytes; at++) sum += at >= 148 && at < 156 ? 32 : (block[at] ?? 0);
  if (number(block, 148, 8) !== sum) throw malformed('a header whose checksum is wrong');
  const isUstar = block.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = isUstar ? text(block, 345, 155) : '';
  const name = text(block, 0, 100);
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    type: String.fromCharCode(block[156] ?? 0),
    mode: number(block, 100, 8) & 0o7777,
    uid: number(block, 108, 8),
    gid: number(block, 116, 8),
    sizeBytes: number(block, 124, 12),
    mtimeSeconds: number(block, 136, 12),
    target: text(block, 157, 100),
    major: number(block, 329, 8),
    minor: number(block, 337, 8),
    xattrs: new Map(),
  };
}

function text(block: Buffer, from: number, length: number): string {
  const field = block.subarray(from, from + length);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? length : end);
}

/** Octal digits, or base-256 where the first bit is set (GNU). */
function number(block: Buffer, from: number, length: number): number {
  const field = block.subarray(from, from + length);
  if (((field[0] ?? 0) & 0x80) !== 0) {
    let value = (field[0] ?? 0) & 0x7f;
    for (const byte of field.subarray(1)) value = value * 256 + byte;
    if (!Number.isSafeInteger(value)) throw malformed('a number that is too large');
    return value;
  }
  const digits = field.toString('latin1').replace(/\0.*$/s, '').trim();
  if (digits === '') return 0;
  if (!/^[0-7]+$/.test(digits)) throw malformed('a number that is not octal');
  return Number.parseInt(digits, 8);
}

async function readExtended(reader: ByteReader, sizeBytes: number): Promise<Buffer> {
  if (sizeBytes > maxExtendedBytes)
    throw new FanfoldError('host.too-large', `an extended tar header of ${sizeBytes} bytes`);
  const body = sizeBytes === 0 ? Buffer.alloc(0) : await reader.take(sizeBytes);
  if (body === undefined) throw malformed('cut off in an extended header');
  await reader.skip(padding(sizeBytes));
  return body;
}

function extend(extended: Extended, type: string, body: Buffer): Extended {
  if (type === 'L') return { ...extended, own: new Map([...extended.own, ['path', untilNul(body)]]) };
  if (type === 'K') return { ...extended, own: new Map([...extended.own, ['linkpath', untilNul(body)]]) };
  const records = parsePax(body);
  return type === 'g'
    ? { ...extended, global: new Map([...extended.global, ...records]) }
    : { ...extended, own: new Map([...extended.own, ...records]) };
}

function untilNul(bytes: Buffer): Buffer {
  const end = bytes.indexOf(0);
  return end < 0 ? bytes : bytes.subarray(0, end);
}

function parsePax(body: Buffer): ReadonlyMap<string, Uint8Array> {
  const records = new Map<string, Uint8Array>();
  for (let from = 0; from < body.length; ) {
    const space = body.indexOf(0x20, from);
    const length = space < 0 ? Number.NaN : Number(body.toString('latin1', from, space));
    const end = from + length;
    const equals = body.indexOf(0x3d, space);
    if (!Number.isSafeInteger(length) || end > body.length || equals < 0 || equals >= end || body[end - 1] !== 0x0a) {
      throw malformed('a pax record that is not one');
    }
    records.set(body.toString('utf8', space + 1, equals), body.subarray(equals + 1, end - 1));
    from = end;
  }
  return records;
}

function merged(header: Header, extended: Extended, ordinal: number): Omit<TarMember, 'bytes'> {
  const records = new Map([...extended.global, ...extended.own]);
  const textOf = (name: string): string | undefined => {
    const value = records.get(name);
    return value === undefined || value.length === 0 ? undefined : Buffer.from(value).toString('utf8');
  };
  const numberOf = (name: string, otherwise: number): number => {
    const value = textOf(name);
    if (value === undefined) return otherwise;
    if (!/^-?\d+(\.\d*)?$/.test(value)) throw malformed(`${name}=${value.slice(0, 40)}`);
    return Math.floor(Number(value));
  };
  if ([...records.keys()].some((name) => name.startsWith('GNU.sparse.'))) throw malformed('a sparse file');
  const kind = kinds[header.type];
  if (kind === undefined) throw malformed(`a member of type ${JSON.stringify(header.type)}`);
  const { type: _, ...rest } = header;
  const name = textOf('path') ?? header.name;
  const sizeBytes = numberOf('size', header.sizeBytes);
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0) throw malformed('a size that is not one');
  const isFile = kind === 'file' && !(header.type === '\0' && name.endsWith('/'));
  return {
    ...rest,
    ordinal,
    name,
    kind: kind === 'file' && !isFile ? 'folder' : kind,
    // Only files have a body, whatever a header of another kind says (POSIX, "ustar Interchange Format").
    sizeBytes: isFile ? sizeBytes : 0,
    target: textOf('linkpath') ?? header.target,
    uid: numberOf('uid', header.uid),
    gid: numberOf('gid', header.gid),
    mtimeSeconds: numberOf('mtime', header.mtimeSeconds),
    xattrs: xattrsOf(records),
  };
}

const xattrPrefix = 'SCHILY.xattr.';

function xattrsOf(records: ReadonlyMap<string, Uint8Array>): ReadonlyMap<string, Uint8Array> {
  const found = [...records].filter(([name]) => name.startsWith(xattrPrefix));
  return new Map(found.map(([name, value]) => [name.slice(xattrPrefix.length), Uint8Array.from(value)]));
}

function padding(sizeBytes: number): number {
  return (blockBytes - (sizeBytes % blockBytes)) % blockBytes;
}

function malformed(what: string): FanfoldError {
  return new FanfoldError('content.invalid', `the archive is malformed: ${what}`);
}
