// A real Git repository in a folder of a test's own.

import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runOk } from './run.ts';
import { type TemporaryFolder, temporaryFolder } from './temporary-folder.ts';

/** What a file is to hold: its bytes, or more exactly what it is. */
export type FileSpec =
  | string
  | Uint8Array
  | { readonly bytes: string | Uint8Array; readonly executable: true }
  | { readonly link: string };

/** A repository that is removed when it goes out of scope (`using`). */
export interface TestRepository extends TemporaryFolder {
  /** Runs git in it. */
  git(...args: readonly string[]): Promise<string>;
  /** Writes files, links and their folders. */
  write(files: Readonly<Record<string, FileSpec>>): void;
  remove(path: string): void;
  /** Writes files, adds all and commits; gives the commit's id. */
  commit(files?: Readonly<Record<string, FileSpec>>, message?: string): Promise<string>;
}

const identity = {
  GIT_AUTHOR_NAME: 'Test',
  GIT_AUTHOR_EMAIL: 'test@example.test',
  GIT_COMMITTER_NAME: 'Test',
  GIT_COMMITTER_EMAIL: 'test@example.test',
  GIT_AUTHOR_DATE: '2024-01-02T03:04:05Z',
  GIT_COMMITTER_DATE: '2024-01-02T03:04:05Z',
};

/** A new repository on branch `main` with nothing committed, untouched by the machine's own configuration. */
export async function testRepository(): Promise<TestRepository> {
  const folder = temporaryFolder('repository');
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder.path,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    ...identity,
  };
  const git = (...args: readonly string[]) =>
    runOk('git', ['-c', 'protocol.file.allow=always', ...args], { cwd: folder.path, env });
  const write = (files: Readonly<Record<string, FileSpec>>): void => writeFiles(folder.path, files);
  await git('init', '-q', '-b', 'main');
  return {
    path: folder.path,
    git,
    write,
    remove: (path) => rmSync(join(folder.path, path), { recursive: true, force: true }),
    async commit(files = {}, message = 'Change') {
      write(files);
      await git('add', '-A');
      await git('commit', '-q', '--allow-empty', '-m', message);
      return (await git('rev-parse', 'HEAD')).trim();
    },
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

/** Writes files, links and their folders into a folder; what stood there is gone. */
export function writeFiles(root: string, files: Readonly<Record<string, FileSpec>>): void {
  for (const [path, spec] of Object.entries(files)) writeSpec(join(root, path), spec);
}

function writeSpec(path: string, spec: FileSpec): void {
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { recursive: true, force: true });
  if (typeof spec === 'string' || spec instanceof Uint8Array) {
    writeFileSync(path, spec);
  } else if ('link' in spec) {
    symlinkSync(spec.link, path);
  } else {
    writeFileSync(path, spec.bytes);
    chmodSync(path, 0o755);
  }
}
