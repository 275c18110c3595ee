import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { testRepository } from '../../../test/support/repository.ts';
import { nodeHost } from '../../base/host/host.ts';
import type { ReadableTree, TreeEntry } from '../dockerfile/tree.ts';
import { blobId, diskTree } from './disk.ts';
import { readHead } from './head.ts';
import { findRepository, type Repository } from './repository.ts';
import { uncommittedTree, type WorkTree, worktreeTree } from './worktree.ts';

async function open(folder: string): Promise<Repository> {
  const repository = await findRepository(folder, nodeHost());
  if (repository === undefined) throw new Error(`no repository at ${folder}`);
  return repository;
}

async function workTreeOf(folder: string): Promise<WorkTree> {
  const head = await readHead(folder, nodeHost());
  if (head === undefined) throw new Error(`no repository at ${folder}`);
  return await worktreeTree(head.repository, head.committed?.tree());
}

function paths(tree: ReadableTree, folder = ''): string[] {
  return tree.children(folder).flatMap(({ path, kind }) => [path, ...(kind === 'folder' ? paths(tree, path) : [])]);
}

async function textOf(tree: ReadableTree, path: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of tree.read(tree.find(path) as TreeEntry)) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

describe('worktreeTree', () => {
  test('what is as committed comes from Git, the rest from disk', async () => {
    using repository = await testRepository();
    await repository.commit({
      '.gitignore': 'ignored\nbuild/\n',
      kept: 'kept',
      changed: 'before',
      mode: 'mode',
      gone: 'gone',
      'only/gone': 'gone',
      'was-file': 'file',
      'was-folder/x': 'x',
    });
    repository.remove('gone');
    repository.remove('only');
    repository.remove('was-folder');
    repository.remove('was-file');
    repository.write({
      changed: 'after',
      ignored: 'ignored',
      'build/deep/out': 'out',
      'new/one': 'new',
      'was-file/now': 'folder',
      'was-folder': { link: 'kept' },
      staged: 'staged',
    });
    chmodSync(join(repository.path, 'mode'), 0o755);
    await repository.git('add', 'staged');
    const { tree, isDirty, missing } = await workTreeOf(repository.path);
    expect(paths(tree)).toEqual([
      '.gitignore', 'build', 'build/deep', 'build/deep/out', 'changed', 'ignored', 'kept', 'mode', 'new', 'new/one',
      'staged', 'was-file', 'was-file/now', 'was-folder',
    ]); // biome-ignore format: one list
    expect(tree.find('changed')?.id).toBe(`git:${blobId(Buffer.from('after'))}`);
    expect(tree.find('mode')).toMatchObject({ executable: true });
    expect(tree.find('was-folder')).toMatchObject({ kind: 'link', linkTarget: 'kept' });
    expect(tree.find('was-folder/x')).toBeUndefined();
    expect(tree.find('was-file')).toMatchObject({ kind: 'folder', id: '' });
    expect(tree.find('only')).toBeUndefined();
    expect(await textOf(tree, 'new/one')).toBe('new');
    expect(await textOf(tree, 'kept')).toBe('kept');
    expect(['kept', 'changed', 'mode', 'ignored', 'build/deep/out', 'staged', 'gone'].map(isDirty)).toEqual([
      false, true, true, true, true, true, true,
    ]); // biome-ignore format: one list
    expect([...missing].sort()).toEqual(['gone', 'only/gone', 'was-file', 'was-folder/x']);
  });

  test('line ends that Git converts on this machine do not count', async () => {
    using repository = await testRepository();
    await repository.commit({ text: 'a\nb\n' });
    await repository.git('config', 'core.autocrlf', 'true');
    repository.remove('text');
    await repository.git('checkout', '--', 'text');
    expect(readFileSync(join(repository.path, 'text'), 'utf8')).toBe('a\r\nb\r\n');
    const { tree, isDirty } = await workTreeOf(repository.path);
    expect(isDirty('text')).toBe(false);
    expect(await textOf(tree, 'text')).toBe('a\nb\n');
  });

  test('a file that changes between its id and its bytes is an error', async () => {
    using repository = await testRepository();
    await repository.commit({ file: 'committed' });
    repository.write({ file: 'keyed' });
    const { tree } = await workTreeOf(repository.path);
    const id = tree.find('file')?.id;
    repository.write({ file: 'later' });
    expect(id).toBe(`git:${blobId(Buffer.from('keyed'))}`);
    await expect(textOf(tree, 'file')).rejects.toMatchObject({ code: 'git.changed' });
  });
});

describe('uncommittedTree', () => {
  test('holds what is untracked, ignored or only added', async () => {
    using repository = await testRepository();
    await repository.commit({ '.gitignore': '*.o\n', a: 'a' });
    repository.write({ a: 'changed', 'x.o': 'object', 'new/deep/file': 'n', added: 'added' });
    await repository.git('add', 'added');
    expect(paths(await uncommittedTree(await open(repository.path)))).toEqual([
      'added', 'new', 'new/deep', 'new/deep/file', 'x.o',
    ]); // biome-ignore format: one list
  });
});

describe('diskTree', () => {
  test('links are not followed, neither as files nor as folders', async () => {
    using repository = await testRepository();
    repository.write({ 'real/file': 'r', link: { link: 'real' }, out: { link: '/etc' } });
    const tree = diskTree(repository.path);
    expect(paths(tree)).toEqual(['link', 'out', 'real', 'real/file']);
    for (const path of ['link/file', 'out/passwd', '../x', 'real/../link', '.git/config', 'real//file'])
      expect(tree.find(path), path).toBeUndefined();
  });
});
