/** Steps that were made before of the same instruction and the same values: the legs of a Dockerfile mostly agree in them. */
import { argAction } from './arg-action.ts';
import { fromsOf, mentionedVariables } from './constant.ts';
import type { EscapeCharacter, Instruction } from './instruction.ts';
import type { MadeStep, StepContext } from './made-step.ts';
import type { StageScope } from './stage-scope.ts';

/** What was made of one instruction, and what decides what is made of it. */
export interface StepMemory {
  /** The variables that it mentions. */
  readonly names: readonly string[];
  /** What an ARG declares: a default that stands there counts before the global argument of the same name. */
  readonly declared: readonly { readonly name: string; readonly hasDefault: boolean }[];
  readonly froms: readonly string[];
  readonly isMount: boolean;
  readonly made: Map<string, KnownStep>;
}

interface KnownStep {
  readonly made: MadeStep;
  /** What its expansion took of the budget: whoever finds it made pays the same. */
  readonly cost: number;
}

/** Of one instruction. Thousands of legs that agree in nothing would all be held. */
const maxKnown = 1000;

/**
 * The memory for an instruction that stands in the Dockerfile itself; undefined where it cannot be told what decides it.
 * @throws FanfoldError `dockerfile.syntax`
 */
export function memoryOf(instruction: Instruction, escapeCharacter: EscapeCharacter): StepMemory | undefined {
  const names = mentionedVariables(instruction);
  if (names === undefined) return undefined;
  const action = instruction.keyword === 'ARG' ? argAction(instruction, escapeCharacter) : undefined;
  const args = action?.kind === 'arg' ? action.args : [];
  return {
    names,
    declared: args.map(({ name, value }) => ({ name, hasDefault: value !== undefined })),
    froms: fromsOf(instruction),
    isMount: instruction.keyword === 'RUN',
    made: new Map(),
  };
}

/** The step, made by `make` where there is none of the same values. What throws is not kept. */
export function knownStep(memory: StepMemory, context: StepContext, make: () => MadeStep): MadeStep {
  const { budget } = context;
  const identity = valuesOf(memory, context.scope) + originsOf(memory, context) + givenTo(memory, context);
  const found = memory.made.get(identity);
  if (found !== undefined && found.cost <= budget.left) {
    budget.left -= found.cost;
    return found.made;
  }
  const before = budget.left;
  const made = make();
  if (memory.made.size >= maxKnown) memory.made.clear();
  memory.made.set(identity, { made, cost: before - budget.left });
  return made;
}

/** All that expansion may read and say of variables: their values, which of them are uncertain, and why one that is not set may be. */
function valuesOf({ names }: StepMemory, { variables, uncertain, unknownBase }: StageScope): string {
  let values = '';
  for (const name of names) {
    const value = variables.get(name);
    if (value !== undefined) values += told(uncertain.has(name) ? '~' : '=', value);
    else values += unknownBase === undefined ? '-' : told('?', unknownBase);
  }
  return values;
}

/** What `from` names in this build. @throws FanfoldError `dockerfile.stage` */
function originsOf({ froms, isMount }: StepMemory, { table }: StepContext): string {
  return froms.length === 0 ? '' : JSON.stringify(froms.map((from) => table.originOf(from, isMount)));
}

/** Of an ARG, what its values are where no default counts. */
function givenTo({ declared }: StepMemory, { options, table }: StepContext): string {
  let given = '';
  for (const { name, hasDefault } of declared) {
    const own = Object.hasOwn(options.args, name) ? options.args[name] : undefined;
    const value = own ?? (hasDefault ? undefined : table.globals.get(name));
    given += value === undefined ? '-' : told('=', value);
  }
  return given;
}

/** With its length, so that no two lists of texts are written alike. */
function told(mark: string, text: string): string {
  return `${mark}${text.length}:${text}`;
}
