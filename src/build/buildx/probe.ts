/** The probe: whether a builder's BuildKit reaches this machine's loopback. Nothing but trying tells. */
import { anyOf, type Cancel } from '../../base/host/cancel.ts';
import type { Host } from '../../base/host/host.ts';
import { startEndpoint } from '../../content/endpoint/endpoint.ts';
import { formatPlatform, type Platform } from '../../content/oci/platform.ts';
import { memoryStore } from '../../content/store/memory.ts';
import { pushOutput } from './by-endpoint.ts';
import { type BuildxDriver, inspectBuilder } from './driver.ts';
import { buildxEnvironment } from './run.ts';
import { pushesByDigest } from './way.ts';

/** What a probe found. */
export interface Reach {
  readonly driver: BuildxDriver;
  readonly reaches: boolean;
}

/** A push of 1 kB over loopback takes a second at the most; a builder's first start was before. */
const boundMs = 60_000;

const known = new WeakMap<Host, Map<string, Promise<Reach>>>();

/**
 * Whether an image that the builder makes for a platform (with several nodes, the platform decides which one builds) arrives here.
 * Tried once for each host, builder and platform.
 * @throws FanfoldError `build.builder` where the builder does not answer
 */
export function probeReach(
  builder: string | undefined,
  platform: Platform,
  host: Host,
  cancel: Cancel,
): Promise<Reach> {
  const answers = known.get(host) ?? new Map<string, Promise<Reach>>();
  known.set(host, answers);
  const key = JSON.stringify([builder, formatPlatform(platform)]);
  const answered = answers.get(key);
  if (answered !== undefined) return answered;
  const answer = tryReach(builder, platform, host, cancel);
  answers.set(key, answer);
  answer.catch(() => answers.delete(key));
  return answer;
}

async function tryReach(builder: string | undefined, platform: Platform, host: Host, cancel: Cancel): Promise<Reach> {
  const driver = await inspectBuilder(builder, host, cancel);
  await using endpoint = await startEndpoint({ store: memoryStore(), name: 'probe', random: host.random }, cancel);
  await using folder = await host.files.temporaryFolder('probe');
  // A label of its own makes every probe another image: BuildKit pushes nothing that it believes to be there.
  const label = Buffer.from(host.random(16)).toString('hex');
  await host.files.replace(`${folder.path}/Dockerfile`, `FROM scratch\nLABEL io.fanfold.probe=${label}\n`);
  const args = probeArguments(
    builder,
    platform,
    pushOutput(endpoint.reference, pushesByDigest(driver) ? 'digest' : 'tag'),
    folder.path,
  );
  await tryPush(args, folder.path, host, cancel);
  const pushes = await endpoint.finish(cancel);
  return { driver, reaches: pushes.length > 0 };
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
