/** Which paths each commit of a line changed, against its first parent. */
import type { Cancel } from '../../base/host/cancel.ts';
import type { Repository } from './repository.ts';

/** A commit and the paths that differ from its first parent's, those that are new or gone among them. */
export interface CommitPaths {
  readonly commit: string;
  /** From the top of the repository. A file that was renamed is under both names. */
  readonly paths: readonly string[];
}

/**
 * The commits that `until` has and `since` has not, along first parents, oldest first, `limit` of the newest at most.
 * @throws FanfoldError `git.failed`
 */
export async function commitPaths(
  repository: Repository,
  { since, until, limit }: { readonly since: string; readonly until: string; readonly limit: number },
  cancel: Cancel = {},
): Promise<readonly CommitPaths[]> {
  const asked = ['rev-list', '--first-parent', '--parents', `--max-count=${limit}`, '--end-of-options'];
  const listed = await repository.git.run([...asked, until, `^${since}`, '--'], {}, cancel);
  const pairs = listed.stdout
    .toString('utf8')
    .split('\n')
    .flatMap((text) => {
      const [commit, parent] = text.split(' ');
      return commit === undefined || commit === '' || parent === undefined ? [] : [{ commit, parent }];
    })
    .reverse();
  // Each commit with the one parent that it is to be compared with: a merge is told by what it brought.
  const input = pairs.map(({ commit, parent }) => `${commit} ${parent}\n`).join('');
  const shown = ['diff-tree', '--stdin', '-r', '-z', '--no-renames', '--raw', '--no-abbrev', '--always'];
  const { stdout } = await repository.git.run(shown, { input }, cancel);
  return parseDiffs(stdout.toString('utf8'));
}

/** `<commit> NUL`, then for each path `:<modes, ids, status> NUL <path> NUL`. */
function parseDiffs(text: string): readonly CommitPaths[] {
  const found: { readonly commit: string; readonly paths: string[] }[] = [];
  const tokens = text.split('\0');
  for (let place = 0; place < tokens.length; place++) {
    const token = tokens[place] ?? '';
    if (token.startsWith(':')) found.at(-1)?.paths.push(tokens[++place] ?? '');
    else if (token !== '') found.push({ commit: token.trim(), paths: [] });
  }
  return found;
}
