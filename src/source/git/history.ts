/** How two commits stand to each other: which is newer, where they part, what lies between. */
import { FanfoldError } from '../../base/errors/error.ts';
import type { Cancel } from '../../base/host/cancel.ts';
import { line } from './git.ts';
import type { Repository } from './repository.ts';

/** How a commit stands to another: `newer` and `older` by descent, never by time. */
export type Relation = 'same' | 'newer' | 'older' | 'apart';

/**
 * How commit `a` stands to commit `b`.
 * @throws FanfoldError `git.shallow` where they seem apart and history ends early, so that it cannot be known
 */
export async function relationOf(repository: Repository, a: string, b: string, cancel: Cancel = {}): Promise<Relation> {
  if (a === b) return 'same';
  if (await isAncestor(repository, a, b, cancel)) return 'older';
  if (await isAncestor(repository, b, a, cancel)) return 'newer';
  if (repository.shallow) throw tooShallow(repository, a, b);
  return 'apart';
}

/**
 * How commit `a`, which is here, stands to commit `b`, which may not be: `unknown` where history is whole and does not have `b`.
 * @throws FanfoldError `git.shallow` where history ends early, so that it cannot be known
 */
export async function relationToAny(
  repository: Repository,
  a: string,
  b: string,
  cancel: Cancel = {},
): Promise<Relation | 'unknown'> {
  const { status } = await repository.git.run(['cat-file', '-e', `${b}^{commit}`], { expect: [1, 128] }, cancel);
  if (status === 0) return await relationOf(repository, a, b, cancel);
  if (repository.shallow) throw tooShallow(repository, a, b);
  return 'unknown';
}

/**
 * Where two commits part; undefined where they have no common ancestor.
 * @throws FanfoldError `git.shallow` where none is found and history ends early
 */
export async function mergeBase(
  repository: Repository,
  a: string,
  b: string,
  cancel: Cancel = {},
): Promise<string | undefined> {
  const { status, stdout } = await repository.git.run(['merge-base', '--', a, b], { expect: [1] }, cancel);
  if (status === 0) return line(stdout);
  if (repository.shallow) throw tooShallow(repository, a, b);
  return undefined;
}

/** The commits that `until` has and `since` has not, newest first, at most `limit`. */
export async function commitsBetween(
  repository: Repository,
  since: string,
  until: string,
  limit: number,
  cancel: Cancel = {},
): Promise<readonly string[]> {
  const asked = ['rev-list', `--max-count=${limit}`, '--end-of-options', until, `^${since}`, '--'];
  const { stdout } = await repository.git.run(asked, {}, cancel);
  return stdout
    .toString('utf8')
    .split('\n')
    .filter((id) => id !== '');
}

/** How many commits are here, going back from HEAD; of a shallow clone, as far as it goes. */
export async function countCommits(repository: Repository, cancel: Cancel = {}): Promise<number> {
  const { stdout } = await repository.git.run(['rev-list', '--count', 'HEAD', '--'], {}, cancel);
  return Number(line(stdout));
}

async function isAncestor(repository: Repository, a: string, b: string, cancel: Cancel): Promise<boolean> {
  const asked = ['merge-base', '--is-ancestor', '--', a, b];
  const { status } = await repository.git.run(asked, { expect: [1, 128] }, cancel);
  if (status === 128) throw missing(repository, a, b);
  return status === 0;
}

function missing(repository: Repository, a: string, b: string): FanfoldError {
  if (repository.shallow) return tooShallow(repository, a, b);
  return new FanfoldError('git.revision', `${a} or ${b} is no commit of ${repository.root}`);
}

function tooShallow(repository: Repository, a: string, b: string): FanfoldError {
  return new FanfoldError('git.shallow', `${repository.root} is too shallow to tell how ${a} stands to ${b}`, {
    place: { file: repository.root },
    hint: 'fetch more history: `git fetch --unshallow`, or fetch-depth: 0 for actions/checkout',
  });
}
