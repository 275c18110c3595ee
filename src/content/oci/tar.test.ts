import fc from 'fast-check';
import { unpackTar } from 'modern-tar';
import { expect, test } from 'vitest';
import { readTar, type TarMember } from './tar-read.ts';
import { blockBytes, type LayerEntry, tarStream } from './tar-write.ts';

const meta = { mode: 0o644, uid: 0, gid: 0, mtimeSeconds: 0 };

async function* pieces(...parts: readonly (Uint8Array | string)[]): AsyncIterable<Uint8Array> {
  for (const part of parts) yield typeof part === 'string' ? Buffer.from(part) : part;
}

function file(path: string, content: string, more: Partial<typeof meta> = {}): LayerEntry {
  return { kind: 'file', path, ...meta, ...more, sizeBytes: Buffer.byteLength(content), bytes: pieces(content) };
}

async function tarOf(...entries: readonly LayerEntry[]): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of tarStream(entries)) parts.push(part);
  return Buffer.concat(parts);
}

async function membersOf(tar: Uint8Array): Promise<(Omit<TarMember, 'bytes'> & { content: string })[]> {
  const members = [];
  for await (const { bytes, ...member } of readTar(pieces(tar))) {
    const parts: Uint8Array[] = [];
    for await (const part of bytes) parts.push(Uint8Array.from(part));
    members.push({ ...member, content: Buffer.concat(parts).toString() });
  }
  return members;
}

const long = `${'folder/'.repeat(12)}${'x'.repeat(90)}`;

test.for<{ name: string; entry: LayerEntry; want: Record<string, unknown>; type?: string }>([
  { name: 'a file', entry: file('a', 'hello'), want: { name: 'a', mode: 0o644, size: 5, type: 'file' } },
  { name: 'an empty file', entry: file('a', ''), want: { name: 'a', size: 0, type: 'file' } },
  { name: 'special bits', entry: file('a', '', { mode: 0o4755 }), want: { mode: 0o4755 } },
  { name: 'a folder', entry: { kind: 'folder', path: 'd/e', ...meta }, want: { name: 'd/e/', type: 'directory' } },
  {
    name: 'a link',
    entry: { kind: 'link', path: 'l', target: '../t', ...meta },
    want: { linkname: '../t', type: 'symlink' },
  },
  {
    name: 'a hard link',
    entry: { kind: 'hardlink', path: 'h', target: 'a', ...meta },
    want: { linkname: 'a', type: 'link' },
  },
  {
    name: 'a fifo',
    entry: { kind: 'device', device: 'fifo', path: 'f', major: 0, minor: 0, ...meta },
    want: { type: 'fifo' },
  },
  {
    name: 'a whiteout',
    entry: { kind: 'whiteout', path: 'd/gone' },
    want: { name: 'd/.wh.gone', size: 0, type: 'file' },
  },
  { name: 'an opaque folder', entry: { kind: 'opaque', path: 'd' }, want: { name: 'd/.wh..wh..opq', size: 0 } },
  { name: 'a name for the prefix', entry: file(long, 'x'), want: { name: long } },
  { name: 'a name too long for it', entry: file('y'.repeat(101), 'x'), want: { name: 'y'.repeat(101) } },
  { name: 'a name that is not ASCII', entry: file('grüße/世界', 'x'), want: { name: 'grüße/世界' } },
  {
    name: 'a long link',
    entry: { kind: 'link', path: 'l', target: `${long}/ü`, ...meta },
    want: { linkname: `${long}/ü` },
  },
  { name: 'big ids', entry: file('a', '', { uid: 300_000, gid: 2_097_152 }), want: { uid: 300_000, gid: 2_097_152 } },
  { name: 'the largest ids', entry: file('a', '', { uid: 4_294_967_295 }), want: { uid: 4_294_967_295 } },
  {
    name: 'a time',
    entry: file('a', '', { mtimeSeconds: 1_700_000_000 }),
    want: { mtime: new Date(1_700_000_000_000) },
  },
])('$name is read by another library as it was written', async ({ entry, want }) => {
  const [read, ...more] = await unpackTar(await tarOf(entry), { strict: true });
  expect(more).toEqual([]);
  expect(read?.header).toMatchObject(want);
});

test('a file past 8 GiB has its size in a pax record', async () => {
  const sizeBytes = 8 * 1024 ** 3;
  const tar = tarStream([{ kind: 'file', path: 'big', ...meta, sizeBytes, bytes: pieces() }]);
  const { value } = await tar.next();
  expect(Buffer.from(value ?? []).toString('latin1')).toContain(`size=${sizeBytes}\n`);
});

test('bytes of headers are as they always were', async () => {
  const tar = await tarOf(file('bin/tool', 'x', { mode: 0o755, uid: 1000, gid: 100, mtimeSeconds: 1 }));
  expect(tar.length).toBe(4 * blockBytes);
  expect(tar.toString('latin1', 0, 157).replaceAll('\0', '·')).toMatchInlineSnapshot(
    `"bin/tool····························································································0000755·0001750·0000144·00000000001·00000000001·010676· 0"`,
  );
  expect(tar.toString('latin1', 257, 345).replaceAll('\0', '·')).toMatchInlineSnapshot(
    `"ustar·00································································0000000·0000000·"`,
  );
});

test.for([
  { name: 'too few bytes', bytes: ['ab'] },
  { name: 'too many bytes', bytes: ['abc', 'd'] },
])('a file of $name is an error', async ({ bytes }) => {
  const entry: LayerEntry = { kind: 'file', path: 'a', ...meta, sizeBytes: 3, bytes: pieces(...bytes) };
  await expect(tarOf(entry)).rejects.toMatchObject({ code: 'content.size' });
});

test('a NUL in a name is an error', async () => {
  await expect(tarOf(file('a\0b', ''))).rejects.toMatchObject({ code: 'content.invalid' });
});

const path = fc
  .array(
    fc.string({ minLength: 1, maxLength: 60, unit: 'grapheme' }).filter((part) => !/[/\0]|^\.{1,2}$/.test(part)),
    {
      minLength: 1,
      maxLength: 8,
    },
  )
  .map((parts) => parts.join('/'));
const owned = fc.record({
  path,
  mode: fc.integer({ min: 0, max: 0o7777 }),
  uid: fc.integer({ min: 0, max: 0xffffffff }),
  gid: fc.integer({ min: 0, max: 0xffffffff }),
  mtimeSeconds: fc.integer({ min: 0, max: 2 ** 40 }),
});

test('what is written is read again, by this reader and by another library', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(owned, fc.string({ unit: 'grapheme', maxLength: 1500 })), { maxLength: 6 }),
      async (files) => {
        const tar = await tarOf(...files.map(([{ path: name, ...rest }, content]) => file(name, content, rest)));
        const members = await membersOf(tar);
        expect(
          members.map(({ name, mode, uid, gid, mtimeSeconds, content }) => [
            { path: name, mode, uid, gid, mtimeSeconds },
            content,
          ]),
        ).toEqual(files);
        const others = await unpackTar(tar, { strict: true });
        expect(others.map(({ header }) => [header.name, header.uid, header.gid, header.mode])).toEqual(
          files.map(([{ path: name, uid, gid, mode }]) => [name, uid, gid, mode]),
        );
      },
    ),
    { numRuns: 60 },
  );
});

test('however the bytes are cut, the members are the same', async () => {
  const tar = await tarOf(file('a', 'one'), file(long, 'two'.repeat(700)), {
    kind: 'link',
    path: 'l',
    target: 'a',
    ...meta,
  });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 3000 }), async (size) => {
      const parts = Array.from({ length: Math.ceil(tar.length / size) }, (_, at) =>
        tar.subarray(at * size, (at + 1) * size),
      );
      const names: string[] = [];
      for await (const member of readTar(pieces(...parts))) names.push(`${member.name} ${member.sizeBytes}`);
      expect(names).toEqual(['a 3', `${long} 2100`, 'l 0']);
    }),
    { numRuns: 40 },
  );
});

test('attributes come through, binary as they are', async () => {
  const value = Uint8Array.from([1, 0, 0, 2, 0xff, 10, 61]);
  const xattrs = new Map([['security.capability', value]]);
  const [member] = await membersOf(await tarOf({ ...file('a', 'x'), xattrs } as LayerEntry));
  expect([...(member?.xattrs ?? [])]).toEqual([['security.capability', value]]);
});

test('a member that is not read is passed over', async () => {
  const names: string[] = [];
  for await (const member of readTar(pieces(await tarOf(file('a', 'x'.repeat(2000)), file('b', 'y'))))) {
    if (member.name === 'a') for await (const part of member.bytes) if (part.length > 0) break;
    names.push(member.name);
  }
  expect(names).toEqual(['a', 'b']);
});

test.for<{ name: string; spoil: (tar: Buffer) => Buffer; code: string }>([
  { name: 'cut off in a header', spoil: (tar) => tar.subarray(0, 100), code: 'content.invalid' },
  { name: 'cut off in a body', spoil: (tar) => tar.subarray(0, blockBytes + 3), code: 'content.invalid' },
  {
    name: 'of a wrong checksum',
    spoil: (tar) => Buffer.concat([Buffer.from('X'), tar.subarray(1)]),
    code: 'content.invalid',
  },
  { name: 'no tar at all', spoil: () => Buffer.alloc(600, 'hello '), code: 'content.invalid' },
  { name: 'of an unknown type', spoil: (tar) => retyped(tar, 'S'), code: 'content.invalid' },
  { name: 'with a huge extended header', spoil: (tar) => retyped(tar, 'x', '77777777777'), code: 'host.too-large' },
  { name: 'with a broken pax record', spoil: (tar) => retyped(tar, 'x'), code: 'content.invalid' },
])('an archive $name is an error', async ({ spoil, code }) => {
  await expect(membersOf(spoil(await tarOf(file('a', 'hello'))))).rejects.toMatchObject({ code });
});

test('no bytes make the reader do anything but read or throw a Fanfold error', async () => {
  const whole = await tarOf(file('a', 'hello'), file('ü', 'x'));
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(255), async (at, byte) => {
      const spoiled = Buffer.from(whole);
      spoiled[at] = byte;
      const ended = await membersOf(spoiled).then(
        () => 'read',
        (error: unknown) => (error as { code?: string }).code,
      );
      expect(['read', 'content.invalid', 'host.too-large']).toContain(ended);
    }),
    { numRuns: 400 },
  );
});

function retyped(tar: Buffer, type: string, size?: string): Buffer {
  const spoiled = Buffer.from(tar);
  spoiled.write(type, 156);
  if (size !== undefined) spoiled.write(size, 124);
  spoiled.write('        ', 148);
  const sum = spoiled.subarray(0, blockBytes).reduce((total, byte) => total + byte, 0);
  spoiled.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return spoiled;
}
