/** Files: atomic replacement, temporary folders, and paths that stay inside their folder. */
import { randomBytes } from 'node:crypto';
import {
  appendFile,
  chmod,
  type FileHandle,
  lstat,
  lutimes,
  mkdir,
  mkdtemp,
  open,
  readdir,
  rename,
  rm,
  symlink,
  utimes,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { FanfoldError, messageOf } from '../errors/error.ts';

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
  /** Adds to the end of a file, which is made where it is not there. @throws FanfoldError `host.file` */
  append(path: string, text: string): Promise<void>;
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
  append: (path, text) => wrapped(path, appendFile(path, text)),
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
    throw new FanfoldError('host.file', `cannot write ${path}: ${messageOf(error)}`, {
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
