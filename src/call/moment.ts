/** The moment that a call is given: by `--moment`, or by FANFOLD_MOMENT. */
import { resolve } from 'node:path';
import type { Host } from '../base/host/host.ts';
import { type Moment, maxMomentBytes, parseMoment } from '../source/inputs/moment.ts';

/** Holds what `--moment` takes, for all commands of a job. */
export const momentVariable = 'FANFOLD_MOMENT';

/**
 * The moment in `given` (JSON, or a file with it) or else in the environment; undefined where there is none.
 * @throws FanfoldError `usage.invalid`, `host.file`, `host.too-large`
 */
export async function readMoment(
  given: string | undefined,
  { env, files, cwd }: Pick<Host, 'env' | 'files' | 'cwd'>,
): Promise<Moment | undefined> {
  const source = given ?? env[momentVariable] ?? '';
  if (source === '') return undefined;
  const text = source.trimStart().startsWith('{') ? source : await files.readText(resolve(cwd, source), maxMomentBytes);
  return parseMoment(text);
}
