/** The steps of a stage's body. Those that mean the same in every build are made once for all legs of a Dockerfile. */
import { isFanfoldError } from '../../base/errors/error.ts';
import { fromsOf, mentionedVariables } from './constant.ts';
import type { Instruction } from './instruction.ts';
import { memoryOf, type StepMemory } from './known-steps.ts';
import type { StepContext } from './made-step.ts';
import type { BodyItem } from './stage-bodies.ts';
import { makeStep } from './stage-step.ts';
import type { ReportAt } from './stage-table.ts';
import type { Step } from './step.ts';

/** Steps in the order of the body, and those of them that may take files: COPY, ADD, and RUN with mounts. */
export interface StageSteps {
  readonly steps: readonly Step[];
  readonly takers: readonly Step[];
}

/** Makes a body's steps and applies ARG and ENV to the scope. A step with a mistake is told and left out. */
export function makeSteps(body: readonly BodyItem[], context: StepContext, report: ReportAt): StageSteps {
  const outline = outlineOf(body, context);
  const steps = [...outline.steps];
  context.budget.left -= outline.cost;
  let isWhole = true;
  for (const { place, instruction, fromOnbuild, memory } of outline.open) {
    try {
      steps[place] = makeStep(instruction, fromOnbuild, context, memory);
    } catch (error) {
      report(instruction, error);
      isWhole = false;
    }
  }
  const takers: Step[] = [];
  for (const place of outline.takers) {
    const step = steps[place];
    if (step !== undefined) takers.push(step);
  }
  return { steps: isWhole ? (steps as readonly Step[]) : steps.filter((step) => step !== undefined), takers };
}

/** What of a body is known before a build. */
interface Outline {
  /** At their places, steps that read and set no variable; undefined where a step is to be made. */
  readonly steps: readonly (Step | undefined)[];
  /** Those that are to be made. */
  readonly open: readonly OpenItem[];
  readonly takers: readonly number[];
  /** What making the known ones takes of the budget. */
  readonly cost: number;
}

interface OpenItem extends BodyItem {
  readonly place: number;
  readonly memory?: StepMemory;
}

const outlines = new WeakMap<readonly BodyItem[], Outline>();

function outlineOf(body: readonly BodyItem[], context: StepContext): Outline {
  const known = outlines.get(body) ?? makeOutline(body, context);
  outlines.set(body, known);
  if (known.cost <= context.budget.left) return known;
  return { ...known, steps: [], open: body.map((item, place) => ({ ...item, place })), cost: 0 };
}

function makeOutline(body: readonly BodyItem[], context: StepContext): Outline {
  const budget = { left: context.budget.left };
  const steps = body.map((item) =>
    isConstant(item) ? madeOrOpen(item.instruction, { ...context, budget }) : undefined,
  );
  const places = [...body.keys()];
  return {
    steps,
    open: body.flatMap((item, place) =>
      steps[place] === undefined ? [{ ...item, place, ...memoryFor(item, context) }] : [],
    ),
    takers: places.filter((place) => mayTake(body[place]?.instruction)),
    cost: context.budget.left - budget.left,
  };
}

/** Whether an instruction reads no variable, sets none, and names nothing that another build may understand otherwise. */
function isConstant({ instruction, fromOnbuild }: BodyItem): boolean {
  if (fromOnbuild || instruction.keyword === 'ARG' || instruction.keyword === 'ENV') return false;
  return orUndefined(() => fromsOf(instruction).length === 0 && mentionedVariables(instruction)?.length === 0) === true;
}

function memoryFor({ instruction, fromOnbuild }: BodyItem, { escapeCharacter }: StepContext): Pick<OpenItem, 'memory'> {
  const memory = fromOnbuild ? undefined : orUndefined(() => memoryOf(instruction, escapeCharacter));
  return memory === undefined ? {} : { memory };
}

/** What is wrong with it is told for each build. */
function madeOrOpen(instruction: Instruction, context: StepContext): Step | undefined {
  return orUndefined(() => makeStep(instruction, false, context));
}

function orUndefined<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (isFanfoldError(error)) return undefined;
    throw error;
  }
}

function mayTake(instruction: Instruction | undefined): boolean {
  if (instruction?.keyword === 'RUN') return instruction.flags.some(({ name }) => name === 'mount');
  return instruction?.keyword === 'COPY' || instruction?.keyword === 'ADD';
}
