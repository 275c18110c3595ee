/** What ARG declares, its values not yet expanded: the same for all legs of a Dockerfile. */
import { makeAction } from './action.ts';
import type { EscapeCharacter, Instruction } from './instruction.ts';
import type { StepAction } from './step.ts';

const known = new WeakMap<Instruction, StepAction>();

/** The action of an ARG. An instruction belongs to one file, and so has one escape character. @throws FanfoldError `dockerfile.syntax` */
export function argAction(instruction: Instruction, escapeCharacter: EscapeCharacter): StepAction {
  const action = known.get(instruction) ?? makeAction(instruction, { escapeCharacter });
  known.set(instruction, action);
  return action;
}
