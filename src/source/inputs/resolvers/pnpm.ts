/** Members of pnpm's workspaces: `packages` of pnpm-workspace.yaml. */
import { parse } from 'yaml';
import { attempt, Undecided } from './attempt.ts';
import { takeNodeMember } from './node-members.ts';
import type { Resolver, TakenPath } from './resolver.ts';
import { objectOf, stringsOf, textAt } from './text-file.ts';
import { nearestWith } from './workspace.ts';

const file = 'pnpm-workspace.yaml';
/** Files of the root that decide what every member is built with. */
const common = [file, 'pnpm-lock.yaml', '.npmrc', '.pnpmfile.cjs', '.pnpmfile.mjs', 'patches'];

/** The member, the members that it depends on, every member's manifest, and the root's manifest and lock file. */
export const resolvePnpm: Resolver = (member, { tree }, cancel) => {
  const work = async (): Promise<readonly TakenPath[]> => {
    const root = nearestWith(tree, member, file);
    const text = root === undefined ? undefined : await textAt(tree, root === '' ? file : `${root}/${file}`, cancel);
    if (root === undefined || text === undefined) throw new Undecided(`there is no ${file} above it`);
    const patterns = stringsOf(objectOf(parsed(text))?.['packages']);
    return await takeNodeMember(member, { root, patterns, common }, tree, cancel);
  };
  return attempt(`inputs by pnpm: ${member}`, work, cancel);
};

function parsed(text: string): unknown {
  try {
    return parse(text, { maxAliasCount: 100 });
  } catch {
    throw new Undecided(`${file} cannot be read`);
  }
}
