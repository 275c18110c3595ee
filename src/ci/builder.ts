/** The builder of a job: where Buildx is needed and nobody set one up, one whose BuildKit reaches this machine's loopback, for this job alone. */

import { messageOf } from '../base/errors/error.ts';
import type { Cancel } from '../base/host/cancel.ts';
import type { Host } from '../base/host/host.ts';
import type { BuilderKind } from '../build/builder.ts';
import { parseInspection } from '../build/buildx/driver.ts';
import { outputOf } from '../build/machine.ts';
import { createChooser } from '../call/chooser.ts';
import type { StagePlatform } from '../source/dockerfile/stages.ts';
import type { KeyedLeg } from '../source/inputs/leg-inputs.ts';
import { runSteps } from '../source/inputs/run-steps.ts';
import { docker } from './docker.ts';
import { emulate } from './emulators.ts';
import { builderName, removeLeftBuilders } from './left-builders.ts';
import { describeImage } from './pinned-images.ts';

/** Images that are pulled where they are needed. */
export interface BuilderImages {
  readonly buildkit: string;
  /** Registers emulators. */
  readonly binfmt: string;
}

/** What a job does with legs. */
export interface LegWork {
  readonly build: readonly KeyedLeg[];
  /** Legs whose tests run: those that are built here, and those that an earlier job built. */
  readonly test: readonly KeyedLeg[];
}

/** A host whose Buildx is ready; disposed of, what was set up is gone. */
export interface ReadyHost extends AsyncDisposable {
  readonly host: Host;
}

/**
 * Prepares the machine for this work and does nothing where nothing is needed: an emulator for a platform that something runs on and the processor
 * does not, a builder with the host's network where Buildx is needed and the one in use is Docker's own. A machine that cannot be prepared is told
 * of; its legs say what they lack.
 */
export async function readyBuilder(
  work: LegWork,
  images: BuilderImages,
  host: Host,
  note: (line: string) => void,
  cancel: Cancel,
): Promise<ReadyHost> {
  const asIs = { host, [Symbol.asyncDispose]: async () => {} };
  const made = await ownLegs(work.build, host, cancel);
  const attempt = async <T>(what: string, run: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await run();
    } catch (error) {
      cancel.signal?.throwIfAborted();
      note(`notice  ${what} could not be set up: ${messageOf(error)}`);
      return undefined;
    }
  };
  const platforms = [
    ...made.flatMap(({ keyed }) => platformsRun(keyed, host)),
    ...work.test.map(({ leg }) => leg.platform),
  ];
  await attempt('an emulator', () => emulate(platforms, images.binfmt, host, note, cancel));
  if (!made.some(({ kind }) => kind === 'buildx')) return asIs;
  return (await attempt('the builder', () => ownBuilder(images.buildkit, host, note, cancel))) ?? asIs;
}

/** The legs that a builder of this machine makes by the Dockerfile, and which; those of a builder that the family names are not its business. */
async function ownLegs(
  legs: readonly KeyedLeg[],
  host: Host,
  cancel: Cancel,
): Promise<readonly { readonly keyed: KeyedLeg; readonly kind: BuilderKind }[]> {
  const choose = createChooser(host);
  const chosen = await Promise.all(
    legs.map(async (keyed) => {
      const setting = keyed.leg.target.builder;
      if (setting?.kind === 'buildx' && setting.name !== undefined) return [];
      // What cannot be built at all is told by the leg itself.
      return await choose(keyed, cancel).then(
        ({ builder: { kind } }) => (kind === 'buildx' || kind === 'buildah' ? [{ keyed, kind }] : []),
        () => [],
      );
    }),
  );
  return chosen.flat();
}

function platformsRun(keyed: KeyedLeg, { architecture }: Pick<Host, 'architecture'>): readonly StagePlatform[] {
  return runSteps(keyed, { os: 'linux', architecture }).map(({ platform }) => platform);
}

/** A builder of the job's own; undefined where the machine has one that somebody chose. */
async function ownBuilder(
  image: string,
  host: Host,
  note: (line: string) => void,
  cancel: Cancel,
): Promise<ReadyHost | undefined> {
  if ((host.env['BUILDX_BUILDER'] ?? '') !== '') return undefined;
  const driver = parseInspection((await outputOf(host, 'docker', ['buildx', 'inspect'], cancel)) ?? '');
  if (driver !== undefined && driver.kind !== 'docker') return undefined;
  await removeLeftBuilders(host, note, cancel);
  const name = builderName(host);
  note(`making the Buildx builder ${name} of ${describeImage(image)}, on this machine's network`);
  const remove = async (): Promise<void> => {
    await docker(['buildx', 'rm', '--force', name], host, {}).catch(() => undefined);
  };
  const options = ['--driver=docker-container', '--driver-opt=network=host', `--driver-opt=image=${image}`];
  try {
    await docker(['buildx', 'create', `--name=${name}`, ...options, '--bootstrap'], host, cancel);
  } catch (error) {
    await remove();
    throw error;
  }
  return { host: { ...host, env: { ...host.env, BUILDX_BUILDER: name } }, [Symbol.asyncDispose]: remove };
}
