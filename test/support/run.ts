// Runs a program to its end for a test: bounded in time and output, nothing left behind.

import { spawn } from 'node:child_process';

/** How a program ended and what it said. `status` is undefined where a signal ended it. */
export interface Outcome {
  readonly status: number | undefined;
  readonly signal: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** What `run` takes beyond the program and its arguments; `env` is the whole environment. */
export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array;
  /** Then the program is killed and the promise rejects. 60 seconds unless told. */
  readonly timeoutMs?: number;
}

const maxOutputBytes = 64 * 1024 * 1024;

/** Runs a program and waits for its end. Whatever the status, it resolves; it rejects on a time-out or if it cannot start. */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const { cwd, env, input, timeoutMs = 60_000 } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env: env ?? process.env, stdio: 'pipe' });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let size = 0;
    let failure: Error | undefined;
    const end = (message: string): void => {
      failure ??= new Error(`${program} ${args.join(' ')}: ${message}\n${Buffer.concat(stderr)}`);
      child.kill('SIGKILL');
    };
    const keep = (chunks: Buffer[]) => (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxOutputBytes) end('too much output');
      else chunks.push(chunk);
    };
    const timer = setTimeout(() => end(`not done after ${timeoutMs} ms`), timeoutMs);
    child.stdout.on('data', keep(stdout));
    child.stderr.on('data', keep(stderr));
    child.stdin.on('error', () => undefined); // A program may end without reading its input.
    child.stdin.end(input);
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('close', (status, signal) => {
      clearTimeout(timer);
      if (failure) return reject(failure);
      resolve({
        status: status ?? undefined,
        signal: signal ?? undefined,
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
      });
    });
  });
}

/** Like `run`, but a status other than 0 throws with what the program said. Gives its standard output. */
export async function runOk(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const outcome = await run(program, args, options);
  if (outcome.status === 0) return outcome.stdout;
  throw new Error(
    `${program} ${args.join(' ')} ended with ${outcome.status ?? outcome.signal}\n${outcome.stdout}${outcome.stderr}`,
  );
}
