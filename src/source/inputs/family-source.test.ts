import { describe, expect, test } from 'vitest';
import { testRepository } from '../../../test/support/repository.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { nodeHost } from '../../base/host/host.ts';
import type { GitHost } from '../git/git.ts';
import { beginHead, readHead } from '../git/head.ts';
import { openSource } from './family-source.ts';

/** A host that notes the first word of each git command. */
function noting(commands: string[]): GitHost {
  const host = nodeHost();
  const plumbing = /^(?:rev-parse|log|ls-tree|ls-files|diff-index|status)$/;
  const exec: GitHost['exec'] = {
    run: (program, args, options, cancel) => {
      commands.push(args.find((arg) => plumbing.test(arg)) ?? 'other');
      return host.exec.run(program, args, options, cancel);
    },
  };
  return { env: host.env, exec };
}

describe('HEAD, read beside other things', () => {
  test('is asked for each thing once, whoever asks, and before anyone does where that was said', async () => {
    using repository = await testRepository();
    await repository.commit({ 'a/b': '1' });
    const commands: string[] = [];
    const host = noting(commands);
    const head = beginHead(`${repository.path}/a`, { tree: true, uncommitted: true }, host);
    const found = await head;
    await Promise.all([found?.committed?.tree(), found?.committed?.uncommitted()]);
    const begun = ['diff-index', 'log', 'ls-files', 'ls-tree', 'rev-parse'];
    expect([...commands].sort()).toEqual(begun);
    const source = await openSource({ root: `${repository.path}/a` }, { tree: 'head', head }, host);
    await openSource({ root: `${repository.path}/a` }, { tree: 'head', head }, host);
    expect([...commands].sort()).toEqual(begun);
    expect(source.tree.find('a/b')).toMatchObject({ kind: 'file' });
    expect(source.root).toBe('a');
    await openSource({ root: `${repository.path}/a` }, { tree: 'worktree', head }, host);
    expect([...commands].sort()).toEqual([...begun, 'status'].sort());
  });

  test('names no commit where nothing was committed, and is nothing outside of a repository', async () => {
    using fresh = await testRepository();
    expect(await readHead(fresh.path, nodeHost())).toEqual({ repository: expect.objectContaining({ prefix: '' }) });
    using folder = temporaryFolder('none');
    expect(await readHead(folder.path, nodeHost())).toBeUndefined();
  });

  test('what goes wrong on the way is told to who asks, and to nobody else', async () => {
    using repository = await testRepository();
    await repository.commit({ a: '1' });
    const host = nodeHost();
    const failing: GitHost = {
      env: host.env,
      exec: {
        run: async (program, args, options, cancel) => {
          if (args.includes('ls-tree')) throw new Error('no listing');
          return await host.exec.run(program, args, options, cancel);
        },
      },
    };
    const head = beginHead(repository.path, { tree: true, uncommitted: false }, failing);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await expect(openSource({ root: repository.path }, { tree: 'head', head }, failing)).rejects.toThrow('no listing');
  });
});
