/** The folders that a leg reads from, with their ignore files. */
import { posix } from 'node:path';
import { FanfoldError } from '../../base/errors/error.ts';
import type { Cancel } from '../../base/host/cancel.ts';
import { optional } from '../../content/oci/descriptor.ts';
import { followLinks } from '../dockerfile/follow.ts';
import { type IgnorePatterns, ignoreFileNames, readIgnore } from '../dockerfile/ignore.ts';
import type { ReadableTree } from '../dockerfile/tree.ts';
import { subtree } from '../git/subtree.ts';
import type { Leg, Target } from '../project/model.ts';
import type { Declarer } from './declared.ts';
import { type FamilySource, sourcePath } from './family-source.ts';
import { pathIn } from './generated-paths.ts';
import type { LegFolders } from './leg-files.ts';
import { fileAt, readDecisiveText } from './read-text.ts';
import type { DeclaredPaths, SourceFolder } from './source-folder.ts';

/** Opens folders of one source, each once. */
export type FolderOpener = (leg: Leg, cancel: Cancel) => Promise<LegFolders>;

/** An opener for one run. */
export function createFolderOpener(source: FamilySource, declare: Declarer): FolderOpener {
  const trees = new Map<string, { readonly tree: ReadableTree; readonly uncommitted?: ReadableTree }>();
  const ignores = new Map<string, Promise<IgnorePatterns>>();
  const treesOf = (path: string) => {
    const made = trees.get(path) ?? {
      tree: subtree(source.tree, path),
      ...optional('uncommitted', source.uncommitted && subtree(source.uncommitted, path)),
    };
    trees.set(path, made);
    return made;
  };
  const open = async (folder: string, target: Target, ignoreFiles: readonly string[], cancel: Cancel) => {
    const path = sourcePath(source, folder);
    const generated = generatedIn(target, source, path);
    assertFolder(path, { written: folder, target, isGenerated: generated.length > 0 }, source);
    const file = ignoreFiles.find((name) => fileAt(source.tree, name) !== undefined);
    const ignore = ignores.get(file ?? '') ?? readIgnoreFile(source, file, cancel);
    ignores.set(file ?? '', ignore);
    return {
      path,
      ...treesOf(path),
      ignore: await ignore,
      identity: JSON.stringify([path, file ?? null]),
      generated,
      isDirty: (inner: string) => source.isDirty(path === '' ? inner : `${path}/${inner}`),
    } satisfies SourceFolder;
  };
  const openAll = async (target: Target, cancel: Cancel): Promise<LegFolders> => {
    const named = new Map<string, SourceFolder>();
    for (const [name, context] of Object.entries(target.contexts)) {
      if (context.kind !== 'folder') continue;
      // A named context has its own ignore file; the one beside the Dockerfile is the main context's.
      named.set(name, await open(context.path, target, [inFolder(source, context.path, '.dockerignore')], cancel));
    }
    const main = await open(target.context, target, ignoreFilesOf(source, target), cancel);
    return {
      main: { ...main, ...optional('declared', await declaredIn(main.path, target, source, declare, cancel)) },
      named,
    };
  };
  const opened = new Map<string, Promise<LegFolders>>();
  return ({ target }, cancel) => {
    const { context, dockerfile, contexts, generated, inputs } = target;
    const identity = JSON.stringify([context, dockerfile, contexts, generated, inputs]);
    const made = opened.get(identity) ?? openAll(target, cancel);
    opened.set(identity, made);
    return made;
  };
}

interface Asked {
  readonly written: string;
  readonly target: Target;
  /** Whether a command brings something into it, or all of it. */
  readonly isGenerated: boolean;
}

/** What is no folder would be an empty one: nothing in it would ever count. */
function assertFolder(path: string, { written, target, isGenerated }: Asked, source: FamilySource): void {
  const kind = path === '' ? 'folder' : source.tree.find(path)?.kind;
  if (kind === 'folder' || kind === 'submodule' || (kind === undefined && isGenerated)) return;
  const { code, problem, hint } = whyNoFolder(path, source);
  throw new FanfoldError(code, `the context of ${target.name}, ${written}, ${problem}`, {
    place: { ...target.place, target: target.name },
    hint,
  });
}

function whyNoFolder(
  path: string,
  source: FamilySource,
): { readonly code: 'inputs.missing' | 'inputs.untracked'; readonly problem: string; readonly hint: string } {
  const real = followLinks(source.tree, path).path ?? path;
  if (real !== path && (real === '' || source.tree.find(real)?.kind === 'folder')) {
    const hint = `write ${posix.relative(source.root, real) || '.'}`;
    return { code: 'inputs.missing', problem: 'leads through a symbolic link', hint };
  }
  if (source.uncommitted?.find(path)?.kind === 'folder') {
    const hint = 'commit what it holds, or key files as they stand on disk with --worktree';
    return { code: 'inputs.untracked', problem: 'is not committed', hint };
  }
  const problem = source.tree.find(path) === undefined ? 'is not there' : 'is no folder';
  return { code: 'inputs.missing', problem, hint: 'name a folder that holds committed files' };
}

/** What a target declares, by paths in its context. */
async function declaredIn(
  folder: string,
  { inputs }: Target,
  source: FamilySource,
  declare: Declarer,
  cancel: Cancel,
): Promise<DeclaredPaths | undefined> {
  if (inputs === undefined) return undefined;
  const { admits, undecided, standIns, notes } = await declare(inputs, cancel);
  const outer = folder === '' ? '' : `${folder}/`;
  const root = source.root === '' ? '' : `${source.root}/`;
  const own = (path: string): string => {
    const whole = `${outer}${path}`;
    return whole.startsWith(root) ? whole.slice(root.length) : posix.relative(source.root, whole);
  };
  return {
    identity: JSON.stringify(inputs),
    admits: (path) => admits(own(path)),
    undecided: [...undecided, ...notes],
    ...optional('standIn', standIns.size === 0 ? undefined : (path: string) => standIns.get(own(path))),
  };
}

/** Where a target's ignore file may stand, the first that is there counts. */
export function ignoreFilesOf(source: FamilySource, target: Target): readonly string[] {
  const names = ignoreFileNames(target.dockerfile);
  return [sourcePath(source, names.besideDockerfile), inFolder(source, target.context, names.inContext)];
}

function inFolder(source: FamilySource, folder: string, name: string): string {
  return sourcePath(source, folder === '' ? name : `${folder}/${name}`);
}

async function readIgnoreFile(source: FamilySource, file: string | undefined, cancel: Cancel): Promise<IgnorePatterns> {
  return file === undefined ? readIgnore('') : readIgnore(await readDecisiveText(source.tree, file, cancel), file);
}

/** What commands bring into a folder, as paths in it. */
function generatedIn(target: Target, source: FamilySource, folder: string): readonly string[] {
  const paths = target.generated.flatMap(({ paths }) => paths.map((path) => sourcePath(source, path)));
  return paths.flatMap((path) => pathIn(path, folder) ?? []);
}
