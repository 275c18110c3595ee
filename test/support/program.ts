// A stand-in program (a builder, a credential helper) that is a real process and does what the test says, when it says so.

import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { queue } from './queue.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** What the test tells a running stand-in to do. */
type Word =
  | { readonly say: 'stdout' | 'stderr'; readonly text: string }
  | { readonly run: readonly string[] }
  | { readonly exit: number };

/** What a running stand-in tells the test. */
type News =
  | { readonly kind: 'started'; readonly args: string[]; readonly cwd: string; readonly env: Record<string, string> }
  | { readonly kind: 'signal'; readonly signal: string }
  | { readonly kind: 'ran'; readonly status: number | null; readonly output: string };

/** One start of the stand-in. It waits until the test says `exit`; a signal is told and, unless trapped, ends it. */
export interface Invocation {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly pid: number;
  /** Writes to the program's own standard output or error. */
  stdout(text: string): void;
  stderr(text: string): void;
  /** Runs a program as the stand-in's child (its environment, its folder) and waits for its end. */
  run(program: string, ...args: string[]): Promise<{ status: number | null; output: string }>;
  /** Ends the stand-in. */
  exit(status?: number): void;
  /** Waits for the next signal that came, those that came before included, in order. */
  signal(): Promise<string>;
  /** Resolves when the process is gone, however it went. */
  readonly ended: Promise<void>;
}

/** A program file that a test steers, ended by `await using`. */
export interface Program extends AsyncDisposable {
  /** The executable's absolute path. */
  readonly path: string;
  /** Its folder, for a PATH. */
  readonly folder: string;
  /** The next start that no call has taken yet. Waits for it. */
  next(): Promise<Invocation>;
  /** How often it was started. */
  starts(): number;
}

/** Makes a stand-in of that name. With `traps`, SIGINT and SIGTERM are told and survived. */
export async function makeProgram(name: string, options: { readonly traps?: boolean } = {}): Promise<Program> {
  const folder = temporaryFolder('program');
  const socketPath = join(folder.path, 'test.sock');
  const path = join(folder.path, name);
  writeFileSync(path, `#!${process.execPath}\n${standIn(socketPath, options.traps === true)}`);
  chmodSync(path, 0o755);
  const invocations = queue<Invocation>();
  const sockets = new Set<Socket>();
  let starts = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    receive(socket, (invocation) => {
      starts += 1;
      invocations.put(invocation);
    });
  });
  server.listen(socketPath);
  await once(server, 'listening');
  return {
    path,
    folder: folder.path,
    next: () => invocations.take(),
    starts: () => starts,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy(); // A stand-in that loses its test ends itself.
      const closed = once(server, 'close');
      server.close();
      await closed;
      folder[Symbol.dispose]();
    },
  };
}

function receive(socket: Socket, started: (invocation: Invocation) => void): void {
  const signals = queue<string>();
  const results = queue<{ status: number | null; output: string }>();
  const ended = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  socket.on('error', () => undefined); // A killed stand-in resets its connection; `ended` tells.
  const tell = (word: Word): void => void socket.write(`${JSON.stringify(word)}\n`);
  createInterface({ input: socket }).on('line', (line) => {
    const news: News & { pid: number } = JSON.parse(line);
    if (news.kind === 'signal') signals.put(news.signal);
    if (news.kind === 'ran') results.put({ status: news.status, output: news.output });
    if (news.kind !== 'started') return;
    started({
      args: news.args,
      cwd: news.cwd,
      env: news.env,
      pid: news.pid,
      stdout: (text) => tell({ say: 'stdout', text }),
      stderr: (text) => tell({ say: 'stderr', text }),
      run(program, ...args) {
        tell({ run: [program, ...args] });
        return results.take();
      },
      exit: (status = 0) => tell({ exit: status }),
      signal: () => signals.take(),
      ended,
    });
  });
}

// CommonJS, for the file has no extension and stands in no package.
function standIn(socketPath: string, traps: boolean): string {
  return `
const { connect } = require('node:net');
const { spawn } = require('node:child_process');
const { createInterface } = require('node:readline');
const socket = connect(${JSON.stringify(socketPath)});
const tell = (news) => socket.write(JSON.stringify({ ...news, pid: process.pid }) + '\\n');
tell({ kind: 'started', args: process.argv.slice(2), cwd: process.cwd(), env: process.env });
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    tell({ kind: 'signal', signal });
    if (${!traps}) socket.end(() => { process.removeAllListeners(signal); process.kill(process.pid, signal); });
  });
}
const run = ([program, ...args]) => {
  const child = spawn(program, args, { stdio: ['inherit', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => { output += chunk; });
  child.on('error', (error) => tell({ kind: 'ran', status: null, output: String(error) }));
  child.on('close', (status) => tell({ kind: 'ran', status, output }));
};
createInterface({ input: socket }).on('line', (line) => {
  const word = JSON.parse(line);
  if ('say' in word) process[word.say].write(word.text);
  if ('run' in word) run(word.run);
  if ('exit' in word) { process.exitCode = word.exit; socket.end(); process.stdin.unref?.(); }
});
socket.on('error', () => process.exit(70));
socket.on('close', () => process.exit(process.exitCode ?? 70));
`;
}
