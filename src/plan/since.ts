/** A family as it was at a revision: its configuration and its keys from Git's objects alone, nothing asked of any network. */
import { posix, relative, resolve } from 'node:path';
import { FanfoldError, isFanfoldError, messageOf } from '../base/errors/error.ts';
import type { Cancel } from '../base/host/cancel.ts';
import type { Host } from '../base/host/host.ts';
import { countCommits, mergeBase } from '../source/git/history.ts';
import { type Commit, commitAt, findRepository, type Repository } from '../source/git/repository.ts';
import { treeAt } from '../source/git/trees.ts';
import { type KeyedFamily, keyLegs } from '../source/inputs/key-legs.ts';
import { loadFamily } from '../source/project/load.ts';
import type { Family, Leg } from '../source/project/model.ts';
import { treeFiles } from './tree-files.ts';

/** What a family is compared with. */
export interface FamilyBefore {
  /** As it was asked for. */
  readonly revision: string;
  /** Absent where there was nothing before: the first push of a branch. */
  readonly commit?: Commit;
  readonly keyed: KeyedFamily['keyed'];
  readonly failed: KeyedFamily['failed'];
  /** Why the configuration of that time cannot be read. */
  readonly problem?: string;
}

/** What keying a revision needs of the machine. */
export type RevisionHost = Parameters<typeof keyLegs>[2] & Pick<Host, 'files'>;

/**
 * Keys a family as it was at a revision, bases as written. `REF...` is the commit where HEAD left REF. A revision of zeros (what a first
 * push comes with) is a family without legs.
 * @throws FanfoldError `plan.shallow`, `git.revision`, `inputs.repository`
 */
export async function familyBefore(
  family: Pick<Family, 'file' | 'root'>,
  revision: string,
  host: RevisionHost,
  only: (leg: Leg) => boolean,
  cancel: Cancel = {},
): Promise<FamilyBefore> {
  if (/^0{40,64}$/.test(revision)) return { revision, keyed: [], failed: [] };
  const repository = await findRepository(family.root, host, cancel);
  if (repository === undefined) {
    throw new FanfoldError(
      'inputs.repository',
      `${family.root} is in no Git repository, so nothing is known of before`,
    );
  }
  const commit = await commitSince(repository, revision, cancel);
  const { family: before, problem } = await familyAt(family, commit, repository, host, cancel);
  if (before === undefined) {
    return { revision, commit, keyed: [], failed: [], ...(problem === undefined ? {} : { problem }) };
  }
  const keys = await keyLegs(before, { tree: 'head', revision: commit.id, ...offline, only }, host, cancel);
  return { revision, commit, keyed: keys.keyed, failed: keys.failed };
}

/** How both sides are keyed where no network is to be asked. */
export const offline = {
  bases: 'as-written',
  open: async () => {
    throw new FanfoldError('host.network', 'no store is opened where bases are left as written');
  },
} as const;

/** The family of a commit; none where it had no configuration, or one with mistakes. */
export async function familyAt(
  { file, root }: Pick<Family, 'file' | 'root'>,
  commit: Commit,
  repository: Repository,
  { files }: Pick<Host, 'files'>,
  cancel: Cancel = {},
): Promise<{ readonly family?: Family; readonly problem?: string }> {
  const tree = await treeAt(repository, commit.id, repository.prefix, cancel);
  const name = posix.normalize(relative(root, resolve(root, file)));
  if (tree.find(name) === undefined) return {};
  const loaded = await loadFamily(file, { files: treeFiles(tree, root, files), cwd: root });
  const mistake = loaded.diagnostics.find(({ severity }) => severity === 'error');
  if (loaded.family !== undefined) return { family: loaded.family };
  return { problem: mistake?.message ?? 'it cannot be read' };
}

async function commitSince(repository: Repository, revision: string, cancel: Cancel): Promise<Commit> {
  try {
    if (!revision.endsWith('...')) return await commitAt(repository, revision, cancel);
    const ref = revision.slice(0, -'...'.length);
    const [head, other] = [await commitAt(repository, 'HEAD', cancel), await commitAt(repository, ref, cancel)];
    const parted = await mergeBase(repository, head.id, other.id, cancel);
    if (parted !== undefined) return await commitAt(repository, parted, cancel);
  } catch (error) {
    if (!isFanfoldError(error) || error.code !== 'git.shallow') throw error;
    throw await tooShallow(repository, revision, error, cancel);
  }
  throw new FanfoldError('git.revision', `HEAD and ${revision.slice(0, -3)} have no commit in common`);
}

async function tooShallow(repository: Repository, revision: string, cause: unknown, cancel: Cancel) {
  const count = await countCommits(repository, cancel);
  const here = count === 1 ? 'the last commit alone' : `the last ${count} commits`;
  const back = Number(/^(?:HEAD|@)~(\d{1,6})$/.exec(revision)?.[1] ?? Number.NaN);
  const needed = Number.isNaN(back) ? '' : `, ${back + 1} are needed`;
  const depth = Number.isNaN(back) ? '0 (all of it)' : String(back + 1);
  return new FanfoldError(
    'plan.shallow',
    `this clone is too shallow to tell what changed since ${revision}: it holds ${here}${needed}`,
    {
      place: { file: repository.root },
      hint: `give actions/checkout \`fetch-depth: ${depth}\`, or run \`git fetch --unshallow\``,
      cause,
    },
  );
}

/** Why nothing of before is known, as a clause. */
export function describeNothingBefore({ commit, problem }: FamilyBefore): string | undefined {
  if (commit === undefined) return 'there was nothing before';
  return problem === undefined ? undefined : `its configuration of then cannot be read: ${messageOf(problem)}`;
}
