/** The builders of this door, and the choice among them. */
import type { Cancel } from '../base/host/cancel.ts';
import type { Host } from '../base/host/host.ts';
import { buildahBuilder } from '../build/buildah.ts';
import { buildxBuilder } from '../build/buildx.ts';
import { type Choice, chooseBuilder } from '../build/choose.ts';
import { commandBuilder } from '../build/command.ts';
import { directBuilder } from '../build/direct/direct.ts';
import { probeMachine } from '../build/machine.ts';
import type { KeyedLeg } from '../source/inputs/leg-inputs.ts';
import { version } from './version.ts';

/** Chooses a leg's builder; the machine is asked at most once. */
export function createChooser(host: Host): (keyed: KeyedLeg, cancel: Cancel) => Promise<Choice> {
  const builders = {
    direct: directBuilder(version),
    buildx: buildxBuilder,
    buildah: buildahBuilder,
    command: commandBuilder,
  };
  return (keyed, cancel) => chooseBuilder(keyed, () => probeMachine(host, cancel), builders);
}
