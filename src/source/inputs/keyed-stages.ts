/** Reached stages as a key has them: what they say, and which of each other they mean; nothing of where it stands in the file. */
import { type Json, sharedJson } from '../../content/oci/json.ts';
import { formatPlatform } from '../../content/oci/platform.ts';
import { remembered } from '../dockerfile/constant.ts';
import type { Heredoc, Instruction } from '../dockerfile/instruction.ts';
import type { ReachedStage, ReachedStages, StageBase } from '../dockerfile/stages.ts';
import type { CopyOrigin, Step } from '../dockerfile/step.ts';
import type { KeyedStage } from './key.ts';

/** The stages of a key. `volatile` arguments are named without their value, those of `machine` not at all. */
export function keyedStages(
  { stages }: Pick<ReachedStages, 'stages'>,
  volatile: readonly string[],
  machine: ReadonlySet<string>,
): readonly KeyedStage[] {
  const place = new Map(stages.map(({ index }, position) => [index, position]));
  const isVolatile = new Set(volatile);
  return stages.map((stage) => ({
    base: keyedBase(stage.base, place),
    platform: formatPlatform(stage.platform),
    args: keyedArgs(stage, isVolatile, machine),
    steps: keyedSteps(stage.steps, place),
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

function keyedArgs(
  { args }: ReachedStage,
  volatile: ReadonlySet<string>,
  machine: ReadonlySet<string>,
): Readonly<Record<string, string | null>> {
  const kept: [string, string | null][] = [];
  for (const [name, value] of args) {
    if (!machine.has(name)) kept.push([name, volatile.has(name) ? null : (value ?? null)]);
  }
  return Object.fromEntries(kept);
}

interface KnownSteps {
  readonly instructions: readonly Instruction[];
  readonly keyed: readonly Json[];
}

const knownSteps = new WeakMap<Instruction, Map<string, KnownSteps>>();

/** The steps of a stage say the same in every leg that reaches the same stages: the list, and its text, is made once for all of them. */
function keyedSteps(steps: readonly Step[], place: Places): readonly Json[] {
  const [first] = steps;
  const make = (): readonly Json[] => steps.map((step) => keyedStep(step, place));
  if (first === undefined || steps.some(({ fromOnbuild }) => fromOnbuild)) return make();
  const ofStage = knownSteps.get(first.instruction) ?? new Map<string, KnownSteps>();
  knownSteps.set(first.instruction, ofStage);
  const stages = [...place.keys()].join(' ');
  const known = ofStage.get(stages);
  if (known !== undefined && areOf(steps, known.instructions)) return known.keyed;
  const keyed = sharedJson(make());
  ofStage.set(stages, { instructions: steps.map(({ instruction }) => instruction), keyed });
  return keyed;
}

function areOf(steps: readonly Step[], instructions: readonly Instruction[]): boolean {
  return (
    steps.length === instructions.length && steps.every(({ instruction }, place) => instruction === instructions[place])
  );
}

function keyedStep(step: Step, place: Places): Json {
  const origins = mayTake.has(step.action.kind) ? stagesIn(step, place) : [];
  const instruction = keyedInstruction(step.instruction);
  if (origins.length === 0 && !step.fromOnbuild) return instruction;
  return {
    ...instruction,
    ...(origins.length === 0 ? {} : { stages: origins }),
    ...(step.fromOnbuild ? { onbuild: true } : {}),
  };
}

const mayTake: ReadonlySet<string> = new Set(['copy', 'add', 'run']);

function stagesIn(step: Step, place: Places): readonly number[] {
  return originsOf(step).flatMap((origin) => (origin.kind === 'stage' ? [place.get(origin.stage) ?? -1] : []));
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
