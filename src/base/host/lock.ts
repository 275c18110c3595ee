/** A lock between processes: a file that names its owner, taken over once the owner has ended. */
import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FanfoldError, messageOf } from '../errors/error.ts';
import type { Cancel } from './cancel.ts';
import { systemClock } from './clock.ts';
import { systemFiles } from './files.ts';

/** A lock on `path` that ends with its owner, or when disposed of. */
export interface Lock extends AsyncDisposable {
  readonly path: string;
}

/**
 * Waits for the lock file at `path`, at most `waitMs`; a lock whose process has ended is taken over.
 * @throws FanfoldError `host.locked` where another live process holds it for longer
 */
export async function lockFile(path: string, waitMs: number, cancel: Cancel = {}): Promise<Lock> {
  await mkdir(dirname(path), { recursive: true });
  const until = systemClock.monotonicMs() + waitMs;
  for (;;) {
    if (await takeLock(path)) return { path, [Symbol.asyncDispose]: () => rm(path, { force: true }) };
    await removeStale(path);
    if (systemClock.monotonicMs() >= until) {
      throw new FanfoldError('host.locked', `${path} is held by another process`, {
        place: { file: path },
        hint: 'wait for the other run, or remove the file if none is running',
      });
    }
    await systemClock.sleep(20, cancel);
  }
}

async function takeLock(path: string): Promise<boolean> {
  try {
    const handle = await open(path, 'wx', 0o644);
    try {
      await handle.writeFile(JSON.stringify({ pid: process.pid, boot: await bootId() }));
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw new FanfoldError('host.file', `cannot lock ${path}: ${messageOf(error)}`, { cause: error });
  }
}

/** Moves a dead owner's lock aside under a name made of what was read, so that two cannot both remove a third's. */
async function removeStale(path: string): Promise<void> {
  const text = await systemFiles.readText(path, 4096).catch(() => '');
  const ageMs = await stat(path).then(
    (found) => systemClock.now() - found.mtimeMs,
    () => 0,
  );
  const owner = parseOwner(text);
  const halfWritten = owner === undefined && ageMs > 10_000;
  const dead = owner !== undefined && (owner.boot !== (await bootId()) || !isAlive(owner.pid));
  if (!halfWritten && !dead) return;
  const aside = `${path}.${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
  await rename(path, aside).catch(() => undefined);
  await rm(aside, { force: true });
}

function parseOwner(text: string): { pid: number; boot: string } | undefined {
  try {
    const owner: unknown = JSON.parse(text);
    if (typeof owner !== 'object' || owner === null || !('pid' in owner) || !('boot' in owner)) return undefined;
    return typeof owner.pid === 'number' && typeof owner.boot === 'string'
      ? { pid: owner.pid, boot: owner.boot }
      : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

async function bootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')).trim();
}
