/** Members of Cargo's workspaces: `[workspace] members`, and dependencies that have a path. */
import type { Cancel } from '../../../base/host/cancel.ts';
import type { ReadableTree } from '../../dockerfile/tree.ts';
import { attempt, Undecided } from './attempt.ts';
import type { Resolver, TakenPath } from './resolver.ts';
import { objectOf, stringsOf, textAt } from './text-file.ts';
import { parseToml, type TomlTable } from './toml.ts';
import { filesIn, type Member, memberFolders, nearestWith, pathFrom, takeMember } from './workspace.ts';

const common = ['Cargo.toml', 'Cargo.lock', '.cargo', 'rust-toolchain', 'rust-toolchain.toml', 'build.rs', 'vendor'];
/** Cargo reads no workspace in which a member has no target: these make one. */
const targets = ['Cargo.toml', 'src/lib.rs', 'src/main.rs', 'src/bin'];
const dependencyTables = ['dependencies', 'dev-dependencies', 'build-dependencies'];

/** The member, what it depends on by path, every member's manifest and roots, and the workspace's manifest and lock file. */
export const resolveCargo: Resolver = (member, { tree }, cancel) => {
  const work = async (): Promise<readonly TakenPath[]> => {
    const root = await workspaceRoot(member, tree, cancel);
    const manifest = await manifestAt(root, tree, cancel);
    const workspace = objectOf(manifest['workspace']) ?? {};
    const excluded = stringsOf(workspace['exclude']).map((path) => `!${path}`);
    const folders = memberFolders(tree, root, [...stringsOf(workspace['members']), ...excluded], 'Cargo.toml');
    const members = await allMembers(folders, { root, workspace }, tree, cancel);
    return takeMember(member, members, filesIn(tree, root, common));
  };
  return attempt(`inputs by cargo: ${member}`, work, cancel);
};

interface Workspace {
  readonly root: string;
  readonly workspace: TomlTable;
}

/** The members, and the packages outside of the list that they depend on by path. */
async function allMembers(
  folders: readonly string[],
  workspace: Workspace,
  tree: ReadableTree,
  cancel: Cancel,
): Promise<readonly Member[]> {
  const found = new Map<string, Member>();
  const waiting = [...folders];
  for (let folder = waiting.shift(); folder !== undefined; folder = waiting.shift()) {
    if (found.has(folder)) continue;
    const member = memberOf(folder, await manifestAt(folder, tree, cancel), workspace, tree);
    found.set(folder, member);
    waiting.push(...member.dependsOn.filter((path) => path !== ''));
  }
  return [...found.values()];
}

function memberOf(folder: string, manifest: TomlTable, { root, workspace }: Workspace, tree: ReadableTree): Member {
  const inherited = objectOf(workspace['dependencies']) ?? {};
  const dependsOn = dependenciesOf(manifest).flatMap(([name, dependency]) => {
    const own = objectOf(dependency);
    const path = own?.['path'];
    if (typeof path === 'string') return [pathFrom(folder, path) ?? outside(path)];
    const shared = own?.['workspace'] === undefined ? undefined : objectOf(inherited[name])?.['path'];
    return typeof shared === 'string' ? [pathFrom(root, shared) ?? outside(shared)] : [];
  });
  const name = objectOf(manifest['package'])?.['name'];
  const skeleton = filesIn(tree, folder, [...targets, ...writtenTargets(manifest)]);
  return { folder, name: typeof name === 'string' ? name : folder, dependsOn, skeleton };
}

function dependenciesOf(manifest: TomlTable): readonly (readonly [string, unknown])[] {
  const byPlatform = Object.values(objectOf(manifest['target']) ?? {}).flatMap((one): readonly TomlTable[] => [
    objectOf(one) ?? {},
  ]);
  return [manifest, ...byPlatform].flatMap((table: TomlTable) =>
    dependencyTables.flatMap((name) => Object.entries(objectOf(table[name]) ?? {})),
  );
}

function writtenTargets(manifest: TomlTable): readonly string[] {
  const bins = Array.isArray(manifest['bin']) ? manifest['bin'] : [];
  return [manifest['lib'], ...bins].flatMap((one) => {
    const path = objectOf(one)?.['path'];
    return typeof path === 'string' && pathFrom('', path) !== undefined ? [path] : [];
  });
}

async function workspaceRoot(member: string, tree: ReadableTree, cancel: Cancel): Promise<string> {
  const isFolder = tree.find(`${member}/Cargo.toml`) !== undefined;
  for (let at = nearestWith(tree, isFolder ? member : '', 'Cargo.toml'); at !== undefined; ) {
    if ((await manifestAt(at, tree, cancel))['workspace'] !== undefined) return at;
    at =
      at === '' ? undefined : nearestWith(tree, at.includes('/') ? at.slice(0, at.lastIndexOf('/')) : '', 'Cargo.toml');
  }
  throw new Undecided('no Cargo.toml above it has a workspace');
}

async function manifestAt(folder: string, tree: ReadableTree, cancel: Cancel): Promise<TomlTable> {
  const path = folder === '' ? 'Cargo.toml' : `${folder}/Cargo.toml`;
  const text = await textAt(tree, path, cancel);
  if (text === undefined) throw new Undecided(`${path} is not there`);
  return parseToml(text);
}

function outside(path: string): never {
  throw new Undecided(`a dependency is at ${path}, outside of the family`);
}
