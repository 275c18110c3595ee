/** Emulators: registered with the kernel where a job runs programs of a processor that this machine's is not, and nowhere else. */
import type { Cancel } from '../base/host/cancel.ts';
import type { Host } from '../base/host/host.ts';
import type { StagePlatform } from '../source/dockerfile/stages.ts';
import { docker } from './docker.ts';
import { describeImage } from './pinned-images.ts';

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

/**
 * Registers, by `image`, an emulator for each of these platforms that the processor does not run and the kernel has none for.
 * @throws FanfoldError `host.program` where Docker is not here, or does not run it
 */
export async function emulate(
  platforms: readonly StagePlatform[],
  image: string,
  host: Pick<Host, 'exec' | 'env' | 'files' | 'architecture'>,
  note: (line: string) => void,
  cancel: Cancel,
): Promise<void> {
  const foreign = new Set(platforms.flatMap((platform) => foreignArchitecture(platform, host.architecture)));
  for (const architecture of foreign) {
    const emulator = emulators[architecture];
    if (emulator === undefined || (await host.files.kindOf(`${registered}/${emulator}`)) !== undefined) continue;
    note(`setting up an emulator for ${architecture}, by ${describeImage(image)}`);
    await docker(['run', '--privileged', '--rm', '--', image, '--install', architecture], host, cancel);
  }
}

/** The architecture of a platform that the processor does not run by itself. */
function foreignArchitecture({ os, architecture }: StagePlatform, own: string): readonly string[] {
  const isNative = architecture === own || (own === 'amd64' && architecture === '386');
  return os !== 'linux' || isNative ? [] : [architecture];
}
