// A real registry (distribution 2.8) on a free loopback port, with storage of its own.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { requirePeer } from './peers.ts';
import { runOk } from './run.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** One request as the registry's access log has it, in the order of answers. */
export interface LoggedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly status: number;
  /** Bytes of the answer's body. */
  readonly sentBytes: number;
  readonly userAgent: string;
}

/** What differs from an open, writable, empty registry. */
export interface RegistryOptions {
  /** Basic authentication for everything. */
  readonly login?: { readonly username: string; readonly password: string };
  /** The `auth` section of the registry's configuration, as a token server gives it. */
  readonly auth?: Readonly<Record<string, unknown>>;
  /** Maintenance mode: it reads and refuses writes. */
  readonly readOnly?: boolean;
  /** A storage folder that an earlier registry filled; the caller's, so it stays. */
  readonly storageFolder?: string;
  /** A port to come back on. Free unless told. */
  readonly port?: number;
}

/** A running registry, ended and removed by `await using` or `stop`. */
export interface Registry extends AsyncDisposable {
  /** `127.0.0.1:PORT`, as it stands in references. */
  readonly host: string;
  readonly port: number;
  /** The folder of `docker/registry/v2/...`. */
  readonly storageFolder: string;
  /** All requests answered so far. */
  requests(): Promise<readonly LoggedRequest[]>;
  /** What the registry logged, for a failing test's message. */
  log(): string;
  /** Ends the process (with SIGKILL: as a crash does) and removes its folder. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Starts a registry and waits until it listens. */
export async function startRegistry(options: RegistryOptions = {}): Promise<Registry> {
  const folder = temporaryFolder('registry');
  const storageFolder = options.storageFolder ?? join(folder.path, 'storage');
  const logFile = join(folder.path, 'registry.log');
  const accessFile = join(folder.path, 'access.log');
  const configFile = join(folder.path, 'config.yml');
  writeFileSync(configFile, JSON.stringify(await configuration(options, storageFolder, folder.path)));
  const child = spawnRegistry(configFile, accessFile, logFile);
  const ended = once(child, 'exit');
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
    child.kill(signal);
    await ended;
    folder[Symbol.dispose]();
  };
  const port = await listeningPort(child, logFile);
  if (port === undefined) {
    const log = readFileSync(logFile, 'utf8');
    await stop('SIGKILL');
    throw new Error(`the registry did not start\n${log}`);
  }
  const host = `127.0.0.1:${port}`;
  return {
    host,
    port,
    storageFolder,
    requests: () => loggedRequests(host, accessFile),
    log: () => readFileSync(logFile, 'utf8'),
    stop,
    [Symbol.asyncDispose]: () => stop('SIGKILL'),
  };
}

async function configuration(options: RegistryOptions, storageFolder: string, folder: string): Promise<unknown> {
  const { login, auth, readOnly = false, port = 0 } = options;
  return {
    version: '0.1',
    log: { level: 'info', formatter: 'json' },
    storage: {
      filesystem: { rootdirectory: storageFolder },
      delete: { enabled: true },
      maintenance: { readonly: { enabled: readOnly }, uploadpurging: { enabled: false } },
    },
    // A fixed secret: an upload goes on after a restart, as behind a load balancer.
    http: { addr: `127.0.0.1:${port}`, secret: 'for-tests-only' },
    ...(login ? { auth: await basicAuth(login, folder) } : {}),
    ...(auth ? { auth } : {}),
  };
}

async function basicAuth(login: { username: string; password: string }, folder: string): Promise<unknown> {
  const path = join(folder, 'htpasswd');
  // The registry takes bcrypt only, which every Debian's perl has from the C library.
  const script = 'local $/; print crypt(<STDIN>, q{$2b$05$} . q{fanfoldfanfoldfanfoldu})';
  const hash = await runOk('perl', ['-e', script], { input: login.password });
  writeFileSync(path, `${login.username}:${hash}\n`);
  return { htpasswd: { realm: 'fanfold-test', path } };
}

// Logs go to files: a pipe that nobody reads would stop the registry. The kernel ends it with this process.
function spawnRegistry(configFile: string, accessFile: string, logFile: string): ChildProcess {
  const access = openSync(accessFile, 'a');
  const log = openSync(logFile, 'a');
  const program = [requirePeer('docker-registry'), 'serve', configFile];
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...program], {
    stdio: ['ignore', access, log],
    env: { PATH: process.env['PATH'], OTEL_TRACES_EXPORTER: 'none' },
  });
  closeSync(access);
  closeSync(log);
  return child;
}

async function listeningPort(child: ChildProcess, logFile: string): Promise<number | undefined> {
  for (let turn = 0; turn < 3000 && child.exitCode === null && child.signalCode === null; turn++) {
    const port = /listening on 127\.0\.0\.1:(\d+)/.exec(readFileSync(logFile, 'utf8'))?.[1];
    if (port !== undefined) return Number(port);
    await wait(5);
  }
  return undefined;
}

const line = /^\S+ - \S* ?\[[^\]]*\] "([A-Z]+) (\S+) HTTP\/[\d.]+" (\d+) (\d+) "[^"]*" "([^"]*)"$/;
const markerPath = '/v2/fanfold-test-marker';

// A request is logged when its answer is complete. Once a later request's line stands there, all before it do.
async function loggedRequests(host: string, accessFile: string): Promise<readonly LoggedRequest[]> {
  const marker = `${markerPath}?${process.hrtime.bigint()}`;
  await fetch(`http://${host}${marker}`);
  let text = '';
  for (let turn = 0; turn < 2000 && !text.includes(marker); turn++) {
    text = readFileSync(accessFile, 'utf8');
    if (!text.includes(marker)) await wait(5);
  }
  return text
    .split('\n')
    .flatMap(parseLine)
    .filter((request) => request.path !== markerPath);
}

function parseLine(text: string): readonly LoggedRequest[] {
  const [, method, target, status, sentBytes, userAgent] = line.exec(text) ?? [];
  if (method === undefined || target === undefined) return [];
  const url = new URL(target, 'http://registry');
  return [
    {
      method,
      path: url.pathname,
      query: url.searchParams,
      status: Number(status),
      sentBytes: Number(sentBytes),
      userAgent: userAgent ?? '',
    },
  ];
}
