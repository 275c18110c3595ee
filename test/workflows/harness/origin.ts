// The repository as GitHub holds it: bare, with pull requests' refs, from which jobs check out.

import { run, runOk } from '../../support/run.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import type { CommitFacts } from './event.ts';

/** A hosted repository, removed when it goes out of scope. */
export interface Origin extends Disposable {
  /** For `git fetch`; a `file:` address, so that depth counts. */
  readonly url: string;
  git(...args: readonly string[]): Promise<string>;
  /** Takes a revision of a working repository under a ref, as `git push --force` does; gives what stood there (or zeros) and the commit now. */
  receive(
    folder: string,
    revision: string,
    ref: string,
  ): Promise<{ readonly before: string; readonly commit: CommitFacts }>;
  commit(revision: string): Promise<CommitFacts>;
  /** The text of a file at a revision; undefined where there is none. */
  read(revision: string, path: string): Promise<string | undefined>;
  /** Paths below a folder at a revision. */
  list(revision: string, folder: string): Promise<readonly string[]>;
  /** Makes the merge that a pull request's jobs check out, under its ref. */
  merge(base: string, head: string, ref: string): Promise<string>;
}

/** No configuration of the machine, and a name of its own, whoever runs git. */
export const gitEnvironment: Readonly<Record<string, string>> = {
  PATH: process.env['PATH'] ?? '',
  HOME: '/nonexistent',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_AUTHOR_NAME: 'GitHub',
  GIT_AUTHOR_EMAIL: 'noreply@example.test',
  GIT_COMMITTER_NAME: 'GitHub',
  GIT_COMMITTER_EMAIL: 'noreply@example.test',
};

const none = '0'.repeat(40);

/** An empty hosted repository. */
export async function makeOrigin(defaultBranch = 'main'): Promise<Origin> {
  const folder = temporaryFolder('origin');
  const git = (...args: readonly string[]): Promise<string> =>
    runOk('git', args, { cwd: folder.path, env: gitEnvironment });
  await git('init', '-q', '--bare', '-b', defaultBranch);
  await git('config', 'uploadpack.allowAnySHA1InWant', 'true');
  const line = async (...args: readonly string[]): Promise<string> => (await git(...args)).trim();
  const commit = async (revision: string): Promise<CommitFacts> => {
    const text = await git('log', '-1', '--format=%H%n%cI%n%B', `${revision}^{commit}`);
    const [sha = '', timestamp = '', ...message] = text.split('\n');
    return { sha, timestamp, message: message.join('\n').trim() };
  };
  return {
    url: `file://${folder.path}`,
    git,
    commit,
    async receive(from, revision, ref) {
      const found = await run('git', ['rev-parse', '--verify', '-q', `${ref}^{commit}`], {
        cwd: folder.path,
        env: gitEnvironment,
      });
      await git('fetch', '-q', '--no-tags', from, `+${revision}:${ref}`);
      return { before: found.status === 0 ? found.stdout.trim() : none, commit: await commit(ref) };
    },
    async read(revision, path) {
      const shown = await run('git', ['show', `${revision}:${path}`], { cwd: folder.path, env: gitEnvironment });
      return shown.status === 0 ? shown.stdout : undefined;
    },
    list: async (revision, below) =>
      (await git('ls-tree', '-r', '-z', '--name-only', revision, '--', below)).split('\0').filter(Boolean),
    async merge(base, head, ref) {
      const tree = (await line('merge-tree', '--write-tree', base, head)).split('\n')[0] ?? '';
      const sha = await line('commit-tree', tree, '-p', base, '-p', head, '-m', `Merge ${head} into ${base}`);
      await git('update-ref', ref, sha);
      return sha;
    },
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}
