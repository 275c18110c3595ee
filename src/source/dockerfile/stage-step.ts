/** One instruction of a stage to its step, and what it does to the stage's variables. */
import { makeAction } from './action.ts';
import { argAction } from './arg-action.ts';
import type { EscapeCharacter, Instruction } from './instruction.ts';
import { knownStep } from './known-steps.ts';
import type { ReachOptions } from './reached-stage.ts';
import { type Budget, type Reading, readingOf, type StageScope, setArg, setEnv } from './stage-scope.ts';
import type { StageTable } from './stage-table.ts';
import type { Step, StepAction } from './step.ts';

/** Where a step is made. The scope and the arguments change with it. */
export interface StepContext {
  readonly escapeCharacter: EscapeCharacter;
  readonly options: ReachOptions;
  readonly table: StageTable;
  readonly budget: Budget;
  readonly scope: StageScope;
  readonly args: Map<string, string | undefined>;
}

// Frontend settings, not variables.
const neverVariables = new Set(['BUILDKIT_SBOM_SCAN_CONTEXT', 'BUILDKIT_SBOM_SCAN_STAGE']);

/**
 * Makes a step and applies ARG and ENV to the scope.
 * @throws FanfoldError `dockerfile.syntax`, `dockerfile.expansion`
 */
export function makeStep(instruction: Instruction, fromOnbuild: boolean, context: StepContext): Step {
  const step = stepOf(instruction, fromOnbuild, context);
  if (step.action.kind === 'env') {
    for (const { name, value } of step.action.pairs) setEnv(context.scope, name, value, step.undecided !== undefined);
  }
  return step;
}

function stepOf(instruction: Instruction, fromOnbuild: boolean, context: StepContext): Step {
  if (instruction.keyword === 'ARG') return argStep(instruction, fromOnbuild, context);
  const make = () => readStep(instruction, fromOnbuild, context);
  return fromOnbuild ? make() : knownStep(instruction, context.scope, context.budget, make);
}

function readStep(instruction: Instruction, fromOnbuild: boolean, context: StepContext): Step {
  const { scope, escapeCharacter, budget, table } = context;
  const reading = readingOf(scope, escapeCharacter, budget);
  const originOf = (from: string) => table.originOf(from, instruction.keyword === 'RUN');
  const action = makeAction(instruction, { escapeCharacter, expander: reading.expander, originOf });
  return madeStep(instruction, fromOnbuild, action, reading);
}

function argStep(instruction: Instruction, fromOnbuild: boolean, context: StepContext): Step {
  const reading: Read = { used: new Set(), doubts: new Set() };
  const made = argAction(instruction, context.escapeCharacter);
  const action = made.kind === 'arg' ? applyArgs(made, reading, context) : made;
  return madeStep(instruction, fromOnbuild, action, reading);
}

type Read = Pick<Reading, 'used' | 'doubts'>;

function madeStep(instruction: Instruction, fromOnbuild: boolean, action: StepAction, reading: Read): Step {
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

// A build argument comes before the default, the default before the global argument of the same name.
function applyArgs(action: Extract<StepAction, { kind: 'arg' }>, reading: Read, context: StepContext): StepAction {
  const { options, table, scope, args } = context;
  const applied = action.args.map(({ name, value: written }) => {
    const given = Object.hasOwn(options.args, name) ? options.args[name] : undefined;
    const own =
      given === undefined && written !== undefined
        ? readingOf(scope, context.escapeCharacter, context.budget)
        : undefined;
    const value =
      own === undefined || written === undefined ? (given ?? table.globals.get(name)) : own.expander.word(written);
    for (const variable of own?.used ?? []) reading.used.add(variable);
    for (const doubt of own?.doubts ?? []) reading.doubts.add(doubt);
    args.set(name, value);
    if (value !== undefined && !neverVariables.has(name)) setArg(scope, name, value, (own?.doubts.size ?? 0) > 0);
    return { name, value };
  });
  return { kind: 'arg', args: applied };
}
