/** One instruction of a stage to its step, and what it does to the stage's variables. */
import { makeAction } from './action.ts';
import { argAction } from './arg-action.ts';
import type { Instruction } from './instruction.ts';
import { knownStep, type StepMemory } from './known-steps.ts';
import type { MadeStep, Setting, StepContext } from './made-step.ts';
import { type Reading, readingOf, setArg, setEnv } from './stage-scope.ts';
import type { Step, StepAction } from './step.ts';

// Frontend settings, not variables.
const neverVariables = new Set(['BUILDKIT_SBOM_SCAN_CONTEXT', 'BUILDKIT_SBOM_SCAN_STAGE']);

/**
 * Makes a step and applies ARG and ENV to the scope. `memory` is the instruction's, where it has one.
 * @throws FanfoldError `dockerfile.syntax`, `dockerfile.expansion`
 */
export function makeStep(
  instruction: Instruction,
  fromOnbuild: boolean,
  context: StepContext,
  memory?: StepMemory,
): Step {
  const make = () => readStep(instruction, fromOnbuild, context);
  const { step, sets } = memory === undefined ? make() : knownStep(memory, context, make);
  if (step.action.kind === 'arg') for (const setting of sets) declare(setting, context);
  else for (const { name, value = '', isUncertain } of sets) setEnv(context.scope, name, value, isUncertain);
  return step;
}

function declare({ name, value, isUncertain }: Setting, { args, scope }: StepContext): void {
  args.set(name, value);
  if (value !== undefined && !neverVariables.has(name)) setArg(scope, name, value, isUncertain);
}

function readStep(instruction: Instruction, fromOnbuild: boolean, context: StepContext): MadeStep {
  if (instruction.keyword === 'ARG') return argStep(instruction, fromOnbuild, context);
  const { scope, escapeCharacter, budget, table } = context;
  const reading = readingOf(scope, escapeCharacter, budget);
  const originOf = (from: string) => table.originOf(from, instruction.keyword === 'RUN');
  const action = makeAction(instruction, { escapeCharacter, expander: reading.expander, originOf });
  const step = stepOf(instruction, fromOnbuild, action, reading);
  const pairs = action.kind === 'env' ? action.pairs : [];
  return { step, sets: pairs.map((pair) => ({ ...pair, isUncertain: step.undecided !== undefined })) };
}

function argStep(instruction: Instruction, fromOnbuild: boolean, context: StepContext): MadeStep {
  const reading: Read = { used: new Set(), doubts: new Set() };
  const made = argAction(instruction, context.escapeCharacter);
  const sets = made.kind === 'arg' ? applyArgs(made, reading, context) : [];
  const action: StepAction = { kind: 'arg', args: sets.map(({ name, value }) => ({ name, value })) };
  return { step: stepOf(instruction, fromOnbuild, action, reading), sets };
}

type Read = Pick<Reading, 'used' | 'doubts'>;

function stepOf(instruction: Instruction, fromOnbuild: boolean, action: StepAction, reading: Read): Step {
  const undecided = [...reading.doubts].join('; ');
  return {
    action,
    instruction,
    place: instruction.place,
    fromOnbuild,
    used: reading.used,
    ...(undecided !== '' && { undecided }),
  };
}

// A build argument comes before the default, the default before the global argument of the same name. Each is set before the next is read.
function applyArgs(
  action: Extract<StepAction, { kind: 'arg' }>,
  reading: Read,
  context: StepContext,
): readonly Setting[] {
  const { options, table, scope } = context;
  return action.args.map(({ name, value: written }) => {
    const given = Object.hasOwn(options.args, name) ? options.args[name] : undefined;
    const own =
      given === undefined && written !== undefined
        ? readingOf(scope, context.escapeCharacter, context.budget)
        : undefined;
    const value =
      own === undefined || written === undefined ? (given ?? table.globals.get(name)) : own.expander.word(written);
    for (const variable of own?.used ?? []) reading.used.add(variable);
    for (const doubt of own?.doubts ?? []) reading.doubts.add(doubt);
    const setting = { name, value, isUncertain: (own?.doubts.size ?? 0) > 0 };
    declare(setting, context);
    return setting;
  });
}
