/** Programs: argument lists, never a shell; bounded output; a signal ends the whole process group. */
import { type ChildProcess, spawn } from 'node:child_process';
import { FanfoldError } from '../errors/error.ts';
import type { Cancel } from './cancel.ts';

/** How a program is run. */
export interface ExecOptions {
  readonly cwd?: string;
  /** The whole environment of the child; the host's own where absent. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: Uint8Array | string;
  /** Bytes of stdout and of stderr kept at the most each; more on stdout is an error, of stderr the end is kept. 16 MiB by default. */
  readonly maxOutputBytes?: number;
  /** The child takes over this process's stdin, stdout and stderr: nothing of them is read here. */
  readonly inherit?: boolean;
  /** Hears each line of stdout and stderr as it comes, without its line end. */
  readonly onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
}

/** How a program ended. */
export interface ExecResult {
  /** The exit status; 128 + n where signal n ended it. */
  readonly status: number;
  readonly stdout: Uint8Array;
  readonly stderr: string;
}

/** What runs programs. */
export interface Exec {
  /**
   * Runs a program to its end, whatever its status.
   * @throws FanfoldError `host.program` where it cannot be started, `host.too-large` where stdout passes the bound
   */
  run(program: string, args: readonly string[], options?: ExecOptions, cancel?: Cancel): Promise<ExecResult>;
}

const defaultMaxOutputBytes = 16 * 1024 * 1024;
const graceMs = 5000;
/** How long after the program's end its pipes may stay open in a grandchild. */
const drainMs = 200;

/**
 * Holds logins of registries for Fanfold's own requests: JSON of the form of config.json's `auths`, or of a whole config.json
 * (`{"ghcr.io": {"username": "...", "password": "..."}}`). No program inherits it.
 */
export const loginsVariable = 'FANFOLD_REGISTRY_AUTH';

function withoutOwnLogins({ [loginsVariable]: _logins, ...env }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return env;
}

/** Programs by node:child_process, each the leader of a process group of its own. */
export const systemExec: Exec = {
  run: (program, args, options = {}, cancel = {}) => runProgram(program, args, options, cancel),
};

async function runProgram(
  program: string,
  args: readonly string[],
  options: ExecOptions,
  cancel: Cancel,
): Promise<ExecResult> {
  cancel.signal?.throwIfAborted();
  const child = spawn(program, [...args], {
    cwd: options.cwd,
    env: withoutOwnLogins(options.env ?? process.env),
    detached: true,
    stdio: options.inherit ? 'inherit' : ['pipe', 'pipe', 'pipe'],
  });
  const bound = options.maxOutputBytes ?? defaultMaxOutputBytes;
  const out = collect(child, 'stdout', bound, options.onLine);
  const err = collect(child, 'stderr', bound, options.onLine);
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(options.input);
  const ending = endGroupOn(child, cancel.signal);
  try {
    const status = await endOf(child, program);
    cancel.signal?.throwIfAborted();
    if (out.overflowed()) {
      throw new FanfoldError('host.too-large', `${program} wrote more than ${bound} bytes`);
    }
    return { status, stdout: out.bytes(), stderr: err.bytes().toString('utf8') };
  } finally {
    ending.release();
  }
}

function endOf(child: ChildProcess, program: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => {
      const missing = 'code' in error && error.code === 'ENOENT';
      const message = missing ? `${program} is not installed` : `${program} could not be started: ${error.message}`;
      reject(
        new FanfoldError('host.program', message, { cause: error, hint: `install ${program}, or put it on PATH` }),
      );
    });
    child.once('exit', (code, signal) => {
      const status = code ?? 128 + (signal === null ? 0 : (signalNumbers[signal] ?? 0));
      const timer = setTimeout(() => resolve(status), drainMs);
      child.once('close', () => {
        clearTimeout(timer);
        resolve(status);
      });
    });
  });
}

const signalNumbers: Partial<Record<NodeJS.Signals, number>> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };

/** Ends the child's whole group: SIGTERM, then SIGKILL after a grace time. */
function endGroupOn(child: ChildProcess, signal: AbortSignal | undefined): { release(): void } {
  let timer: NodeJS.Timeout | undefined;
  const end = (): void => {
    signalGroup(child, 'SIGTERM');
    timer = setTimeout(() => signalGroup(child, 'SIGKILL'), graceMs);
    timer.unref();
  };
  signal?.addEventListener('abort', end, { once: true });
  return {
    release() {
      signal?.removeEventListener('abort', end);
      if (timer !== undefined) {
        clearTimeout(timer);
        signalGroup(child, 'SIGKILL');
      }
    },
  };
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group has ended already.
  }
}

interface Collected {
  bytes(): Buffer;
  overflowed(): boolean;
}

function collect(
  child: ChildProcess,
  name: 'stdout' | 'stderr',
  maxBytes: number,
  onLine: ExecOptions['onLine'],
): Collected {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  let overflow = false;
  let rest = '';
  const decoder = new TextDecoder();
  const lines = (text: string): void => {
    const parts = (rest + text).split(/\r?\n|\r(?!\n)/);
    rest = (parts.pop() ?? '').slice(-65_536);
    for (const line of parts) onLine?.(line, name);
  };
  const stream = child[name];
  stream?.on('data', (chunk: Buffer) => {
    if (onLine !== undefined) lines(decoder.decode(chunk, { stream: true }));
    chunks.push(chunk);
    sizeBytes += chunk.length;
    if (sizeBytes <= maxBytes) return;
    overflow = true;
    while (sizeBytes > maxBytes) sizeBytes -= chunks.shift()?.length ?? sizeBytes;
  });
  stream?.on('end', () => {
    if (rest !== '') onLine?.(rest, name);
  });
  return { bytes: () => Buffer.concat(chunks), overflowed: () => overflow };
}
