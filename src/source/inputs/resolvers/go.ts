/**
 * The packages that a Go package is made of, of its own module and those beside it. Import lines are read whatever build constraints say,
 * so the answer is one on every machine and platform; where Go is at hand, `go list -deps` adds what it knows beyond them.
 */
import { posix } from 'node:path';
import type { Cancel } from '../../../base/host/cancel.ts';
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
    taken.push(...facts.embeds.map((pattern) => embedded(folder, pattern)));
  }
  return { taken, imports };
}

const sourceFile = /\.(?:go|c|h|cc|cpp|cxx|hh|hpp|hxx|m|s|S|sx)$/;

/** What a pattern of `//go:embed` may take: the folder that it names, or all below what stands before its first special character. */
function embedded(folder: string, pattern: string): TakenPath {
  const special = pattern.search(/[*?[\\]/);
  const plain = special < 0 ? pattern : posix.dirname(`${pattern.slice(0, special)}x`);
  const path = pathFrom(folder, plain);
  if (path === undefined) throw new Undecided(`an embedded path leads out: ${pattern}`);
  return { path, reach: 'all' };
}
