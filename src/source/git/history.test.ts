import { describe, expect, test } from 'vitest';
import { testRepository } from '../../../test/support/repository.ts';
import { runOk } from '../../../test/support/run.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { nodeHost } from '../../base/host/host.ts';
import { commitsBetween, mergeBase, relationOf } from './history.ts';
import { checkoutOf, commitAt, findRepository, headCommit, originUrl, type Repository } from './repository.ts';

async function open(folder: string, env: Record<string, string> = {}): Promise<Repository> {
  const host = nodeHost();
  const repository = await findRepository(folder, { ...host, env: { ...host.env, ...env } });
  if (repository === undefined) throw new Error(`no repository at ${folder}`);
  return repository;
}

describe('history', () => {
  test('newer, older, same and apart go by descent', async () => {
    using folder = await testRepository();
    const first = await folder.commit({ a: '1' });
    const second = await folder.commit({ a: '2' });
    await folder.git('checkout', '-q', '-b', 'side', first);
    const side = await folder.commit({ b: '1' });
    const repository = await open(folder.path);
    expect(await relationOf(repository, second, first)).toBe('newer');
    expect(await relationOf(repository, first, second)).toBe('older');
    expect(await relationOf(repository, first, first)).toBe('same');
    expect(await relationOf(repository, side, second)).toBe('apart');
    expect(await mergeBase(repository, side, second)).toBe(first);
    expect(await commitsBetween(repository, first, second, 10)).toEqual([second]);
    await expect(relationOf(repository, first, '0'.repeat(40))).rejects.toMatchObject({ code: 'git.revision' });
  });

  test.for(['main..side', 'main...side', '^main', 'side^!', 'side^@', 'side^-', 'side^-1'])(
    '%s is not one commit',
    async (revision) => {
      using folder = await testRepository();
      await folder.commit({ a: '1' });
      await folder.git('branch', 'side');
      await expect(commitAt(await open(folder.path), revision)).rejects.toMatchObject({ code: 'git.revision' });
    },
  );

  test('a shallow clone says that it is too shallow', async () => {
    using folder = await testRepository();
    const first = await folder.commit({ a: '1' });
    const second = await folder.commit({ a: '2' });
    using clone = temporaryFolder('shallow');
    await runOk('git', ['clone', '-q', '--depth=1', `file://${folder.path}`, clone.path]);
    const repository = await open(clone.path);
    expect(repository.shallow).toBe(true);
    await expect(relationOf(repository, first, second)).rejects.toMatchObject({ code: 'git.shallow' });
  });
});

describe('findRepository', () => {
  test('says what is checked out, from a folder below, whatever GIT_DIR says', async () => {
    using folder = await testRepository();
    using other = await testRepository();
    const id = await folder.commit({ 'a/b/c': '1' });
    await folder.git('tag', 'v1.0.0');
    await folder.git('tag', '-a', '-m', 'note', 'v1');
    await folder.git('remote', 'add', 'origin', 'https://user:secret@example.test/x/y.git');
    const repository = await open(`${folder.path}/a/b`, { GIT_DIR: `${other.path}/.git` });
    expect(repository).toMatchObject({ root: folder.path, prefix: 'a/b', shallow: false, objectFormat: 'sha1' });
    expect(await checkoutOf(repository, id)).toEqual({ branch: 'main', tags: ['v1', 'v1.0.0'] });
    expect(await headCommit(repository)).toMatchObject({ id, timeSeconds: 1704164645 });
    expect(await originUrl(repository)).toBe('https://example.test/x/y.git');
  });

  test('nothing outside of a repository; no commit in a new one', async () => {
    using folder = temporaryFolder('none');
    expect(await findRepository(folder.path, nodeHost())).toBeUndefined();
    using fresh = await testRepository();
    const repository = await open(fresh.path);
    expect(await headCommit(repository)).toBeUndefined();
    expect(await checkoutOf(repository, undefined)).toEqual({ branch: 'main', tags: [] });
  });
});
