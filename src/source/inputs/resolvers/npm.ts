/** Members of npm's (and Yarn's) workspaces: `workspaces` of the root's package.json. */
import { attempt, Undecided } from './attempt.ts';
import { takeNodeMember } from './node-members.ts';
import type { Resolver, TakenPath } from './resolver.ts';
import { objectAt, objectOf, stringsOf } from './text-file.ts';

/** Files of the root that decide what every member is built with. */
const common = [
  'package-lock.json',
  'npm-shrinkwrap.json',
  'yarn.lock',
  '.npmrc',
  '.yarnrc',
  '.yarnrc.yml',
  '.yarn/patches',
  '.yarn/plugins',
  '.yarn/releases',
  'patches',
];

/** The member, the members that it depends on, every member's manifest, and the root's manifest and lock file. */
export const resolveNpm: Resolver = (member, { tree }, cancel) => {
  const work = async (): Promise<readonly TakenPath[]> => {
    for (const root of rootsAbove(member)) {
      const data = await objectAt(tree, root === '' ? 'package.json' : `${root}/package.json`, cancel);
      const workspaces = data?.['workspaces'];
      if (workspaces === undefined) continue;
      const patterns = stringsOf(objectOf(workspaces)?.['packages'] ?? workspaces);
      return await takeNodeMember(member, { root, patterns, common }, tree, cancel);
    }
    throw new Undecided('no package.json above it has workspaces');
  };
  return attempt(`inputs by npm: ${member}`, work, cancel);
};

/** The folders at and above a path, the root last. */
function rootsAbove(path: string): readonly string[] {
  const parts = path === '' ? [] : path.split('/');
  return [...parts.map((_, index) => parts.slice(0, parts.length - index).join('/')), ''];
}
