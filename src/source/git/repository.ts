/** A Git repository: find it, and what it says of itself: commit, time, branch, tags, shallow or not. */
import { FanfoldError, isFanfoldError } from '../../base/errors/error.ts';
import type { Cancel } from '../../base/host/cancel.ts';
import { optional } from '../../content/oci/descriptor.ts';
import { type Git, type GitHost, gitIn, line } from './git.ts';

/** A repository with a work tree, as seen from a folder in it. */
export interface Repository {
  /** The top of the work tree, absolute, links resolved. */
  readonly root: string;
  /** Where the folder that was asked for stands in it: '' at the top, else `a/b`. */
  readonly prefix: string;
  /** The folder that holds the objects, absolute. */
  readonly gitFolder: string;
  /** History ends early: not every commit is there (`git clone --depth`, the default of CI checkouts). */
  readonly shallow: boolean;
  readonly objectFormat: 'sha1' | 'sha256';
  readonly git: Git;
}

/** A commit. */
export interface Commit {
  readonly id: string;
  /** The id of its top folder. */
  readonly tree: string;
  /** When it was committed, in seconds since 1970. */
  readonly timeSeconds: number;
}

/**
 * The repository that a folder is in; undefined where there is none, or one without a work tree.
 * @throws FanfoldError `git.unsafe`, `host.program`
 */
export async function findRepository(
  folder: string,
  host: GitHost,
  cancel: Cancel = {},
): Promise<Repository | undefined> {
  const args = ['--show-toplevel', '--git-common-dir', '--is-shallow-repository', '--show-object-format'];
  const git = gitIn(folder, host);
  // `--show-prefix` stands last: its line ends in a slash or is empty.
  const found = await git
    .run(['rev-parse', '--path-format=absolute', ...args, '--show-prefix'], {}, cancel)
    .catch((error: unknown) => {
      if (isFanfoldError(error) && error.code === 'git.failed') return undefined;
      throw error;
    });
  const [root, gitFolder, shallow, format, prefix = ''] = found?.stdout.toString('utf8').split('\n') ?? [];
  if (root === undefined || root === '' || gitFolder === undefined) return undefined;
  return {
    root,
    prefix: prefix.replace(/\/$/, ''),
    gitFolder,
    shallow: shallow === 'true',
    objectFormat: format === 'sha256' ? 'sha256' : 'sha1',
    git: gitIn(root, host),
  };
}

/** Ranges and sets of commits (gitrevisions(7)): `git log` would take the last of them, and say nothing. */
const namesSeveral = /\.\.|^\^|\^(?:[!@]|-\d*)$/;

/**
 * The commit that a revision names.
 * @throws FanfoldError `git.revision` where it names none; `git.shallow` where history ends before it
 */
export async function commitAt(repository: Repository, revision: string, cancel: Cancel = {}): Promise<Commit> {
  if (namesSeveral.test(revision)) {
    throw new FanfoldError('git.revision', `${JSON.stringify(revision)} names more than one commit`, {
      hint: 'name one branch, tag or commit; REF... is where HEAD left REF',
    });
  }
  const found = await tryCommitAt(repository, revision, cancel);
  if (found !== undefined) return found;
  const message = `${JSON.stringify(revision)} names no commit of ${repository.root}`;
  throw repository.shallow
    ? new FanfoldError('git.shallow', `${message}; the clone is shallow, so it may only be missing here`, {
        hint: 'fetch more history: `git fetch --unshallow`, or fetch-depth: 0 for actions/checkout',
      })
    : new FanfoldError('git.revision', message, { hint: 'name one branch, tag or commit that is here' });
}

/** The commit that HEAD names; undefined where nothing was committed yet. */
export async function headCommit(
  repository: Pick<Repository, 'git'>,
  cancel: Cancel = {},
): Promise<Commit | undefined> {
  return await tryCommitAt(repository, 'HEAD', cancel);
}

async function tryCommitAt(
  repository: Pick<Repository, 'git'>,
  revision: string,
  cancel: Cancel,
): Promise<Commit | undefined> {
  const asked = [
    'log',
    '-1',
    '--no-show-signature',
    '--format=%H %T %ct',
    '--end-of-options',
    `${revision}^{commit}`,
    '--',
  ];
  const { status, stdout } = await repository.git.run(asked, { expect: [128] }, cancel);
  const [id, tree, time] = line(stdout).split(' ');
  if (status !== 0 || id === undefined || tree === undefined || time === undefined) return undefined;
  return { id, tree, timeSeconds: Number(time) };
}

/** The branch that is checked out, `feature/x`; undefined where HEAD is detached. */
export async function currentBranch(repository: Repository, cancel: Cancel = {}): Promise<string | undefined> {
  return await symbolicRef(repository, 'HEAD', 'refs/heads/', cancel);
}

/** The default branch of the remote `origin`, where a clone wrote it down. */
export async function defaultBranch(repository: Repository, cancel: Cancel = {}): Promise<string | undefined> {
  return await symbolicRef(repository, 'refs/remotes/origin/HEAD', 'refs/remotes/origin/', cancel);
}

async function symbolicRef(
  repository: Repository,
  name: string,
  prefix: string,
  cancel: Cancel,
): Promise<string | undefined> {
  const { status, stdout } = await repository.git.run(['symbolic-ref', '-q', name], { expect: [1, 128] }, cancel);
  const target = line(stdout);
  return status === 0 && target.startsWith(prefix) ? target.slice(prefix.length) : undefined;
}

/** The names of the tags that point at a commit, sorted by name. */
export async function tagsAt(repository: Repository, commit: string, cancel: Cancel = {}): Promise<readonly string[]> {
  const asked = ['for-each-ref', '--format=%(refname:strip=2)', `--points-at=${commit}`, 'refs/tags'];
  const { stdout } = await repository.git.run(asked, {}, cancel);
  return stdout
    .toString('utf8')
    .split('\n')
    .filter((name) => name !== '');
}

/** Where the remote `origin` is, with any user and password taken out; undefined where there is none. */
export async function originUrl(repository: Repository, cancel: Cancel = {}): Promise<string | undefined> {
  const { stdout } = await repository.git.run(['config', '--get', 'remote.origin.url'], { expect: [1] }, cancel);
  return line(stdout).replace(/^([a-z+]+:\/\/)[^/@]*@/i, '$1') || undefined;
}

/** What HEAD is called: what an event of this machine is made of. */
export interface Checkout {
  readonly branch?: string;
  readonly tags: readonly string[];
  readonly defaultBranch?: string;
}

/** The branch that is checked out, and the tags of the commit that HEAD names; undefined where nothing was committed yet. */
export async function checkoutOf(
  repository: Repository,
  commit: string | undefined,
  cancel: Cancel = {},
): Promise<Checkout> {
  const [branch, remoteBranch, tags] = await Promise.all([
    currentBranch(repository, cancel),
    defaultBranch(repository, cancel),
    commit === undefined ? [] : tagsAt(repository, commit, cancel),
  ]);
  return { tags, ...optional('branch', branch), ...optional('defaultBranch', remoteBranch) };
}
