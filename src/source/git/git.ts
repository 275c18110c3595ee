/** The one place that runs git: plumbing only, in a fixed environment, so that what it answers is equal on every machine. */
import { FanfoldError } from '../../base/errors/error.ts';
import type { Cancel } from '../../base/host/cancel.ts';
import type { Host } from '../../base/host/host.ts';

/** What running git needs of the machine. */
export type GitHost = Pick<Host, 'exec' | 'env'>;

/** Git in one folder. */
export interface Git {
  readonly folder: string;
  /** The whole environment of every git child. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * Runs git and gives its standard output, whatever the status where `expect` holds it.
   * @throws FanfoldError `git.failed`, `git.unsafe` where the folder belongs to somebody else, `host.program` without git
   */
  run(args: readonly string[], options?: GitOptions, cancel?: Cancel): Promise<GitOutcome>;
}

/** How one git command is run. */
export interface GitOptions {
  readonly input?: Uint8Array | string;
  readonly env?: Readonly<Record<string, string>>;
  /** Other exit statuses than 0 that are an answer. */
  readonly expect?: readonly number[];
}

/** What git said. */
export interface GitOutcome {
  readonly status: number;
  readonly stdout: Buffer;
}

/** A listing of some ten million paths. */
const maxOutputBytes = 1024 * 1024 * 1024;

/**
 * Before every command: no pager, no lock taken only for speed, no file-system monitor and no hook (both run programs that a
 * repository names), no replace refs (they are one machine's own), paths as they are, and no machine's own attributes.
 */
export const gitArguments: readonly string[] = [
  '--no-pager',
  '--no-optional-locks',
  '--no-replace-objects',
  '--literal-pathspecs',
  ...[
    'core.quotepath=off',
    'core.fsmonitor=false',
    'core.hooksPath=/dev/null',
    'core.attributesFile=/dev/null',
  ].flatMap((setting) => ['-c', setting]),
];

/** Git, run in `folder`. */
export function gitIn(folder: string, host: GitHost): Git {
  const env = gitEnvironment(host.env);
  return {
    folder,
    env,
    async run(args, options = {}, cancel = {}) {
      const result = await host.exec.run(
        'git',
        [...gitArguments, ...args],
        {
          cwd: folder,
          env: { ...env, ...options.env },
          maxOutputBytes,
          ...(options.input === undefined ? {} : { input: options.input }),
        },
        cancel,
      );
      if (result.status !== 0 && !options.expect?.includes(result.status)) throw failure(args, result.stderr, folder);
      return { status: result.status, stdout: asBuffer(result.stdout) };
    },
  };
}

/**
 * The environment of every git child: what finds programs and the user's own settings (`safe.directory` is one), never what
 * points git to another repository, index or object store (a hook's GIT_DIR), never a prompt.
 */
export function gitEnvironment(env: Readonly<Record<string, string>>): Record<string, string> {
  const passed = Object.entries(env).filter(([name]) => passedOn.test(name));
  return {
    ...Object.fromEntries(passed),
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_PAGER: 'cat',
  };
}

const passedOn =
  /^(?:PATH|HOME|USER|TMPDIR|XDG_CONFIG_HOME|SSH_AUTH_SOCK|SystemRoot|GIT_CONFIG_(?:GLOBAL|COUNT|KEY_\d+|VALUE_\d+)|https?_proxy|no_proxy|HTTPS?_PROXY|NO_PROXY|SSL_CERT_(?:FILE|DIR))$/;

/** The lines of NUL-separated output. */
export function records(output: Buffer): string[] {
  const text = output.toString('utf8');
  return text === '' ? [] : (text.endsWith('\0') ? text.slice(0, -1) : text).split('\0');
}

/** One line of output without its end. */
export function line(output: Buffer): string {
  return output.toString('utf8').replace(/\n$/, '');
}

function failure(args: readonly string[], stderr: string, folder: string): FanfoldError {
  const said = stderr.trim().split('\n').slice(-5).join('\n').slice(0, 2000);
  if (/dubious ownership|safe\.directory/.test(stderr)) {
    return new FanfoldError('git.unsafe', `git does not trust ${folder}: it belongs to another user`, {
      place: { file: folder },
      hint: `run as its owner, or \`git config --global --add safe.directory ${folder}\` (the system's own configuration is not read)`,
    });
  }
  return new FanfoldError('git.failed', `git ${args[0] ?? ''} failed: ${said}`, { place: { file: folder } });
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
