/** What decides what a command brings: its lock files, as a key has them. */
import { posix } from 'node:path';
import { FanfoldError } from '../../base/errors/error.ts';
import type { Json } from '../../content/oci/json.ts';
import type { TreeEntry } from '../dockerfile/tree.ts';
import { compareBytes } from '../git/subtree.ts';
import type { Target } from '../project/model.ts';
import { modeOf } from './entry-mode.ts';
import { type FamilySource, sourcePath } from './family-source.ts';
import { pathIn } from './generated-paths.ts';

/** A target's `generated`, keyed. */
export interface KeyedGenerated {
  /** For the key's document, in the order of the configuration. */
  readonly documents: readonly Json[];
  /** The lock files, and the files that the commands' arguments name. */
  readonly entries: readonly TreeEntry[];
}

/**
 * Keys the commands that bring files, and what decides what they bring: their lock files (a folder counts with all in it), and the
 * files that their arguments name.
 * @throws FanfoldError `inputs.missing`, `inputs.untracked` where a lock file is not there, or not committed; `inputs.outside`
 */
export function keyGenerated(target: Target, source: FamilySource): KeyedGenerated {
  const context = sourcePath(source, target.context);
  const keyed = target.generated.map(({ paths, run, lock }) => {
    for (const path of paths) assertInContext(path, context, target, source);
    const locks = [...lock.flatMap((path) => lockEntries(path, target, source)), ...argumentFiles(run, source)];
    const entries = [...new Map(locks.map((entry) => [entry.path, entry])).values()];
    entries.sort((a, b) => compareBytes(a.path, b.path));
    const files = entries.map((entry) => [placeIn(entry.path, source), modeOf(entry), entry.id]);
    // The command sees the target's name (FANFOLD_TARGET); else it is no part of a key.
    return { entries, document: { target: target.name, paths, run, lock: files } };
  });
  return { documents: keyed.map(({ document }) => document), entries: keyed.flatMap(({ entries }) => entries) };
}

function assertInContext(path: string, context: string, target: Target, source: FamilySource): void {
  if (pathIn(sourcePath(source, path), context) !== undefined) return;
  throw new FanfoldError('inputs.outside', `${path}, which ${target.name} generates, is not in its context`, {
    place: { ...target.place, target: target.name },
    hint: 'let the command bring it into the context, or make the context larger',
  });
}

/** Scripts and the like: arguments that are paths of files of the source. */
function argumentFiles(run: readonly string[], source: FamilySource): readonly TreeEntry[] {
  return run.flatMap((argument) => {
    if (argument.startsWith('-') || posix.isAbsolute(argument)) return [];
    const path = posix.normalize(posix.join(source.root, argument));
    const entry = path.startsWith('../') ? undefined : source.tree.find(path);
    return entry?.kind === 'file' ? [entry] : [];
  });
}

/** The files and links at a path of the configuration, or in the folder there. */
function lockEntries(path: string, target: Target, source: FamilySource): readonly TreeEntry[] {
  const whole = sourcePath(source, path);
  const entry = source.tree.find(whole);
  if (entry !== undefined) return leaves(entry, source);
  const isThere = source.uncommitted?.find(whole) !== undefined;
  throw new FanfoldError(
    isThere ? 'inputs.untracked' : 'inputs.missing',
    `${path}, which decides what ${target.name} generates, is not ${isThere ? 'committed' : 'there'}`,
    {
      place: { ...target.place, target: target.name },
      hint: isThere ? 'commit it, or key files as they stand on disk with --worktree' : 'correct `generated: lock`',
    },
  );
}

/** From the family's root: where that stands in its repository decides nothing. */
function placeIn(path: string, source: FamilySource): string {
  return posix.relative(source.root, path);
}

function leaves(entry: TreeEntry, source: FamilySource): readonly TreeEntry[] {
  if (entry.kind !== 'folder') return [entry];
  return source.tree.children(entry.path).flatMap((child) => leaves(child, source));
}
