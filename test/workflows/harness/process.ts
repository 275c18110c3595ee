// One process of a step: its lines as they come, ended the way the runner ends it.

import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';

/** How long a process has after each signal: GitHub gives 7,500 ms after SIGINT and 2,500 ms after SIGTERM. */
export interface Grace {
  readonly interruptMs: number;
  readonly terminateMs: number;
}

/** What to run. `env` is the whole environment. */
export interface ProcessRequest {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly onLine: (line: string) => void;
  readonly grace: Grace;
  readonly signal: AbortSignal;
}

/** Runs a process to its end; gives its status (128 and more where a signal ended it). An abort interrupts, terminates, kills. */
export async function runProcess(request: ProcessRequest): Promise<number> {
  const { file, args, cwd, env, onLine, signal, grace } = request;
  const child = spawn(file, args, { cwd, env: { ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (status) => resolve(status ?? 128));
  });
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', onLine);
  const streamsEnd = Promise.all(
    [child.stdout, child.stderr].map((stream) => new Promise<void>((resolve) => stream.once('close', resolve))),
  );
  const ending = new AbortController();
  const end = async (): Promise<void> => {
    child.kill('SIGINT');
    await wait(grace.interruptMs, undefined, { signal: ending.signal });
    child.kill('SIGTERM');
    await wait(grace.terminateMs, undefined, { signal: ending.signal });
    child.kill('SIGKILL');
  };
  // The wait itself is ended when the process is gone.
  const onAbort = (): void => void end().catch(() => undefined);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    const status = await closed;
    // A child that outlives the step may hold the pipes: the runner does not wait for it.
    await Promise.race([streamsEnd, wait(200, undefined, { ref: false })]);
    return status;
  } finally {
    ending.abort();
    signal.removeEventListener('abort', onAbort);
  }
}

/** Kills every process that still carries a job's tracking id, as the runner does after a job; gives how many. */
export function endOrphans(trackingId: string): number {
  const wanted = `RUNNER_TRACKING_ID=${trackingId}`;
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const found = pids.filter((pid) => environmentOf(pid).includes(wanted));
  for (const pid of found) killIfThere(Number(pid));
  return found.length;
}

function environmentOf(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
  } catch {
    return []; // It ended meanwhile, or is another's.
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}
