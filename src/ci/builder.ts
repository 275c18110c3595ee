/** The builder of a job: where Buildx is needed and nobody set one up, one whose BuildKit reaches this machine's loopback, for this job alone. */

import { FanfoldError, messageOf } from '../base/errors/error.ts';
import type { Cancel } from '../base/host/cancel.ts';
import type { Host } from '../base/host/host.ts';
import { parseInspection } from '../build/buildx/driver.ts';
import { outputOf } from '../build/machine.ts';
import { createChooser } from '../call/chooser.ts';
import type { Platform } from '../content/oci/platform.ts';
import type { KeyedLeg } from '../source/inputs/leg-inputs.ts';

/** Images that are pulled where they are needed. */
export interface BuilderImages {
  readonly buildkit: string;
  /** Registers emulators. */
  readonly binfmt: string;
}

/** A host whose Buildx is ready; disposed of, what was set up is gone. */
export interface ReadyHost extends AsyncDisposable {
  readonly host: Host;
}

/**
 * Prepares the machine for these legs and does nothing where nothing is needed: an emulator for a platform that the processor does not run, a
 * builder with the host's network where the one in use is Docker's own. A machine that cannot be prepared is told of; its legs say what they lack.
 */
export async function readyBuilder(
  legs: readonly KeyedLeg[],
  images: BuilderImages,
  host: Host,
  note: (line: string) => void,
  cancel: Cancel,
): Promise<ReadyHost> {
  const asIs = { host, [Symbol.asyncDispose]: async () => {} };
  const needing = await legsForBuildx(legs, host, cancel);
  if (needing.length === 0) return asIs;
  try {
    await emulate(needing, images.binfmt, host, note, cancel);
    return (await ownBuilder(images.buildkit, host, note, cancel)) ?? asIs;
  } catch (error) {
    cancel.signal?.throwIfAborted();
    note(`notice  the builder could not be set up: ${messageOf(error)}`);
    return asIs;
  }
}

/** The legs that Buildx makes, by no builder that the family names. */
async function legsForBuildx(legs: readonly KeyedLeg[], host: Host, cancel: Cancel): Promise<readonly KeyedLeg[]> {
  const choose = createChooser(host);
  const kinds = await Promise.all(
    legs.map(async (keyed) => {
      const setting = keyed.leg.target.builder;
      if (setting?.kind === 'buildx' && setting.name !== undefined) return 'another';
      // What cannot be built at all is told by the leg itself.
      return await choose(keyed, cancel).then(
        ({ builder }) => builder.kind,
        () => 'none',
      );
    }),
  );
  return legs.filter((_leg, place) => kinds[place] === 'buildx');
}

/** Where the kernel lists what runs through an emulator. */
const registered = '/proc/sys/fs/binfmt_misc';

/** Emulators by architecture, as QEMU names them. */
const emulators: Readonly<Record<string, string>> = {
  '386': 'qemu-i386',
  amd64: 'qemu-x86_64',
  arm: 'qemu-arm',
  arm64: 'qemu-aarch64',
  loong64: 'qemu-loongarch64',
  mips64le: 'qemu-mips64el',
  ppc64le: 'qemu-ppc64le',
  riscv64: 'qemu-riscv64',
  s390x: 'qemu-s390x',
};

async function emulate(
  legs: readonly KeyedLeg[],
  image: string,
  host: Host,
  note: (line: string) => void,
  cancel: Cancel,
): Promise<void> {
  const foreign = new Set(legs.flatMap(({ leg }) => foreignArchitecture(leg.platform, host.architecture)));
  for (const architecture of foreign) {
    const emulator = emulators[architecture];
    if (emulator === undefined || (await host.files.kindOf(`${registered}/${emulator}`)) !== undefined) continue;
    note(`setting up an emulator for ${architecture}`);
    await docker(['run', '--privileged', '--rm', '--', image, '--install', architecture], host, cancel);
  }
}

/** The architecture of a platform that the processor does not run by itself. */
function foreignArchitecture({ os, architecture }: Platform, own: string): readonly string[] {
  const isNative = architecture === own || (own === 'amd64' && architecture === '386');
  return os !== 'linux' || isNative ? [] : [architecture];
}

const nameBytes = 6;

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
  const name = `fanfold-${Buffer.from(host.random(nameBytes)).toString('hex')}`;
  note(`making the Buildx builder ${name} of ${image}, on this machine's network`);
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

async function docker(args: readonly string[], host: Host, cancel: Cancel): Promise<void> {
  const { status, stderr } = await host.exec.run('docker', args, { env: host.env }, cancel);
  if (status === 0) return;
  throw new FanfoldError(
    'host.program',
    `docker ${args[0]} ended with status ${status}: ${stderr.trim().slice(-2000)}`,
  );
}
