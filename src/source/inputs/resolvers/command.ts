/** Any program that knows: it prints one path to a line, from the family's root; a folder's counts with all in it. */
import { posix } from 'node:path';
import type { Cancel } from '../../../base/host/cancel.ts';
import { attempt, Undecided } from './attempt.ts';
import type { Resolution, ResolverContext, TakenPath } from './resolver.ts';

const maxOutputBytes = 16 * 1024 * 1024;

/** Runs a command in the family's folder on disk. For another revision it is not run, and everything counts. */
export function resolveCommand(run: readonly string[], context: ResolverContext, cancel: Cancel): Promise<Resolution> {
  const work = async (): Promise<readonly TakenPath[]> => {
    const [program = '', ...args] = run;
    if (context.folder === undefined) throw new Undecided('a command cannot be run for another revision');
    const { status, stdout, stderr } = await context.host.exec.run(
      program,
      args,
      { cwd: context.folder, maxOutputBytes },
      cancel,
    );
    if (status !== 0) throw new Undecided(`it ended with status ${status}: ${stderr.trim().slice(-500)}`);
    const lines = Buffer.from(stdout).toString('utf8').split('\n');
    return lines.flatMap((line) => takenLine(line.trim(), context));
  };
  return attempt(`inputs by ${run.join(' ')}`, work, cancel);
}

function takenLine(line: string, { tree }: ResolverContext): readonly TakenPath[] {
  if (line === '') return [];
  const path = posix.normalize(line).replace(/\/$/, '');
  if (path.startsWith('..') || posix.isAbsolute(path)) throw new Undecided(`it printed ${line}, which is outside`);
  if (path === '.') return [{ path: '', reach: 'all' }];
  return [{ path, reach: tree.find(path)?.kind === 'folder' ? 'all' : 'file' }];
}
