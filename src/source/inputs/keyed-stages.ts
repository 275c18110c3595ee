/** Reached stages as a key has them: what they say, and which of each other they mean; nothing of where it stands in the file. */
import { type Json, sharedJson } from '../../content/oci/json.ts';
import { formatPlatform } from '../../content/oci/platform.ts';
import { remembered } from '../dockerfile/constant.ts';
import type { Heredoc } from '../dockerfile/instruction.ts';
import type { ReachedStage, ReachedStages, StageBase } from '../dockerfile/stages.ts';
import type { CopyOrigin, Step } from '../dockerfile/step.ts';
import type { KeyedStage } from './key.ts';

/**
 * Where the build runs: no machine's key may differ by it. A COPY that reads one takes the whole context (see undecided.ts).
 */
export const machineArguments: ReadonlySet<string> = new Set([
  'BUILDPLATFORM',
  'BUILDOS',
  'BUILDOSVERSION',
  'BUILDARCH',
  'BUILDVARIANT',
]);

/** The stages of a key. `volatile` arguments are named without their value. */
export function keyedStages(
  { stages }: Pick<ReachedStages, 'stages'>,
  volatile: readonly string[],
): readonly KeyedStage[] {
  const place = new Map(stages.map(({ index }, position) => [index, position]));
  return stages.map((stage) => ({
    base: keyedBase(stage.base, place),
    platform: formatPlatform(stage.platform),
    args: keyedArgs(stage, new Set(volatile)),
    steps: stage.steps.map((step) => keyedStep(step, place)),
  }));
}

type Places = ReadonlyMap<number, number>;

function keyedBase(base: StageBase, place: Places): Json {
  switch (base.kind) {
    case 'scratch':
      return 'scratch';
    case 'stage':
      return { stage: place.get(base.stage) ?? -1 };
    case 'named':
      return { named: base.name };
    case 'image':
      return { image: base.reference };
    default:
      return base satisfies never;
  }
}

function keyedArgs({ args }: ReachedStage, volatile: ReadonlySet<string>): Readonly<Record<string, string | null>> {
  const kept = [...args].filter(([name]) => !machineArguments.has(name));
  return Object.fromEntries(kept.map(([name, value]) => [name, volatile.has(name) ? null : (value ?? null)]));
}

function keyedStep(step: Step, place: Places): Json {
  const origins = originsOf(step).flatMap((origin) => (origin.kind === 'stage' ? [place.get(origin.stage) ?? -1] : []));
  const instruction = keyedInstruction(step.instruction);
  if (origins.length === 0 && !step.fromOnbuild) return instruction;
  return {
    ...instruction,
    ...(origins.length === 0 ? {} : { stages: origins }),
    ...(step.fromOnbuild ? { onbuild: true } : {}),
  };
}

/** The line as the image's history keeps it, and its here-documents. */
const keyedInstruction = remembered(({ source, heredocs }): { readonly [name: string]: Json } =>
  sharedJson({ source, ...(heredocs.length === 0 ? {} : { heredocs: heredocs.map(keyedHeredoc) }) }),
);

function keyedHeredoc({ name, fileDescriptor, expand, strip, content }: Heredoc): Json {
  return { name, fileDescriptor, expand, strip, content };
}

function originsOf({ action }: Step): readonly CopyOrigin[] {
  switch (action.kind) {
    case 'copy':
    case 'add':
      return [action.origin];
    case 'run':
      return action.mounts.flatMap((mount) =>
        (mount.kind === 'bind' || mount.kind === 'cache') && mount.origin !== undefined ? [mount.origin] : [],
      );
    default:
      return [];
  }
}
