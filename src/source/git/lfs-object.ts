/** The content behind a Git LFS pointer: from the repository's own store, else by `git lfs`, which fetches it; checked in both cases. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { FanfoldError } from '../../base/errors/error.ts';
import type { Cancel } from '../../base/host/cancel.ts';
import { gitArguments } from './git.ts';
import type { LfsPointer } from './lfs-pointer.ts';
import type { Repository } from './repository.ts';

/**
 * The bytes that a pointer stands for. The iteration ends only if they are those.
 * @throws FanfoldError `git.lfs` where they cannot be had
 */
export async function* readLfsObject(
  repository: Repository,
  path: string,
  pointer: LfsPointer,
  cancel: Cancel = {},
): AsyncGenerator<Uint8Array> {
  const { id } = pointer;
  const kept = join(repository.gitFolder, 'lfs', 'objects', id.slice(0, 2), id.slice(2, 4), id);
  const source = existsSync(kept) ? createReadStream(kept) : smudge(repository, path, pointer, cancel);
  const hash = createHash('sha256');
  for await (const chunk of source as AsyncIterable<Uint8Array>) {
    cancel.signal?.throwIfAborted();
    hash.update(chunk);
    yield chunk;
  }
  if (hash.digest('hex') !== id) throw lfsError(path, `what was found for ${path} is not what its pointer names`);
}

async function* smudge(
  { git }: Repository,
  path: string,
  pointer: LfsPointer,
  cancel: Cancel,
): AsyncGenerator<Uint8Array> {
  const child = spawn('git', [...gitArguments, 'lfs', 'smudge', '--', path], {
    cwd: git.folder,
    env: { ...git.env },
    ...(cancel.signal === undefined ? {} : { signal: cancel.signal }),
  });
  const ended = once(child, 'close').catch((error: unknown) => error);
  let said = '';
  child.stderr.on('data', (text: Buffer) => {
    said = `${said}${text.toString('utf8')}`.slice(-2000);
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(pointer.text);
  let whole = false;
  try {
    yield* child.stdout as AsyncIterable<Uint8Array>;
    whole = true;
  } finally {
    if (!whole) child.kill();
  }
  await ended;
  cancel.signal?.throwIfAborted();
  if (child.exitCode !== 0) throw lfsError(path, `git lfs could not bring ${path}: ${said.trim()}`);
}

function lfsError(path: string, message: string): FanfoldError {
  return new FanfoldError('git.lfs', message, {
    place: { file: path },
    hint: 'install Git LFS and run `git lfs fetch`, or set `lfs: true` for actions/checkout',
  });
}
