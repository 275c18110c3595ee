/** The folder that relative paths in a target's settings are relative to. */
import { posix } from 'node:path';
import type { Host } from '../base/host/host.ts';
import type { KeyedLeg } from '../source/inputs/leg-inputs.ts';

/** The configuration file's folder where it is known, else the folder that the command was called in: what `--secret=src=./file` is relative to. */
export function familyRoot({ leg }: KeyedLeg, host: Pick<Host, 'cwd'>): string {
  const { file } = leg.target.place;
  return file?.startsWith('/') === true ? posix.dirname(file) : host.cwd;
}
