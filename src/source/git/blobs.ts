/** Reads blobs from Git's objects: long-lived `git cat-file --batch` children, each serving one reader at a time. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { FanfoldError, messageOf } from '../../base/errors/error.ts';
import type { Cancel } from '../../base/host/cancel.ts';
import { createPool, type Pool as Places } from '../../content/store/pool.ts';
import { type Git, gitArguments } from './git.ts';

/** What reads blobs by id. */
export interface Blobs {
  /** @throws FanfoldError `git.object` where it is not there, or ends early */
  read(id: string, cancel?: Cancel): AsyncIterable<Uint8Array>;
  /** Whole, at most `maxBytes`. @throws FanfoldError `host.too-large` */
  readWhole(id: string, maxBytes: number, cancel?: Cancel): Promise<Buffer>;
  sizeBytes(id: string, cancel?: Cancel): Promise<number>;
}

/** Children that wait for the next reader, and that are asked at once. */
const maxIdle = 4;
/** Blobs that one child is asked for before there are more: who reads a few Dockerfiles need not wait for the others to start. */
const fewBlobs = 32;
/** A blob up to this size is read whole. */
const smallBytes = 256 * 1024;

/** Blobs of a repository. Idle children do not keep the process alive, and end with it. */
export function openBlobs(git: Git): Blobs {
  const batch = pool(git, '--batch');
  const check = pool(git, '--batch-check');
  return {
    read: (id, cancel = {}) => readBlob(batch, id, cancel),
    async readWhole(id, maxBytes, cancel = {}) {
      const chunks: Uint8Array[] = [];
      let size = 0;
      for await (const chunk of readBlob(batch, id, cancel)) {
        size += chunk.length;
        if (size > maxBytes) throw new FanfoldError('host.too-large', `blob ${id} has more than ${maxBytes} bytes`);
        chunks.push(chunk);
      }
      return Buffer.concat(chunks);
    },
    async sizeBytes(id, cancel = {}) {
      cancel.signal?.throwIfAborted();
      return await check.place(async () => {
        const child = check.take();
        const size = await ask(child, id);
        check.give(child);
        return size;
      });
    },
  };
}

/**
 * A small blob is read whole and its child given back at once; a large one keeps its child while it streams. So no reader that waits
 * for another holds one of the places, and however many read, few children are started.
 */
async function* readBlob(pool: Pool, id: string, { signal }: Cancel): AsyncGenerator<Uint8Array> {
  signal?.throwIfAborted();
  const opened = await pool.place(async () => {
    const child = pool.take();
    const sizeBytes = await ask(child, id);
    if (sizeBytes > smallBytes) return { child, sizeBytes };
    const chunks: Uint8Array[] = [];
    for await (const chunk of restOf(pool, child, sizeBytes)) chunks.push(chunk);
    return { chunks };
  });
  for await (const chunk of opened.chunks ?? restOf(pool, opened.child, opened.sizeBytes)) {
    signal?.throwIfAborted();
    yield chunk;
  }
}

/** The bytes that follow a header; then the child serves again. */
async function* restOf(pool: Pool, child: BatchChild, sizeBytes: number): AsyncGenerator<Uint8Array> {
  let left = sizeBytes;
  let whole = false;
  try {
    while (left > 0) {
      const chunk = await child.some(left);
      left -= chunk.length;
      yield chunk;
    }
    await child.some(1); // The line end after the bytes.
    whole = true;
  } finally {
    // A child whose bytes were not all read would give them to the next reader.
    if (whole) pool.give(child);
    else child.end();
  }
}

/** Asks for an object and reads the header of the answer: `<id> blob <size>`. */
async function ask(child: BatchChild, id: string): Promise<number> {
  if (!/^[0-9a-f]{40,64}$/.test(id)) throw new FanfoldError('git.object', `${JSON.stringify(id)} is no object's id`);
  child.write(`${id}\n`);
  const [found, type, size] = (await child.line()).split(' ');
  if (found === id && type === 'blob' && size !== undefined) return Number(size);
  child.end();
  throw new FanfoldError('git.object', `blob ${id} is not in the repository`, {
    hint: 'the clone is partial or damaged: run `git fsck`, or clone again',
  });
}

interface Pool {
  /** Bounds how many ask at once. */
  readonly place: Places;
  take(): BatchChild;
  give(child: BatchChild): void;
}

function pool(git: Git, mode: '--batch' | '--batch-check'): Pool {
  const idle: BatchChild[] = [];
  const [one, many] = [createPool(1), createPool(maxIdle)];
  let asked = 0;
  return {
    place: (work) => (asked++ < fewBlobs ? one : many)(work),
    take() {
      const child = idle.pop() ?? startBatch(git, mode);
      child.hold(true);
      return child;
    },
    give(child) {
      child.hold(false);
      if (idle.length < maxIdle) idle.push(child);
      else child.end();
    },
  };
}

/** One child, read piece by piece. */
interface BatchChild {
  write(text: string): void;
  /** Up to a line end, without it. */
  line(): Promise<string>;
  /** At least one byte, at most `maxBytes`. */
  some(maxBytes: number): Promise<Uint8Array>;
  /** Whether the process must not end before the child. */
  hold(held: boolean): void;
  end(): void;
}

function startBatch(git: Git, mode: string): BatchChild {
  const child = spawn('git', [...gitArguments, 'cat-file', mode], { cwd: git.folder, env: { ...git.env } });
  let failed: string | undefined;
  child.on('error', (error) => {
    failed = messageOf(error);
  });
  child.stdin.on('error', () => undefined);
  child.stderr.on('data', (text: Buffer) => {
    failed = text.toString('utf8').trim().slice(0, 500);
  });
  const chunks = child.stdout[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.alloc(0);
  const fill = async (): Promise<void> => {
    if (rest.length > 0) return;
    const next: IteratorResult<unknown> = await chunks.next();
    if (next.done) throw new FanfoldError('git.object', `git cat-file ended early${failed ? `: ${failed}` : ''}`);
    rest = next.value as Buffer;
  };
  return {
    write: (text) => void child.stdin.write(text),
    async line() {
      let text = '';
      for (;;) {
        await fill();
        const end = rest.indexOf(10);
        text += rest.toString('utf8', 0, end < 0 ? rest.length : end);
        rest = rest.subarray(end < 0 ? rest.length : end + 1);
        if (end >= 0) return text;
      }
    },
    async some(maxBytes) {
      await fill();
      const chunk = rest.subarray(0, maxBytes);
      rest = rest.subarray(chunk.length);
      return chunk;
    },
    hold: (held) => holdChild(child, held),
    end: () => {
      child.stdin.destroy();
      child.stdout.destroy();
      child.kill();
    },
  };
}

function holdChild(child: ChildProcessWithoutNullStreams, held: boolean): void {
  // The pipes are sockets, which alone have ref and unref.
  for (const part of [child, child.stdin, child.stdout, child.stderr]) {
    const name = held ? 'ref' : 'unref';
    const change: unknown = Reflect.get(part, name);
    if (typeof change === 'function') change.call(part);
  }
}
