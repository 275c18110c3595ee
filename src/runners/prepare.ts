/** Room on a hosted runner's disk: preinstalled folders are removed, as few as are needed, from a fixed list and from nowhere else. */
import { posix } from 'node:path';
import { FanfoldError } from '../base/errors/error.ts';
import type { Cancel } from '../base/host/cancel.ts';
import type { Host } from '../base/host/host.ts';
import type { PreinstalledName } from '../source/project/github-setting.ts';
import { chooseRemovals, type Preinstalled, preinstalled } from './preinstalled.ts';

/** What is to be prepared. */
export interface PrepareRequest {
  /** The machine's root: `/`. */
  readonly root: string;
  /** A folder on the disk that must have the room. */
  readonly folder: string;
  /** How much must be free; all that can be removed is, where absent. */
  readonly needBytes?: number;
  /** What stays, whatever is needed. */
  readonly keep?: readonly PreinstalledName[];
  /** Say what would be removed, and remove nothing. */
  readonly dryRun?: boolean;
}

/** A folder that was removed, or would be. */
export interface Removal {
  readonly name: PreinstalledName;
  /** Absolute. */
  readonly path: string;
  /** About how much it holds. */
  readonly sizeBytes: number;
  /** Absent where nothing was done. */
  readonly durationMs?: number;
}

/** What was done. */
export interface Preparation {
  readonly freeBeforeBytes: number;
  /** What is free now; with `dryRun`, about what would be. */
  readonly freeBytes: number;
  readonly removals: readonly Removal[];
  readonly durationMs: number;
}

type PrepareHost = Pick<Host, 'clock' | 'disk' | 'exec' | 'files' | 'env'>;

/** Removed side by side: waiting for a disk that is far away is most of the time. */
const atOnce = 4;

/**
 * Makes room. Links are not followed: neither on the way to a folder (it is then left) nor in it, and what is mounted below it stays.
 * @throws FanfoldError `host.file` where the disk cannot be asked; `host.program` where the user may not remove them
 */
export async function prepareDisk(
  request: PrepareRequest,
  host: PrepareHost,
  cancel: Cancel = {},
): Promise<Preparation> {
  const started = host.clock.monotonicMs();
  const { needBytes = Number.POSITIVE_INFINITY, keep = [], dryRun = false } = request;
  const freeBeforeBytes = await freeOn(request.folder, host);
  let present = await presentFolders(request, keep, host);
  let freeBytes = freeBeforeBytes;
  const removals: Removal[] = [];
  while (freeBytes < needBytes && present.length > 0) {
    // What is expected of them is not what they give: what is still missing then takes more.
    const chosen = chooseRemovals(present, needBytes - freeBytes);
    present = present.filter((one) => !chosen.includes(one));
    removals.push(
      ...(dryRun ? chosen.map((one) => removalOf(one, request)) : await removeAll(chosen, request, host, cancel)),
    );
    freeBytes = dryRun
      ? freeBytes + chosen.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
      : await freeOn(request.folder, host);
  }
  return { freeBeforeBytes, freeBytes, removals, durationMs: host.clock.monotonicMs() - started };
}

async function freeOn(folder: string, { disk }: PrepareHost): Promise<number> {
  const space = await disk.space(folder);
  if (space !== undefined) return space.freeBytes;
  throw new FanfoldError('host.file', `the disk of ${folder} cannot be asked for its room`, {
    place: { file: folder },
  });
}

/** Those that are there, on the disk in question, with no link on the way. */
async function presentFolders(
  { root, folder }: PrepareRequest,
  keep: readonly PreinstalledName[],
  host: PrepareHost,
): Promise<readonly Preinstalled[]> {
  const device = (await host.disk.space(folder))?.device;
  const found: Preinstalled[] = [];
  for (const one of preinstalled) {
    if (keep.includes(one.name) || !(await isPlainFolder(root, one.path, host))) continue;
    if ((await host.disk.space(posix.join(root, one.path)))?.device === device) found.push(one);
  }
  return found;
}

async function isPlainFolder(root: string, path: string, { files }: PrepareHost): Promise<boolean> {
  let way = root;
  for (const part of path.split('/')) {
    way = posix.join(way, part);
    if ((await files.kindOf(way)) !== 'folder') return false;
  }
  return true;
}

function removalOf({ name, path, sizeBytes }: Preinstalled, { root }: PrepareRequest): Removal {
  return { name, path: posix.join(root, path), sizeBytes };
}

async function removeAll(
  chosen: readonly Preinstalled[],
  request: PrepareRequest,
  host: PrepareHost,
  cancel: Cancel,
): Promise<readonly Removal[]> {
  const isRoot = (await run('id', ['-u'], host, cancel)).stdout.trim() === '0';
  const removals: Removal[] = [];
  const waiting = [...chosen];
  const work = async (): Promise<void> => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
      const removal = removalOf(one, request);
      const started = host.clock.monotonicMs();
      await remove(removal.path, isRoot, host, cancel);
      removals.push({ ...removal, durationMs: host.clock.monotonicMs() - started });
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, chosen.length) }, work));
  return removals;
}

async function remove(path: string, isRoot: boolean, host: PrepareHost, cancel: Cancel): Promise<void> {
  const args = ['-rf', '--one-file-system', '--', path];
  const { status, stderr } = isRoot
    ? await run('rm', args, host, cancel)
    : await run('sudo', ['-n', '--', 'rm', ...args], host, cancel);
  if (status === 0) return;
  throw new FanfoldError('host.program', `${path} cannot be removed: ${stderr.trim().slice(-500)}`, {
    place: { file: path },
    hint: isRoot ? 'see what holds it' : 'run as root, or let this user call sudo without a password',
  });
}

/** With nothing of the job's environment but where programs are. */
async function run(program: string, args: readonly string[], { exec, env }: PrepareHost, cancel: Cancel) {
  const { status, stdout, stderr } = await exec.run(
    program,
    args,
    { env: { PATH: env['PATH'] ?? '', LC_ALL: 'C' } },
    cancel,
  );
  return { status, stdout: Buffer.from(stdout).toString('utf8'), stderr };
}
