// The context of the Dockerfiles in fixtures/dockerfiles/direct: a small folder with everything that copying can meet.

import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { packTar, type TarEntry } from 'modern-tar';

const texts: Readonly<Record<string, string>> = {
  'readme.md': '# Read me\n',
  'vanilla.md': 'vanilla\n',
  'app/conf.txt': 'conf\n',
  'app/data.txt': 'data\n',
  'app/sub/keep.txt': 'keep\n',
  'app/sub/more.md': 'more\n',
  'app/sub/deeper/last.txt': 'last\n',
  'docs/guide.md': 'guide\n',
  'docs/v1/deep/one.md': 'one\n',
  'docs/v2/deep/two.md': 'two\n',
  'odd/[a].txt': 'bracket\n',
  'odd/with space.txt': 'space\n',
  'odd/grüße.txt': 'umlaut\n',
  'odd/fake.tar.gz': 'not an archive\n',
  [`long/${'folder-of-a-long-name/'.repeat(6)}${'file'.repeat(30)}`]: 'long\n',
  'long/empty': '',
};

const links: Readonly<Record<string, string>> = {
  'links/to-conf': '../app/conf.txt',
  'links/to-docs': '../docs',
  'links/dangling': 'nowhere',
  'links/absolute': '/etc/passwd',
  'links/out': '../../../out',
  [`links/${'l'.repeat(120)}`]: `../${'t'.repeat(120)}`,
};

/** Fills `folder`. The second folder is what the named context `extra` gives. */
export async function writeDirectContext(folder: string, extra: string): Promise<void> {
  for (const [path, text] of Object.entries(texts)) writeText(join(folder, path), text, 0o644);
  writeText(join(folder, 'app/tool'), '#!/bin/sh\necho tool\n', 0o755);
  makeFolder(join(folder, 'empty'));
  for (const [path, target] of Object.entries(links)) {
    makeFolder(dirname(join(folder, path)));
    symlinkSync(target, join(folder, path));
  }
  for (const [name, bytes] of Object.entries(await archives())) writeText(join(folder, 'archives', name), bytes, 0o644);
  writeText(join(folder, 'odd/cut.tar'), (await packTar(plainEntries)).subarray(0, 3000), 0o644);
  writeText(join(extra, 'side.txt'), 'side\n', 0o644);
  writeText(join(extra, 'more/inner.sh'), '#!/bin/sh\n', 0o755);
}

async function archives(): Promise<Readonly<Record<string, Uint8Array>>> {
  const plain = await packTar(plainEntries);
  const over = await packTar(overEntries);
  return { 'plain.tar': plain, 'packed.tgz': gzipSync(plain), 'no-name': gzipSync(plain), 'over.tar': over };
}

const epoch = new Date(0);

/** An archive's entry of this kind. */
function entry(name: string, header: Partial<TarEntry['header']>, body = ''): TarEntry {
  return { header: { name, size: Buffer.byteLength(body), mtime: epoch, uid: 0, gid: 0, ...header }, body };
}

const plainEntries: readonly TarEntry[] = [
  entry('./', { type: 'directory', mode: 0o700 }),
  entry('bin/', { type: 'directory', mode: 0o750, uid: 1, gid: 2 }),
  entry('bin/run', { type: 'file', mode: 0o4755, uid: 100, gid: 200 }, 'run\n'),
  entry('bin/hard', { type: 'link', linkname: 'bin/run', mode: 0o4755, uid: 100, gid: 200 }),
  entry('bin/soft', { type: 'symlink', linkname: 'run', mode: 0o777 }),
  entry('implied/folder/file', { type: 'file', mode: 0o600, uid: 3, gid: 4 }, 'implied\n'),
  entry('odd/../dots', { type: 'file', mode: 0o644 }, 'dots\n'),
  entry('empty', { type: 'file', mode: 0o644 }),
];

const overEntries: readonly TarEntry[] = [
  entry('etc/', { type: 'directory', mode: 0o711 }),
  entry('etc/motd', { type: 'file', mode: 0o644 }, 'from the archive\n'),
  entry('lib/from-archive', { type: 'file', mode: 0o644 }, 'lib\n'),
  entry('file-link', { type: 'file', mode: 0o644 }, 'no link any more\n'),
  entry('link-abs', { type: 'directory', mode: 0o755 }),
  entry('link-abs/inside', { type: 'file', mode: 0o644 }, 'inside\n'),
];

function writeText(path: string, content: string | Uint8Array, mode: number): void {
  makeFolder(dirname(path));
  writeFileSync(path, content);
  chmodSync(path, mode);
}

/** Mode 0755 whatever the umask is. */
function makeFolder(path: string): void {
  const made = mkdirSync(path, { recursive: true });
  if (made === undefined) return;
  for (let folder = path; folder.length >= made.length; folder = dirname(folder)) chmodSync(folder, 0o755);
}
