/** A Buildx builder as `docker buildx inspect` describes it. */
import { FanfoldError } from '../../base/errors/error.ts';
import type { Cancel } from '../../base/host/cancel.ts';
import { outputOf, type ProgramHost } from '../machine.ts';
import { once } from '../once.ts';

/** What decides how content can leave a builder. */
export interface BuildxDriver {
  /** `docker`, `docker-container`, `kubernetes`, `remote`, `cloud`. */
  readonly kind: string;
  /** Machines that it builds on; with several, the platform decides on which. */
  readonly nodes: number;
}

/**
 * Describes a builder, started where it was not; the one in use where `name` is undefined.
 * @throws FanfoldError `build.builder` where there is none or it does not answer
 */
export async function inspectBuilder(
  name: string | undefined,
  host: ProgramHost,
  cancel: Cancel,
): Promise<BuildxDriver> {
  const args = ['buildx', 'inspect', '--bootstrap', ...(name === undefined ? [] : ['--', name])];
  const { status, stdout, stderr } = await host.exec.run('docker', args, { env: host.env }, cancel);
  const text = Buffer.from(stdout).toString('utf8');
  const driver = status === 0 ? parseInspection(text) : undefined;
  if (driver !== undefined) return driver;
  const said = /^Error:\s*(.+)$/im.exec(`${text}\n${stderr}`)?.[1];
  const which = name === undefined ? 'the Buildx builder in use' : `the Buildx builder ${name}`;
  throw new FanfoldError('build.builder', `${which} does not answer${said === undefined ? '' : `: ${said}`}`, {
    hint: 'see `docker buildx ls`; start the engine, or make a builder with `docker buildx create`',
  });
}

const asked = once<boolean>();

/** Whether a builder writes caches to registries: Docker's own does only where it keeps images in containerd. */
export async function writesCaches(driver: BuildxDriver, host: ProgramHost, cancel: Cancel): Promise<boolean> {
  if (driver.kind !== 'docker') return true;
  return await asked(
    host,
    '',
    async (stop) => {
      const status = await outputOf(host, 'docker', ['info', '--format={{json .DriverStatus}}'], stop);
      return status?.includes('io.containerd.snapshotter') === true;
    },
    cancel,
  );
}

/** What an inspection says; undefined where it tells of an error or names no driver. */
export function parseInspection(text: string): BuildxDriver | undefined {
  const kind = /^Driver:[ \t]*(\S+)/m.exec(text)?.[1];
  if (kind === undefined || /^Error:/m.test(text)) return undefined;
  return { kind, nodes: text.match(/^Endpoint:/gm)?.length ?? 0 };
}
