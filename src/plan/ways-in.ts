/** The ways in which files come into a leg: each instruction, rule or file that makes some count, with what it makes count. */
import type { Place } from '../base/errors/error.ts';
import { ignoreFileNames } from '../source/dockerfile/ignore.ts';
import type { TreeEntry } from '../source/dockerfile/tree.ts';
import type { KeyedLeg, Taking } from '../source/inputs/leg-inputs.ts';
import { leavesOf } from '../source/inputs/shared.ts';
import { reachedText } from './explain.ts';

/** How a file counts. */
export type HowIn = 'dockerfile' | 'ignore file' | 'generated' | 'shared' | 'files' | 'everything';

/** One way into a leg. */
export interface WayIn {
  readonly how: HowIn;
  /** The instruction or rule that takes it. */
  readonly by: string;
  readonly place?: Place;
  /** Paths from the top of the repository. */
  readonly paths: readonly string[];
  /** Whether a folder stands for the paths in it. */
  readonly byFolder: boolean;
}

/** All ways into a leg; `own` makes a path from the family's root one from the top of the repository. */
export function waysInto(keyed: KeyedLeg, own: (inner: string) => string): readonly WayIn[] {
  const { leg, inputs } = keyed;
  const { target } = leg;
  const origins = inputs.origins?.();
  const dockerfile = inputs.dockerfile.path;
  const ignoreFiles = ignoreFileNames(target.dockerfile);
  const inContext = target.context === '' ? ignoreFiles.inContext : `${target.context}/${ignoreFiles.inContext}`;
  const ways: WayIn[] = [];
  if (origins !== undefined) {
    const line = origins.stages[0]?.place.line;
    const place = { file: dockerfile, ...(line === undefined ? {} : { line }) };
    ways.push({
      how: 'dockerfile',
      by: reachedText(origins.stages),
      place,
      paths: [own(dockerfile)],
      byFolder: false,
    });
  }
  ways.push({
    how: 'ignore file',
    by: 'decides what its context holds',
    paths: [own(ignoreFiles.besideDockerfile), own(inContext)],
    byFolder: false,
  });
  if (inputs.generator !== undefined) {
    const paths = [...leavesOf(inputs.generator.locked, '')].map(({ path }) => own(path));
    ways.push({ how: 'generated', by: 'decides what a command brings', paths, byFolder: true });
  }
  if (inputs.shared !== undefined) {
    ways.push({
      how: 'shared',
      by: 'a rule of shared',
      paths: inputs.shared.entries.map(({ path }) => own(path)),
      byFolder: true,
    });
  }
  for (const taking of origins?.takings ?? []) {
    const place = taking.line === undefined ? {} : { place: { file: dockerfile, line: taking.line } };
    const how = taking.by === 'undecided' ? 'everything' : 'files';
    ways.push({ how, by: taking.text, ...place, paths: pathsOf(taking), byFolder: true });
  }
  if (origins === undefined) {
    const folder = own(target.context).replace(/\/$/, '');
    const entries = [...leavesOf(inputs.context, '')];
    ways.push({ how: 'everything', by: 'a command builds it', paths: below(folder, entries), byFolder: true });
  }
  return ways;
}

/** Legs that take the same share one list of entries: its paths are made once. */
const known = new WeakMap<readonly TreeEntry[], Map<string, readonly string[]>>();

function pathsOf({ folder, entries: taken }: Taking): readonly string[] {
  const entries = taken();
  const byFolder = known.get(entries) ?? new Map<string, readonly string[]>();
  known.set(entries, byFolder);
  const paths = byFolder.get(folder) ?? below(folder, entries);
  byFolder.set(folder, paths);
  return paths;
}

function below(folder: string, entries: readonly TreeEntry[]): readonly string[] {
  return entries
    .filter(({ kind }) => kind !== 'folder')
    .map(({ path }) => (folder === '' ? path : `${folder}/${path}`));
}
