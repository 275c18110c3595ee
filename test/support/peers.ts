// Where tests find the real programs that test/peers installs, and how they run them.

import { createHash } from 'node:crypto';
import { accessSync, appendFileSync, constants, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** A program of the peers' Debian root, or the engine with its builder `fanfold` (buildx, by the remote driver). */
export type PeerName =
  | 'engine'
  | 'docker'
  | 'docker-registry'
  | 'skopeo'
  | 'buildah'
  | 'oras'
  | 'crane'
  | 'cosign'
  | 'openssl'
  | 'socat'
  | 'conformance'
  | 'actionlint'
  | 'zizmor'
  | 'check-jsonschema'
  | 'gitlab-ci-local'
  | 'go';

/** The cache folder of the peers, as test/peers/paths.sh has it. */
export const peersFolder = join(
  process.env['FANFOLD_CACHE'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'fanfold'),
  'peers',
);

const stateFolder = `/tmp/fanfold-peers-${createHash('sha256').update(peersFolder).digest('hex').slice(0, 8)}`;

/** Absolute path of a program's wrapper, or undefined where it is not installed. `engine` gives its socket's address. */
export function peer(name: PeerName): string | undefined {
  if (name === 'engine') return engineHost();
  if (name === 'go') return goProgram();
  const path = join(peersFolder, 'bin', name);
  return isExecutable(path) ? path : undefined;
}

/** Like `peer`, but throws where the program is not installed. */
export function requirePeer(name: PeerName): string {
  const path = peer(name);
  if (path === undefined) throw new Error(`${name} is not installed: run npm test once`);
  return path;
}

/**
 * Whether all of these are here: `describe.runIf(needs('engine', 'skopeo'))('...', ...)`.
 * What is missing is recorded and told at the run's end; with CI=true it throws, so that the file fails.
 */
export function needs(...names: readonly PeerName[]): boolean {
  const missing = names.filter((name) => peer(name) === undefined);
  if (missing.length === 0) return true;
  if (process.env['CI'] === 'true') throw new Error(`peers are missing: ${missing.join(', ')}`);
  recordMissing(missing);
  return false;
}

/**
 * The environment for a program under test or a peer: wrappers first in PATH, the engine, the builder `fanfold`.
 * Clients' own configuration of the machine (proxies, contexts, credentials) is left out.
 */
export function environmentForPeers(): Record<string, string> {
  const engine = engineHost();
  return {
    PATH: `${join(peersFolder, 'bin')}${delimiter}${process.env['PATH'] ?? ''}`,
    HOME: process.env['HOME'] ?? homedir(),
    LANG: 'C.UTF-8',
    DOCKER_CONFIG: join(peersFolder, 'docker'),
    BUILDX_CONFIG: join(stateFolder, 'buildx'),
    BUILDX_BUILDER: 'fanfold',
    ...(engine === undefined ? {} : { DOCKER_HOST: engine }),
  };
}

/** The text of a config.json for a DOCKER_CONFIG of a test's own, in which `docker buildx` is still found. */
export function dockerConfigText(auths: Readonly<Record<string, { auth: string }>> = {}): string {
  return JSON.stringify({ auths, cliPluginsExtraDirs: [join(peersFolder, 'docker', 'cli-plugins')] });
}

/** The static busybox for an architecture (`amd64`, `arm64`). */
export function busyboxPath(architecture: string): string {
  return join(peersFolder, 'busybox', architecture, 'busybox');
}

// engine.sh writes the file when all is up and takes it away first; the bridge's process tells an unclean death.
function engineHost(): string | undefined {
  try {
    const pid = readFileSync(join(stateFolder, 'bridge.pid'), 'utf8').split(' ')[0];
    accessSync(`/proc/${pid}/stat`);
    return /^DOCKER_HOST=(.+)$/m.exec(readFileSync(join(stateFolder, 'engine'), 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}

// Go is the machine's own: judges that a test brings as source are built with it.
function goProgram(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.map((folder) => join(folder, 'go')).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Notes what a test file cannot have, to be told at the run's end. */
export function recordMissing(missing: readonly string[]): void {
  const file = process.env['FANFOLD_MISSING_PEERS'];
  const caller = /\/((?:src|test|bench)\/[^:)]+\.test\.ts)/.exec(new Error().stack ?? '')?.[1];
  if (file) appendFileSync(file, `${caller ?? 'a test'} needs ${missing.join(', ')}\n`);
}
