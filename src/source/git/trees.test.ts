import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FileSpec, testRepository } from '../../../test/support/repository.ts';
import { nodeHost } from '../../base/host/host.ts';
import type { ReadableTree, TreeEntry } from '../dockerfile/tree.ts';
import { findRepository, type Repository } from './repository.ts';
import { compareBytes } from './subtree.ts';
import { treeAt } from './trees.ts';

async function open(folder: string): Promise<Repository> {
  const repository = await findRepository(folder, nodeHost());
  if (repository === undefined) throw new Error(`no repository at ${folder}`);
  return repository;
}

function walk(tree: ReadableTree, folder = ''): TreeEntry[] {
  return tree.children(folder).flatMap((entry) => [entry, ...walk(tree, entry.path)]);
}

async function textOf(tree: ReadableTree, path: string): Promise<string> {
  const entry = tree.find(path);
  if (entry === undefined) throw new Error(`${path} is not there`);
  const chunks: Uint8Array[] = [];
  for await (const chunk of tree.read(entry)) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

describe('treeAt', () => {
  test('gives kinds, modes, ids and targets, and reads what is committed', async () => {
    using repository = await testRepository();
    await repository.commit({
      'a.c': 'dot sorts before slash',
      'a/b': 'in a folder',
      a0: 'digit sorts after slash',
      run: { bytes: '#!/bin/sh\n', executable: true },
      here: { link: '../outside' },
    });
    repository.write({ 'a/b': 'changed on disk only' });
    const tree = await treeAt(await open(repository.path), 'HEAD');
    expect(
      walk(tree).map(({ path, kind, executable, linkTarget }) => ({ path, kind, executable, linkTarget })),
    ).toEqual([
      { path: 'a', kind: 'folder', executable: false, linkTarget: undefined },
      { path: 'a/b', kind: 'file', executable: false, linkTarget: undefined },
      { path: 'a.c', kind: 'file', executable: false, linkTarget: undefined },
      { path: 'a0', kind: 'file', executable: false, linkTarget: undefined },
      { path: 'here', kind: 'link', executable: false, linkTarget: '../outside' },
      { path: 'run', kind: 'file', executable: true, linkTarget: undefined },
    ]);
    expect(await textOf(tree, 'a/b')).toBe('in a folder');
    expect(await tree.sizeBytes(tree.find('a/b') as TreeEntry)).toBe(11);
    expect(tree.find('a/b')?.id).toBe(`git:${(await repository.git('rev-parse', 'HEAD:a/b')).trim()}`);
    expect(tree.find('a/nothing')).toBeUndefined();
    expect(tree.children('a/b')).toEqual([]);
  });

  test('a folder of a revision is a tree of its own', async () => {
    using repository = await testRepository();
    const first = await repository.commit({ 'sub/dir/x': 'one', other: 'no' });
    await repository.commit({ 'sub/dir/x': 'two' });
    const tree = await treeAt(await open(repository.path), first, 'sub');
    expect(walk(tree).map(({ path }) => path)).toEqual(['dir', 'dir/x']);
    expect(await textOf(tree, 'dir/x')).toBe('one');
    expect(walk(await treeAt(await open(repository.path), first, 'absent'))).toEqual([]);
  });

  test('many readers at once, one of them ending early, get their own bytes', async () => {
    using repository = await testRepository();
    const files = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`f${i}`, `${i}`.repeat(200_000 + i)]));
    await repository.commit(files);
    const tree = await treeAt(await open(repository.path), 'HEAD');
    for await (const _ of tree.read(tree.find('f3') as TreeEntry)) break;
    const texts = await Promise.all(Object.keys(files).map((path) => textOf(tree, path)));
    expect(texts).toEqual(Object.values(files));
  });

  test('an empty commit, and a name that is not UTF-8', async () => {
    using repository = await testRepository();
    await repository.commit();
    expect(walk(await treeAt(await open(repository.path), 'HEAD'))).toEqual([]);
    execFileSync('bash', ['-c', String.raw`cd "$1" && mkdir -p odd && echo x > odd/$'\xff'`, '-', repository.path]);
    await repository.commit({ plain: 'p' });
    const tree = await treeAt(await open(repository.path), 'HEAD');
    expect(await textOf(tree, 'plain')).toBe('p');
    expect(() => tree.children('odd')).toThrow(expect.objectContaining({ code: 'git.path' }));
  });

  test('a revision that names nothing', async () => {
    using repository = await testRepository();
    await repository.commit({ x: 'x' });
    await expect(treeAt(await open(repository.path), 'nowhere')).rejects.toMatchObject({ code: 'git.revision' });
    await expect(treeAt(await open(repository.path), '--all')).rejects.toMatchObject({ code: 'git.revision' });
  });

  test('agrees with git for any names', async () => {
    const name = fc.stringMatching(/^[ -.0-~é𐀀]{1,4}$/u).filter((text) => !/^\.+$|^\.git$/i.test(text));
    const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(path, { maxLength: 12 }), async (paths) => {
        using repository = await testRepository();
        const free = paths.filter((one) => !paths.some((other) => other.startsWith(`${one}/`)));
        await repository.commit(Object.fromEntries(free.map((one): [string, FileSpec] => [one, one])));
        const tree = await treeAt(await open(repository.path), 'HEAD');
        const files = walk(tree).filter(({ kind }) => kind === 'file');
        expect(files.map((entry) => entry.path).sort(compareBytes)).toEqual([...free].sort(compareBytes));
        for (const { path: found, kind } of walk(tree)) expect(tree.find(found)).toMatchObject({ path: found, kind });
      }),
      { numRuns: 25 },
    );
  });
});
