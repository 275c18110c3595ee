/** Steps that were made before of the same instruction and the same values: the legs of a Dockerfile mostly agree in them. */
import { mentionedVariables } from './constant.ts';
import type { Instruction } from './instruction.ts';
import type { Budget, StageScope } from './stage-scope.ts';
import type { Step } from './step.ts';

interface KnownStep {
  readonly step: Step;
  /** What its expansion took of the budget: whoever finds it made pays the same. */
  readonly cost: number;
}

const known = new WeakMap<Instruction, Map<string, KnownStep>>();
/** Of one instruction. Thousands of legs that agree in nothing would all be held. */
const maxKnown = 1000;

/**
 * The step of an instruction that stands in the Dockerfile itself, made by `make` where there is none of the same values. Not for ARG,
 * whose values come from outside of the scope. What throws is not kept.
 */
export function knownStep(instruction: Instruction, scope: StageScope, budget: Budget, make: () => Step): Step {
  const names = mentionedVariables(instruction);
  if (names === undefined) return make();
  const ofInstruction = known.get(instruction) ?? new Map<string, KnownStep>();
  known.set(instruction, ofInstruction);
  const identity = valuesOf(names, scope);
  const found = ofInstruction.get(identity);
  if (found !== undefined && found.cost <= budget.left) {
    budget.left -= found.cost;
    return found.step;
  }
  const before = budget.left;
  const step = make();
  if (ofInstruction.size >= maxKnown) ofInstruction.clear();
  ofInstruction.set(identity, { step, cost: before - budget.left });
  return step;
}

/** All that expansion may read and say of variables: their values, which of them are uncertain, and why one that is not set may be. */
function valuesOf(names: readonly string[], { variables, uncertain, unknownBase }: StageScope): string {
  if (names.length === 0) return '';
  const values = names.map((name) => {
    const value = variables.get(name);
    return value === undefined ? { unknownBase } : [value, uncertain.has(name)];
  });
  return JSON.stringify(values);
}
