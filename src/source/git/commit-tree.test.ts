import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type TestRepository, testRepository } from '../../../test/support/repository.ts';
import { nodeHost } from '../../base/host/host.ts';
import type { ReadableTree, TreeEntry } from '../dockerfile/tree.ts';
import { commitTree } from './commit-tree.ts';
import { commitAt, findRepository } from './repository.ts';

async function treeOf(repository: TestRepository, env: Record<string, string> = {}): Promise<ReadableTree> {
  const host = nodeHost();
  const given = { ...host, env: { ...host.env, ...env } };
  const found = await findRepository(repository.path, given);
  if (found === undefined) throw new Error('no repository');
  return await commitTree(found, await commitAt(found, 'HEAD'), given);
}

async function textOf(tree: ReadableTree, path: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of tree.read(tree.find(path) as TreeEntry)) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

describe('submodules', () => {
  test('one that is checked out is part of the tree at the recorded commit, else an entry of its own', async () => {
    using inner = await testRepository();
    using outer = await testRepository();
    const recorded = await inner.commit({ 'deep/file': 'recorded' });
    await outer.commit({ plain: 'p' });
    await outer.git('submodule', '--quiet', 'add', inner.path, 'vendor/inner');
    await outer.commit();
    await inner.commit({ 'deep/file': 'later' });
    await outer.git('-C', 'vendor/inner', 'pull', '-q', 'origin', 'main');
    const tree = await treeOf(outer);
    expect(tree.find('vendor/inner')).toMatchObject({ kind: 'folder' });
    expect(tree.children('vendor').map(({ path, kind }) => [path, kind])).toEqual([['vendor/inner', 'folder']]);
    expect(tree.children('vendor/inner/deep').map(({ path }) => path)).toEqual(['vendor/inner/deep/file']);
    expect(await textOf(tree, 'vendor/inner/deep/file')).toBe('recorded');
    await outer.git('submodule', '--quiet', 'deinit', '-f', 'vendor/inner');
    expect((await treeOf(outer)).find('vendor/inner')).toMatchObject({ kind: 'submodule', id: `git:${recorded}` });
  });
});

describe('Git LFS', () => {
  const content = 'large content';
  const id = createHash('sha256').update(content).digest('hex');
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${id}\nsize ${content.length}\n`;

  test('a pointer is what it points to, where the attribute says so', async () => {
    using repository = await testRepository();
    await repository.commit({
      'a/.gitattributes': '*.bin filter=lfs\n',
      'a/x.bin': pointer,
      'x.bin': pointer,
      'a/no.bin': 'small',
    });
    const folder = join(repository.path, '.git/lfs/objects', id.slice(0, 2), id.slice(2, 4));
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, id), content);
    const tree = await treeOf(repository);
    expect(tree.find('a/x.bin')).toMatchObject({ kind: 'file', id: `sha256:${id}` });
    expect(await tree.sizeBytes(tree.find('a/x.bin') as TreeEntry)).toBe(content.length);
    expect(await textOf(tree, 'a/x.bin')).toBe(content);
    expect(await textOf(tree, 'x.bin')).toBe(pointer);
    expect(await textOf(tree, 'a/no.bin')).toBe('small');
    writeFileSync(join(folder, id), 'damaged');
    await expect(textOf(tree, 'a/x.bin')).rejects.toMatchObject({ code: 'git.lfs' });
  });

  test('the key of content that is not here is known; only its bytes are an error', async () => {
    using repository = await testRepository();
    await repository.commit({ '.gitattributes': '*.bin filter=lfs\n', 'x.bin': pointer });
    const tree = await treeOf(repository);
    expect(tree.children('').map((entry) => entry.id)).toContain(`sha256:${id}`);
    await expect(textOf(tree, 'x.bin')).rejects.toMatchObject({ code: 'git.lfs' });
  });
});
