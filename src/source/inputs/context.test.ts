import { execFileSync } from 'node:child_process';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { familyIn, keyOne } from '../../../test/support/keyed-family.ts';
import { testRepository } from '../../../test/support/repository.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { nodeHost } from '../../base/host/host.ts';
import { contextTimeSeconds, restrictedTree, writeContext } from './context.ts';

/** What stands in a folder: path, type and mode, time in seconds, content or target. */
function listing(root: string, folder = ''): unknown[] {
  return readdirSync(join(root, folder))
    .sort()
    .flatMap((name) => {
      const path = folder === '' ? name : `${folder}/${name}`;
      const whole = join(root, path);
      const { mode, mtimeMs } = lstatSync(whole);
      const entry = [path, mode.toString(8), mtimeMs / 1000];
      if (lstatSync(whole).isSymbolicLink()) return [[...entry, readlinkSync(whole)]];
      if (lstatSync(whole).isDirectory()) return [entry, ...listing(root, path)];
      return [[...entry, readFileSync(whole, 'utf8')]];
    });
}

describe('writeContext', () => {
  test.for([{ umask: 0o000 }, { umask: 0o077 }])(
    'modes, links and times are the same under umask $umask',
    async ({ umask }, { expect }) => {
      using repository = await testRepository();
      using folder = temporaryFolder('context');
      await repository.commit({
        Dockerfile: 'FROM scratch\nCOPY src /\n',
        'src/text': 'text\n',
        'src/deep/run': { bytes: '#!\n', executable: true },
        'src/out': { link: '../../../etc/passwd' },
      });
      const { inputs } = await keyOne(familyIn(repository.path, { api: {} }));
      const before = process.umask(umask);
      try {
        await writeContext(inputs.context, join(folder.path, 'made'), nodeHost());
      } finally {
        process.umask(before);
      }
      expect(listing(join(folder.path, 'made'))).toEqual([
        ['src', '40755', contextTimeSeconds],
        ['src/deep', '40755', contextTimeSeconds],
        ['src/deep/run', '100755', contextTimeSeconds, '#!\n'],
        ['src/out', '120777', contextTimeSeconds, '../../../etc/passwd'],
        ['src/text', '100644', contextTimeSeconds, 'text\n'],
      ]);
    },
  );

  test.for([{ path: '../outside' }, { path: 'a/../../outside' }])(
    '$path cannot leave the folder',
    async ({ path }, { expect }) => {
      using folder = temporaryFolder('context');
      const entry = { path, kind: 'file', executable: false, id: 'git:0' } as const;
      const tree = {
        find: () => undefined,
        children: (asked: string) => (asked === '' ? [entry] : []),
        read: async function* () {
          yield Buffer.from('x');
        },
        sizeBytes: async () => 1,
      };
      const made = join(folder.path, 'made');
      await expect(writeContext(tree, made, nodeHost())).rejects.toMatchObject({ code: 'host.outside' });
      expect(readdirSync(folder.path)).toEqual(['made']);
    },
  );

  test('a link does not lead a file out of the folder', async () => {
    using folder = temporaryFolder('context');
    execFileSync('ln', ['-s', '/tmp', join(folder.path, 'link')]);
    const link = { path: 'link', kind: 'link', executable: false, id: 'git:0', linkTarget: '/tmp' } as const;
    const file = { ...link, kind: 'file' } as const;
    const tree = {
      find: () => undefined,
      children: (asked: string) => (asked === '' ? [link, file] : []),
      read: async function* () {
        yield Buffer.from('x');
      },
      sizeBytes: async () => 1,
    };
    await expect(writeContext(tree, join(folder.path, 'made'), nodeHost())).rejects.toMatchObject({
      code: 'host.file',
    });
  });
});

describe('restrictedTree', () => {
  test('holds the entries with the folders above them, and nothing else', () => {
    const file = (path: string) => ({ path, kind: 'file', executable: false, id: 'git:1' }) as const;
    const all = { find: () => undefined, children: () => [], read: async function* () {}, sizeBytes: async () => 0 };
    const tree = restrictedTree(all, [file('a.c'), file('a/b'), file('b')]);
    expect(tree.children('').map(({ path, kind }) => [path, kind])).toEqual([
      ['a', 'folder'],
      ['a.c', 'file'],
      ['b', 'file'],
    ]);
    expect(tree.children('a')).toEqual([file('a/b')]);
    expect(tree.find('a/b')).toEqual(file('a/b'));
    expect(tree.find('a/c')).toBeUndefined();
    expect(tree.children('nothing')).toEqual([]);
  });
});
