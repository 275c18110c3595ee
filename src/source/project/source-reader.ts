/** Where the files of `sources` come from: this machine, or (for whoever brings another reader) a commit. */
import { join } from 'node:path';
import { FanfoldError } from '../../base/errors/error.ts';
import type { Cancel } from '../../base/host/cancel.ts';
import type { Host } from '../../base/host/host.ts';

/** Reads what `sources` names. Paths are plain, and relative to the family's folder. */
export interface SourceReader {
  /** @throws FanfoldError where it cannot be read */
  readText(path: string, cancel: Cancel): Promise<string>;
  /** What `docker buildx bake --print` prints of a Bake file. @throws FanfoldError where it cannot be run or fails */
  printBake(path: string, cancel: Cancel): Promise<string>;
}

const maxBytes = 8 * 1024 * 1024;

/** Reads from this machine, `root` being the family's folder. */
export function hostSourceReader(
  root: string,
  { files, exec }: Pick<Host, 'files'> & Partial<Pick<Host, 'exec'>>,
): SourceReader {
  return {
    readText: (path) => files.readText(join(root, path), maxBytes),
    printBake: async (path, cancel) => {
      const hint = 'save what docker buildx bake --print prints, and name that file (it ends in .json)';
      if (exec === undefined) throw new FanfoldError('host.program', 'no program can be run here', { hint });
      // Relative: Bake's paths are, and what it prints is then the same on every machine.
      const args = ['buildx', 'bake', '--file', path, '--print'];
      const { status, stdout, stderr } = await exec.run(
        'docker',
        args,
        { cwd: root, maxOutputBytes: maxBytes },
        cancel,
      );
      if (status === 0) return Buffer.from(stdout).toString('utf8');
      const said =
        stderr
          .trim()
          .split('\n')
          .findLast((line) => /error/i.test(line)) ?? stderr.trim().split('\n').at(-1);
      const message = `docker buildx bake --print failed: ${(said ?? '').slice(0, 500)}`;
      throw new FanfoldError('config.invalid', message, { hint: `try it: docker buildx bake --file ${path} --print` });
    },
  };
}
