/** Host: all that the machine gives, made once in a door and passed down. */
import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { type Clock, systemClock } from './clock.ts';
import { type Disk, systemDisk } from './disk.ts';
import { type Exec, systemExec } from './exec.ts';
import { type Files, systemFiles } from './files.ts';
import { type Http, nodeHttp } from './http.ts';
import { createSecrets, type Secrets } from './secrets.ts';

/** What the machine gives. A function names the part that it uses: `Pick<Host, 'clock' | 'http'>`. */
export interface Host {
  readonly clock: Clock;
  readonly disk: Disk;
  readonly exec: Exec;
  readonly files: Files;
  readonly http: Http;
  readonly secrets: Secrets;
  /** The environment variables. */
  readonly env: Readonly<Record<string, string>>;
  /** The folder that the command was called in, absolute. */
  readonly cwd: string;
  /** The processor as OCI names it (GOARCH): amd64, arm64, ... */
  readonly architecture: string;
  /** How many processors this process may use at once. */
  readonly processors: number;
  /** `sizeBytes` random bytes. */
  random(sizeBytes: number): Uint8Array;
}

/**
 * More than all that streams at once (four legs of eight blobs, eight publications of four): a blob on its way to two registries must never hold
 * a connection to one while it waits for the other behind a blob that does the opposite.
 */
const connectionsPerHost = 64;
const stallMs = 60_000;

/** The machine that this process runs on. */
export function nodeHost(): Host {
  return {
    clock: systemClock,
    disk: systemDisk,
    exec: systemExec,
    files: systemFiles,
    http: nodeHttp({ connectionsPerHost, stallMs }),
    secrets: createSecrets(),
    env: definedOnly(process.env),
    cwd: process.cwd(),
    architecture: architectures[process.arch] ?? process.arch,
    processors: availableParallelism(),
    random: (sizeBytes) => randomBytes(sizeBytes),
  };
}

const architectures: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386', ppc64: 'ppc64le' };

function definedOnly(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
