/**
 * The packages that a Go package is made of, of its own module and those beside it. Import lines are read whatever build constraints say,
 * so the answer is one on every machine and platform; where Go is at hand, `go list -deps` adds what it knows beyond them.
 */
import type { Cancel } from '../../../base/host/cancel.ts';
import { compileGlob, hasWildcard } from '../../dockerfile/glob.ts';
import type { Tree, TreeEntry } from '../../dockerfile/tree.ts';
import { attempt, Undecided } from './attempt.ts';
import { goFacts, includesElsewhere } from './go-imports.ts';
import { goListed } from './go-list.ts';
import { type GoModules, goModules } from './go-modules.ts';
import type { Resolver, ResolverContext, TakenPath } from './resolver.ts';
import { textAt } from './text-file.ts';
import { pathFrom } from './workspace.ts';

/** The files right in each package's folder but tests, what they embed, and the modules' own files. */
export const resolveGo: Resolver = (member, context, cancel) => {
  const work = async (): Promise<readonly TakenPath[]> => {
    if (context.tree.find(member === '' ? 'go.mod' : member) === undefined) throw new Undecided('it is not there');
    const modules = await goModules(member, context.tree, cancel);
    const listed = await goListed(member, context, cancel);
    const packages = await packagesFrom([member, ...listed.folders], modules, context, cancel);
    const embedded = listed.embedded.map((path) => ({ path, reach: 'file' }) as const);
    return [...modules.files, ...packages, ...embedded];
  };
  return attempt(`inputs by go: ${member}`, work, cancel);
};

async function packagesFrom(
  members: readonly string[],
  modules: GoModules,
  context: ResolverContext,
  cancel: Cancel,
): Promise<readonly TakenPath[]> {
  const seen = new Set<string>();
  const taken: TakenPath[] = [];
  const waiting = [...members];
  for (let folder = waiting.shift(); folder !== undefined; folder = waiting.shift()) {
    if (seen.has(folder)) continue;
    seen.add(folder);
    const found = await packageAt(folder, context, cancel);
    taken.push(...found.taken);
    waiting.push(...found.imports.flatMap((path) => modules.folderOf(path) ?? []));
  }
  return taken;
}

async function packageAt(
  folder: string,
  { tree }: ResolverContext,
  cancel: Cancel,
): Promise<{ readonly taken: readonly TakenPath[]; readonly imports: readonly string[] }> {
  const taken: TakenPath[] = [];
  const imports: string[] = [];
  for (const { path, kind } of tree.children(folder)) {
    if (kind === 'folder' || path.endsWith('_test.go')) continue;
    taken.push({ path, reach: 'file' });
    if (!sourceFile.test(path)) continue;
    const text = (await textAt(tree, path, cancel)) ?? '';
    if (!path.endsWith('.go')) {
      if (includesElsewhere(text)) throw new Undecided(`${path} includes files of other folders`);
      continue;
    }
    const facts = goFacts(text);
    if (facts.reachesOut) throw new Undecided(`${path} gives cgo what is in other folders`);
    imports.push(...facts.imports);
    taken.push(...facts.embeds.flatMap((pattern) => embedded(folder, pattern, tree)));
  }
  return { taken, imports };
}

const sourceFile = /\.(?:go|c|h|cc|cpp|cxx|hh|hpp|hxx|m|s|S|sx)$/;

/** What a pattern of `//go:embed` takes (package embed, "Directives"): what it names, or what matches it; a folder with all that is in it. */
function embedded(folder: string, pattern: string, tree: Tree): readonly TakenPath[] {
  const parts = pattern.split('/');
  // An escape is no wildcard, but the name is not what stands there.
  const firstWild = parts.findIndex((part) => hasWildcard(part) || part.includes('\\'));
  const path = pathFrom(folder, firstWild < 0 ? pattern : parts.slice(0, firstWild).join('/'));
  if (path === undefined) throw new Undecided(`an embedded path leads out: ${pattern}`);
  if (firstWild < 0) return [{ path, reach: 'all' }];
  const matches = compileGlob(parts.slice(firstWild).join('/'));
  if (matches === undefined) throw new Undecided(`an embedded pattern is malformed: ${pattern}`);
  const depth = parts.length - firstWild;
  return entriesAt(tree, path, depth)
    .filter(({ path: found }) => matches(found.split('/').slice(-depth).join('/')))
    .map((entry) => ({ path: entry.path, reach: entry.kind === 'folder' ? 'all' : 'file' }));
}

/** What stands so many folders down. */
function entriesAt(tree: Tree, folder: string, depth: number): readonly TreeEntry[] {
  const children = tree.children(folder);
  return depth === 1 ? children : children.flatMap(({ path }) => entriesAt(tree, path, depth - 1));
}
