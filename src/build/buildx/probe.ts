/** The probe: whether a builder's BuildKit reaches this machine's loopback. Nothing but trying tells. */
import { FanfoldError } from '../../base/errors/error.ts';
import { anyOf, type Cancel } from '../../base/host/cancel.ts';
import type { Host } from '../../base/host/host.ts';
import { startEndpoint } from '../../content/endpoint/endpoint.ts';
import { formatPlatform, type Platform } from '../../content/oci/platform.ts';
import { memoryStore } from '../../content/store/memory.ts';
import { buildxVersion } from '../machine.ts';
import { once } from '../once.ts';
import { pushOutput } from './by-endpoint.ts';
import { type BuildxDriver, inspectBuilder } from './driver.ts';
import { buildxEnvironment } from './run.ts';
import { pushesByDigest } from './way.ts';

/** What a probe found. */
export interface Reach {
  /** Buildx's own. */
  readonly version: string;
  readonly driver: BuildxDriver;
  readonly reaches: boolean;
}

/** A push of 1 kB over loopback takes a second at the most; a builder's first start was before. */
const boundMs = 60_000;

const inspected = once<Omit<Reach, 'reaches'>>();
const tried = once<boolean>();

/**
 * Whether an image that the builder makes for a platform arrives here. Tried once for each host and builder; with several nodes, for
 * each platform.
 * @throws FanfoldError `build.builder` where Buildx is missing or the builder does not answer
 */
export async function probeReach(
  builder: string | undefined,
  platform: Platform,
  host: Host,
  cancel: Cancel,
): Promise<Reach> {
  const found = await inspected(host, builder ?? '', (stop) => inspect(builder, host, stop), cancel);
  const key = JSON.stringify([builder, found.driver.nodes > 1 ? formatPlatform(platform) : undefined]);
  const reaches = await tried(host, key, (stop) => arrives(builder, platform, found.driver, host, stop), cancel);
  return { ...found, reaches };
}

async function inspect(builder: string | undefined, host: Host, cancel: Cancel): Promise<Omit<Reach, 'reaches'>> {
  const version = await buildxVersion(host, cancel);
  if (version === undefined) {
    throw new FanfoldError('build.builder', '`docker buildx` is not here', {
      hint: 'install Docker with its Buildx plugin, or choose another builder',
    });
  }
  return { version, driver: await inspectBuilder(builder, host, cancel) };
}

async function arrives(
  builder: string | undefined,
  platform: Platform,
  driver: BuildxDriver,
  host: Host,
  cancel: Cancel,
): Promise<boolean> {
  await using endpoint = await startEndpoint({ store: memoryStore(), name: 'probe', random: host.random }, cancel);
  await using folder = await host.files.temporaryFolder('probe');
  // A label of its own makes every probe another image: BuildKit pushes nothing that it believes to be there.
  const label = Buffer.from(host.random(16)).toString('hex');
  await host.files.replace(`${folder.path}/Dockerfile`, `FROM scratch\nLABEL io.fanfold.probe=${label}\n`);
  const output = pushOutput(endpoint.reference, pushesByDigest(driver) ? 'digest' : 'tag');
  await tryPush(probeArguments(builder, platform, output, folder.path), folder.path, host, cancel);
  return (await endpoint.finish(cancel)).length > 0;
}

/** How the build ends does not matter, only what arrived. One that waits for what never answers is ended: it did not arrive. */
async function tryPush(args: readonly string[], folder: string, host: Host, cancel: Cancel): Promise<void> {
  const bound = AbortSignal.timeout(boundMs);
  try {
    const options = { cwd: folder, env: buildxEnvironment(host.env) };
    await host.exec.run('docker', args, options, anyOf(cancel, bound));
  } catch (error) {
    if (!bound.aborted) throw error;
  }
}

function probeArguments(
  builder: string | undefined,
  platform: Platform,
  output: string,
  folder: string,
): readonly string[] {
  const which = builder === undefined ? [] : [`--builder=${builder}`];
  const plain = ['--provenance=false', '--sbom=false', '--network=none', '--progress=plain'];
  return [
    'buildx',
    'build',
    ...which,
    `--platform=${formatPlatform(platform)}`,
    ...plain,
    `--output=${output}`,
    '--',
    folder,
  ];
}
