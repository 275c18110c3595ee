/** What of a work tree is not as HEAD has it. */
import type { Cancel } from '../../base/host/cancel.ts';
import { records } from './git.ts';
import type { Repository } from './repository.ts';

/** Paths from the top of the work tree. */
export interface WorkChanges {
  /** Files and links that are there and not as committed: changed, staged, untracked or ignored. */
  readonly present: readonly string[];
  /** Folders that are untracked or ignored as a whole; all in them is so. */
  readonly folders: readonly string[];
  /** Committed paths that are not there. */
  readonly missing: readonly string[];
}

/** Everything that differs from HEAD, untracked and ignored files included. */
export async function workChanges(repository: Repository, cancel: Cancel = {}): Promise<WorkChanges> {
  const args = ['--porcelain=v2', '-z', '--untracked-files=all', '--ignored=matching', '--no-renames'];
  const { stdout } = await repository.git.run(['status', ...args, '--ignore-submodules=none'], {}, cancel);
  const changes = { present: [] as string[], folders: [] as string[], missing: [] as string[] };
  for (const record of records(stdout)) note(record, changes);
  return changes;
}

/** Record forms: git-status(1), "Porcelain Format Version 2". */
function note(record: string, changes: { present: string[]; folders: string[]; missing: string[] }): void {
  const kind = record[0];
  if (kind === '?' || kind === '!') {
    noteUntracked(record.slice(2), changes);
  } else if (kind === '1' || kind === 'u') {
    const fields = record.split(' ');
    const path = fields.slice(kind === '1' ? 8 : 10).join(' ');
    const modeOnDisk = fields[kind === '1' ? 5 : 6];
    if (modeOnDisk === '000000') changes.missing.push(path);
    // A submodule whose files or commit are not as recorded: all of it is taken from disk.
    else if (modeOnDisk === '160000') changes.folders.push(path);
    else changes.present.push(path);
  }
}

function noteUntracked(path: string, changes: { present: string[]; folders: string[] }): void {
  if (path.endsWith('/')) changes.folders.push(path.slice(0, -1));
  else changes.present.push(path);
}

/** What stands in the work tree and was never committed: untracked, ignored, or only added to the index. No tracked file is looked at. */
export async function uncommitted(repository: Repository, cancel: Cancel = {}): Promise<WorkChanges> {
  const others = ['ls-files', '--others', '-z', '--directory'];
  const added = ['diff-index', '--cached', '--name-only', '--diff-filter=A', '--no-renames', '-z', 'HEAD', '--'];
  const [untracked, staged] = await Promise.all([
    repository.git.run(others, {}, cancel),
    repository.git.run(added, {}, cancel),
  ]);
  const changes = { present: records(staged.stdout), folders: [] as string[], missing: [] };
  for (const path of records(untracked.stdout)) noteUntracked(path, changes);
  return changes;
}
