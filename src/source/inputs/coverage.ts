/** Which files of a family reach no leg: what nothing takes is either for people, or forgotten. */
import { posix, relative } from 'node:path';
import type { Cancel } from '../../base/host/cancel.ts';
import type { Family, InputRule } from '../project/model.ts';
import { type FamilySource, openSource, type SourceOptions, sourcePath } from './family-source.ts';
import { matchesGlobs } from './globs.ts';
import type { KeyingHost } from './key-legs.ts';
import type { KeyedLeg } from './leg-inputs.ts';
import { createSharedFinder, leavesOf } from './shared.ts';
import { ignoreFilesOf } from './source-folders.ts';

/** What reaches legs, and what does not. Paths are from the family's root, in the order of bytes. */
export interface Coverage {
  /** Files that reach no leg and that no glob of `ignore` matches. */
  readonly unreached: readonly string[];
  /** Files that reach a leg. */
  readonly reached: number;
  /** Files that reach none and that `ignore` matches. */
  readonly ignored: number;
}

/**
 * Compares the family's files with what its legs take: files of contexts, Dockerfiles, ignore files, lock files of `generated`, files of
 * `shared`, and the configuration with the files of `sources`.
 * @throws FanfoldError `inputs.repository`, `git.*`
 */
export async function coverageOf(
  family: Family,
  keyed: readonly KeyedLeg[],
  options: SourceOptions,
  host: KeyingHost,
  cancel: Cancel = {},
): Promise<Coverage> {
  const source = await openSource(family, options, host, cancel);
  const shared = createSharedFinder(family, source);
  const configuration = [posix.normalize(relative(family.root, family.file)), ...(family.sources ?? [])];
  const reached = new Set(configuration.map((path) => sourcePath(source, path)));
  for (const leg of keyed) {
    for (const path of pathsOf(leg, source)) reached.add(path);
    for (const { path } of shared(leg.leg.target)?.entries ?? []) reached.add(sourcePath(source, path));
  }
  return divided(filesOf(source), reached, family.ignore ?? []);
}

interface FamilyFile {
  /** In the source. */
  readonly path: string;
  /** From the family's root. */
  readonly own: string;
}

function divided(files: readonly FamilyFile[], reached: ReadonlySet<string>, ignore: readonly InputRule[]): Coverage {
  const isIgnored = ignore.length === 0 ? () => false : matchesGlobs(ignore);
  const rest = files.filter(({ path }) => !reached.has(path)).map(({ own }) => own);
  const unreached = rest.filter((path) => !isIgnored(path));
  return { unreached, reached: files.length - rest.length, ignored: rest.length - unreached.length };
}

/** What a leg is made of, as paths of the source. */
function pathsOf({ leg: { target }, inputs }: KeyedLeg, source: FamilySource): readonly string[] {
  const folders = [...inputs.folders].flatMap(([name, tree]) => {
    const context = target.contexts[name];
    return context?.kind === 'folder'
      ? [...leavesOf(tree, '')].map(({ path }) => under(context.path, path, source))
      : [];
  });
  return [
    sourcePath(source, target.dockerfile),
    ...ignoreFilesOf(source, target),
    ...[...leavesOf(inputs.context, '')].map(({ path }) => under(target.context, path, source)),
    ...folders,
    ...(inputs.generator === undefined ? [] : [...leavesOf(inputs.generator.locked, '')]).map(({ path }) =>
      sourcePath(source, path),
    ),
  ];
}

function under(folder: string, path: string, source: FamilySource): string {
  return sourcePath(source, folder === '' ? path : `${folder}/${path}`);
}

function filesOf({ tree, root }: FamilySource): readonly FamilyFile[] {
  const outer = root === '' ? 0 : root.length + 1;
  return [...leavesOf(tree, root)].map(({ path }) => ({ path, own: path.slice(outer) }));
}
