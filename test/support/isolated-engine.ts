// A real engine in a network namespace of its own: a BuildKit that does not reach this machine's loopback, as one on another host.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { dockerConfigText, environmentForPeers, peersFolder, requirePeer } from './peers.ts';
import { run, runOk } from './run.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** What reaches it: the environment of a client, in which its builder (by the remote driver) is the one in use. */
export interface IsolatedEngine extends AsyncDisposable {
  readonly env: Readonly<Record<string, string>>;
}

const enterRoot = join(dirname(fileURLToPath(import.meta.url)), '..', 'peers', 'enter-root.sh');
const configuration = {
  features: { 'containerd-snapshotter': true },
  iptables: false,
  ip6tables: false,
  bridge: 'none',
};

const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n'];

/** Starts it and a builder `isolated`; needs root, or sudo. Ends with its processes and its data. */
export async function startIsolatedEngine(): Promise<IsolatedEngine> {
  const folder = temporaryFolder('isolated');
  const path = (name: string): string => join(folder.path, name);
  for (const name of ['data', 'docker', 'buildx', 'bridge']) mkdirSync(path(name));
  writeFileSync(path('daemon.json'), JSON.stringify(configuration));
  writeFileSync(join(path('docker'), 'config.json'), dockerConfigText());
  const env = {
    ...environmentForPeers(),
    DOCKER_HOST: `unix://${path('docker.sock')}`,
    DOCKER_CONFIG: path('docker'),
    BUILDX_CONFIG: path('buildx'),
    BUILDX_BUILDER: 'isolated',
  };
  const processes: Ended[] = [];
  const end = async (): Promise<void> => {
    for (const one of processes.reverse()) await one.end();
    await asRootOk('rm', '-rf', '--one-file-system', path('data'));
    folder[Symbol.dispose]();
  };
  try {
    processes.push(start(path('engine.log'), [...asRoot, ...engineCommand(path)], env));
    await until(path('engine.log'), async () => (await run(requirePeer('docker'), ['version'], { env })).status === 0);
    // A Buildx configuration of its own: that of the client is locked while it waits for the bridge.
    const bridge = { ...env, BUILDX_CONFIG: path('bridge') };
    processes.push(start(path('bridge.log'), bridgeCommand(path('buildkit.sock')), bridge));
    await until(path('bridge.log'), async () => existsSync(path('buildkit.sock')));
    const create = ['buildx', 'create', '--name', 'isolated', '--driver', 'remote', `unix://${path('buildkit.sock')}`];
    await runOk(requirePeer('docker'), create, { env });
    return { env, [Symbol.asyncDispose]: end };
  } catch (error) {
    await end();
    throw error;
  }
}

function engineCommand(path: (name: string) => string): readonly string[] {
  const namespaces = ['--net', '--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child'];
  const root = ['bash', enterRoot, join(peersFolder, 'root'), peersFolder, '/'];
  const sockets = ['--host', `unix://${path('docker.sock')}`, '--group', String(process.getgid?.() ?? 0)];
  const files = ['--config-file', path('daemon.json'), '--data-root', path('data'), '--exec-root', '/run/docker'];
  return ['env', 'FANFOLD_OWN_PROC=1', 'unshare', ...namespaces, '--', ...root, 'dockerd', ...sockets, ...files];
}

/** The engine's BuildKit behind a socket: the remote driver has every exporter. */
function bridgeCommand(socket: string): readonly string[] {
  const docker = `EXEC:'${requirePeer('docker')} buildx --builder default dial-stdio'`;
  return [requirePeer('socat'), `UNIX-LISTEN:${socket},fork`, docker];
}

interface Ended {
  end(): Promise<void>;
}

function start(logFile: string, [program = '', ...args]: readonly string[], env: Record<string, string>): Ended {
  const log = openSync(logFile, 'a');
  const child = spawn(program, args, { stdio: ['ignore', log, log], env });
  closeSync(log);
  const ended = once(child, 'exit');
  return {
    async end() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      // Its children end with it: unshare's by --kill-child, and with the first process of a pid namespace all others.
      await asRootOk('kill', '-KILL', String(child.pid));
      await ended;
    },
  };
}

async function asRootOk(...command: readonly string[]): Promise<void> {
  const [program = '', ...args] = [...asRoot, ...command];
  await runOk(program, args);
}

async function until(logFile: string, isTrue: () => Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 300; turn++) {
    if (await isTrue()) return;
    await wait(100);
  }
  throw new Error(`not up after 30 seconds\n${readFileSync(logFile, 'utf8')}`);
}
