/** Members of workspaces of JavaScript packages, by their manifests (package.json). */
import type { Cancel } from '../../../base/host/cancel.ts';
import type { ReadableTree } from '../../dockerfile/tree.ts';
import { Undecided } from './attempt.ts';
import type { TakenPath } from './resolver.ts';
import { objectAt, objectOf } from './text-file.ts';
import { filesIn, type Member, memberFolders, pathFrom, takeMember } from './workspace.ts';

const dependencyFields = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];

/** What a member of a workspace takes. `common` are files of the workspace's root that count for all. */
export async function takeNodeMember(
  wanted: string,
  workspace: { readonly root: string; readonly patterns: readonly string[]; readonly common: readonly string[] },
  tree: ReadableTree,
  cancel: Cancel,
): Promise<readonly TakenPath[]> {
  const { root, patterns, common } = workspace;
  const folders = memberFolders(tree, root, patterns, 'package.json');
  const manifests = await Promise.all(folders.map((folder) => manifestOf(folder, tree, cancel)));
  const byName = new Map(manifests.map(({ name, folder }) => [name, folder]));
  const members = manifests.map(({ folder, name, dependencies }): Member => {
    const dependsOn = dependencies.flatMap((one) => byName.get(one.name) ?? folderOf(one.range, folder) ?? []);
    return { folder, name, dependsOn, skeleton: filesIn(tree, folder, ['package.json']) };
  });
  return takeMember(wanted, members, filesIn(tree, root, ['package.json', ...common]));
}

interface Manifest {
  readonly folder: string;
  readonly name: string;
  readonly dependencies: readonly { readonly name: string; readonly range: string }[];
}

async function manifestOf(folder: string, tree: ReadableTree, cancel: Cancel): Promise<Manifest> {
  const data = await objectAt(tree, `${folder}/package.json`, cancel);
  if (data === undefined) throw new Undecided(`${folder}/package.json cannot be read`);
  const dependencies = dependencyFields.flatMap((field) =>
    Object.entries(objectOf(data[field]) ?? {}).map(([name, range]) => aliased(name, String(range))),
  );
  const name = data['name'];
  return { folder, name: typeof name === 'string' ? name : folder, dependencies };
}

/** `workspace:other@*` and `npm:other@1` give a package another name. */
function aliased(name: string, range: string): { readonly name: string; readonly range: string } {
  const other = /^(?:workspace|npm):((?:@[^/@]+\/)?[^/@*^~]+)@/.exec(range)?.[1];
  return { name: other ?? name, range };
}

/** `file:`, `link:`, `portal:` and `workspace:` with a path name a folder. */
function folderOf(range: string, from: string): string | undefined {
  const path = /^(?:file|link|portal|workspace):(\.{1,2}\/.*)$/.exec(range)?.[1];
  return path === undefined ? undefined : pathFrom(from, path);
}
