/** Files: atomic replacement, a lock, temporary folders, and paths that stay inside their folder. */
import { createHash, randomBytes } from 'node:crypto';
import {
  chmod,
  type FileHandle,
  lstat,
  lutimes,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  utimes,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { FanfoldError, messageOf } from '../errors/error.ts';
import type { Cancel } from './cancel.ts';
import { systemClock } from './clock.ts';

/** What reads and writes whole small files, for those who may not import node:fs. */
export interface Files {
  /** @throws FanfoldError `host.file` where it is not there, `host.too-large` past `maxBytes` */
  readBytes(path: string, maxBytes: number): Promise<Uint8Array>;
  readText(path: string, maxBytes: number): Promise<string>;
  /** What stands at `path`, links not followed; undefined where nothing does. */
  kindOf(path: string): Promise<'file' | 'folder' | 'link' | 'other' | undefined>;
  /** Names in a folder, sorted by code unit; empty where it is not there. */
  list(folder: string): Promise<readonly string[]>;
  /** Replaces `path` as a whole, or not at all; makes its folder. */
  replace(path: string, bytes: Uint8Array | string): Promise<void>;
  /** A new empty folder that is removed with all in it when disposed of. */
  temporaryFolder(name: string): Promise<TemporaryFolder>;
  /** A new file, its mode exact whatever the umask. @throws FanfoldError `host.file` where something stands there already */
  create(path: string, bytes: AsyncIterable<Uint8Array>, made: Made): Promise<void>;
  /** A new link with this target, as written. @throws FanfoldError `host.file` */
  link(path: string, target: string, made: Pick<Made, 'timeSeconds'>): Promise<void>;
  /** Makes a folder and those above it; one that is there is left as it is. @throws FanfoldError `host.file` */
  makeFolder(path: string): Promise<void>;
  /** Sets a folder's mode, and its time: after all in it is made, for that changes the time. @throws FanfoldError `host.file` */
  finishFolder(path: string, made: Made): Promise<void>;
}

/** How something that is made on disk is to look. */
export interface Made {
  /** Permission bits, as in 0o644. */
  readonly mode: number;
  /** Time of change and of access, in seconds since 1970. */
  readonly timeSeconds: number;
}

/** A folder that ends with its owner. */
export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
}

/** The machine's file system. */
export const systemFiles: Files = {
  readBytes,
  readText: async (path, maxBytes) => Buffer.from(await readBytes(path, maxBytes)).toString('utf8'),
  async kindOf(path) {
    const found = await lstat(path).catch(() => undefined);
    if (found === undefined) return undefined;
    if (found.isFile()) return 'file';
    if (found.isDirectory()) return 'folder';
    return found.isSymbolicLink() ? 'link' : 'other';
  },
  list: async (folder) => (await readdir(folder).catch(() => [])).sort(),
  replace: replaceFile,
  temporaryFolder,
  create: (path, bytes, made) => wrapped(path, createFile(path, bytes, made)),
  link: (path, target, { timeSeconds }) =>
    wrapped(
      path,
      symlink(target, path).then(() => lutimes(path, timeSeconds, timeSeconds)),
    ),
  makeFolder: (path) =>
    wrapped(
      path,
      mkdir(path, { recursive: true }).then(() => undefined),
    ),
  finishFolder: (path, { mode, timeSeconds }) =>
    wrapped(
      path,
      chmod(path, mode).then(() => utimes(path, timeSeconds, timeSeconds)),
    ),
};

/** Exclusive, so that nothing is written through a link. */
async function createFile(path: string, bytes: AsyncIterable<Uint8Array>, { mode, timeSeconds }: Made): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    for await (const chunk of bytes) await writeAll(handle, chunk);
    await handle.chmod(mode);
    await handle.utimes(timeSeconds, timeSeconds);
  } finally {
    await handle.close();
  }
}

async function writeAll(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length; ) at += (await handle.write(chunk, at)).bytesWritten;
}

async function wrapped(path: string, work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (error instanceof FanfoldError) throw error;
    throw new FanfoldError('host.file', `cannot make ${path}: ${messageOf(error)}`, {
      place: { file: path },
      cause: error,
    });
  }
}

async function readBytes(path: string, maxBytes: number): Promise<Uint8Array> {
  try {
    await using file = await openDisposable(path);
    const { size } = await file.handle.stat();
    if (size > maxBytes) {
      throw new FanfoldError('host.too-large', `${path} has ${size} bytes; at most ${maxBytes} are read`, {
        place: { file: path },
      });
    }
    const bytes = await file.handle.readFile();
    return bytes;
  } catch (error) {
    if (error instanceof FanfoldError) throw error;
    throw new FanfoldError('host.file', `cannot read ${path}: ${messageOf(error)}`, {
      place: { file: path },
      cause: error,
    });
  }
}

async function openDisposable(path: string): Promise<{ handle: FileHandle } & AsyncDisposable> {
  const handle = await open(path, 'r');
  return { handle, [Symbol.asyncDispose]: () => handle.close() };
}

/** Replaces `path` as a whole: a file beside it is written, synced and renamed, then the folder synced. */
export async function replaceFile(path: string, bytes: Uint8Array | string): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const beside = join(folder, `.${randomBytes(8).toString('hex')}.tmp`);
  try {
    const handle = await open(beside, 'wx', 0o644);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(beside, path);
    await syncFolder(folder);
  } catch (error) {
    await rm(beside, { force: true });
    throw new FanfoldError('host.file', `cannot write ${path}: ${messageOf(error)}`, {
      place: { file: path },
      cause: error,
    });
  }
}

/** Makes renames in a folder last, where the file system offers it. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } catch {
    // Some file systems do not sync folders; the rename itself is still atomic.
  } finally {
    await handle.close();
  }
}

/** A new folder under the system's temporary folder, removed when disposed of. */
export async function temporaryFolder(name: string): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), `fanfold-${name.replace(/[^a-z0-9-]/gi, '-').slice(0, 40)}-`));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/**
 * The absolute path of `path` inside `folder`.
 * @throws FanfoldError `host.outside` where it leads out of it
 */
export function insidePath(folder: string, path: string): string {
  const whole = resolve(folder, path);
  const way = relative(resolve(folder), whole);
  if (way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way)) {
    throw new FanfoldError('host.outside', `${path} leads out of ${folder}`, { place: { file: path } });
  }
  return whole;
}

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
