/** What a CI service's file should hold, beside the one that is committed. */
import { join, posix } from 'node:path';
import type { Cancel } from '../base/host/cancel.ts';
import type { Host } from '../base/host/host.ts';
import { unifiedDiff } from '../report/unified-diff.ts';
import { findRepository } from '../source/git/repository.ts';
import type { Family } from '../source/project/model.ts';

/** A file of a CI service, from the repository's top. */
export interface CiFile {
  readonly path: string;
  readonly text: string;
}

/** Such a file with where it belongs, and how it differs from what stands there. */
export interface ComparedFile extends CiFile {
  /** Absolute. */
  readonly file: string;
  /** From what stands there to what fanfold.yaml asks for, as `diff -u` prints it; absent where they are one. */
  readonly drift?: string;
}

/** GitHub takes no larger workflow (500 KB); no pipeline is larger either. */
const maxFileBytes = 500_000;

/** Where a family stands in its repository; without one, its folder is the top. */
export async function standingOf(
  { root, file }: Pick<Family, 'root' | 'file'>,
  host: Pick<Host, 'exec' | 'env'>,
  cancel: Cancel,
): Promise<{ readonly top: string; readonly file: string }> {
  const repository = await findRepository(root, host, cancel);
  return { top: repository?.root ?? root, file: posix.join(repository?.prefix ?? '', posix.basename(file)) };
}

/** Reads what is committed beside `made`; nothing is written. @throws FanfoldError `host.file`, `host.too-large` */
export async function compareFile(made: CiFile, top: string, { files }: Pick<Host, 'files'>): Promise<ComparedFile> {
  const file = join(top, made.path);
  const isThere = (await files.kindOf(file)) !== undefined;
  const committed = isThere ? await files.readText(file, maxFileBytes) : '';
  const drift = unifiedDiff(
    { name: isThere ? `a/${made.path}` : '/dev/null', text: committed },
    { name: `b/${made.path}`, text: made.text },
  );
  return { ...made, file, ...(drift === undefined ? {} : { drift }) };
}
