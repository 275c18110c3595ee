/** Runs a program and reads what it took from the kernel: time, processor time, peak memory. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Measured } from './measure.ts';

/** How a program is run; `env` is its whole environment. */
export interface ProcessOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** Then it is killed and the benchmark fails; 120 s unless told. */
  readonly timeoutMs?: number;
}

// bash's `time` counts all descendants that were waited for; the program's own words go to the standard error.
const script = `exec 3>&2; TIMEFORMAT='%3R %3U %3S'; { time "$@" >&3 2>&3 3>&-; } 2>&1`;
const pollMs = 20;

/** Runs a program to its end. @throws Error with what it said, where it does not end well */
export async function runMeasured(
  program: string,
  args: readonly string[],
  options: ProcessOptions = {},
): Promise<Measured> {
  const child = spawn('bash', ['-c', script, 'bash', program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: options.env ?? process.env,
    cwd: options.cwd,
    detached: true,
  });
  const said = collect(child.stderr);
  const times = collect(child.stdout);
  const peak = watchPeak(child);
  const timer = setTimeout(() => killGroup(child), options.timeoutMs ?? 120_000);
  const [status] = await once(child, 'close');
  clearTimeout(timer);
  const peakBytes = peak();
  const [wallSeconds, userSeconds, systemSeconds] = times().trim().split(' ').map(Number);
  if (status !== 0 || wallSeconds === undefined || userSeconds === undefined || systemSeconds === undefined)
    throw new Error(`${program} ${args.join(' ')} ended with ${status}\n${said()}`);
  return { wallMs: wallSeconds * 1000, processorMs: (userSeconds + systemSeconds) * 1000, peakBytes };
}

function collect(stream: NodeJS.ReadableStream | null): () => string {
  const chunks: Buffer[] = [];
  stream?.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString();
}

// The high-water mark only grows, so the last look before the end is the peak but for its last moments.
function watchPeak(child: ChildProcess): () => number {
  let peakBytes = 0;
  const look = (): void => {
    for (const pid of descendantsOf(String(child.pid))) peakBytes = Math.max(peakBytes, highWaterBytes(pid));
  };
  const timer = setInterval(look, pollMs);
  return () => {
    clearInterval(timer);
    return peakBytes;
  };
}

/** The processes that a process started, and those that they started. */
function descendantsOf(pid: string): readonly string[] {
  const children = read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean);
  return children.flatMap((child) => [child, ...descendantsOf(child)]);
}

function highWaterBytes(pid: string): number {
  const kib = /^VmHWM:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`))?.[1];
  return Number(kib ?? 0) * 1024;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It ended just now.
  }
}
