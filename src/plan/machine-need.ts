/** What a leg needs of the machine that it runs on. */
import type { MachineNeed } from '../runners/catalog.ts';
import type { Leg } from '../source/project/model.ts';

/**
 * The need of a leg. A machine of its platform is needed for what runs on it: its Dockerfile's programs, the command that brings its files, its tests.
 *
 * - On Linux only a target that says `direct` is known to have no such program: else its Dockerfile may ask for a builder that runs things.
 * - No builder runs programs of macOS or Windows. Without a command or tests such a leg is packed on Linux, where Buildx is, which GitHub's macOS has
 *   not, and which costs less; nothing here packs on Windows at all.
 */
export function machineNeed({ target, platform }: Leg): MachineNeed {
  const { runner, builder, test, generated } = target;
  const isPacked = platform.os !== 'linux' || builder?.kind === 'direct';
  return {
    platform,
    anywhere: platform.os === 'windows' || (isPacked && test === undefined && generated.length === 0),
    ...(runner === undefined ? {} : { runner }),
  };
}
