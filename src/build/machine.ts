/** What builders the machine has; asked once. */
import { isFanfoldError } from '../base/errors/error.ts';
import type { Cancel } from '../base/host/cancel.ts';
import type { Host } from '../base/host/host.ts';
import { once } from './once.ts';

/** The versions of the builders that are here and answer; absent where they are not. */
export interface Machine {
  readonly buildx?: string;
  readonly buildah?: string;
}

/** What asking a program needs of the host. */
export type ProgramHost = Pick<Host, 'exec' | 'env'>;

const asked = once<Machine>();

/** Which builders the machine has: Buildx with an engine or another builder that answers, and Buildah. Asked once for each host. */
export function probeMachine(host: ProgramHost, cancel: Cancel = {}): Promise<Machine> {
  return asked(host, '', (stop) => askMachine(host, stop), cancel);
}

async function askMachine(host: ProgramHost, cancel: Cancel): Promise<Machine> {
  const [buildx, buildah] = await Promise.all([usableBuildx(host, cancel), buildahVersion(host, cancel)]);
  return { ...(buildx === undefined ? {} : { buildx }), ...(buildah === undefined ? {} : { buildah }) };
}

async function usableBuildx(host: ProgramHost, cancel: Cancel): Promise<string | undefined> {
  const version = await buildxVersion(host, cancel);
  if (version === undefined) return undefined;
  const builder = await outputOf(host, 'docker', ['buildx', 'inspect'], cancel);
  return builder === undefined || /^Error:/m.test(builder) ? undefined : version;
}

/** Buildx's version; undefined where it is not installed. */
export async function buildxVersion(host: ProgramHost, cancel: Cancel = {}): Promise<string | undefined> {
  return /buildx v?(\d\S*)/.exec((await outputOf(host, 'docker', ['buildx', 'version'], cancel)) ?? '')?.[1];
}

/** Buildah's version; undefined where it is not installed. */
export async function buildahVersion(host: ProgramHost, cancel: Cancel = {}): Promise<string | undefined> {
  return /version v?(\d\S*)/.exec((await outputOf(host, 'buildah', ['--version'], cancel)) ?? '')?.[1];
}

/** What a program says on stdout; undefined where it is missing or ends badly. */
export async function outputOf(
  { exec, env }: ProgramHost,
  program: string,
  args: readonly string[],
  cancel: Cancel,
): Promise<string | undefined> {
  try {
    const { status, stdout } = await exec.run(program, args, { env }, cancel);
    return status === 0 ? Buffer.from(stdout).toString('utf8') : undefined;
  } catch (error) {
    if (isFanfoldError(error) && error.code === 'host.program') return undefined;
    throw error;
  }
}
