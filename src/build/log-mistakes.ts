/** Mistakes in a builder's log: told by the programs that a build runs, kept by the step that they ran in. */
import { type Before, nothingBefore, readMistake, type ToldMistake } from './mistake-forms.ts';

/** Hears a builder's lines. */
export interface MistakeListener {
  hear(line: string): void;
  /** Those of the steps that failed; all of them where the builder does not tell its steps apart. */
  mistakes(): readonly ToldMistake[];
}

/** Of one step; the first ones, from which the others often follow. */
const keptMistakes = 20;
const keptSteps = 500;
/** Of a line; nobody's message is longer, and patterns read no more. */
const readCharacters = 1000;

interface Step {
  readonly mistakes: ToldMistake[];
  before: Before;
  failed: boolean;
}

/** A listener for one build. What it holds is bounded, whatever a build prints. */
export function createMistakeListener(): MistakeListener {
  const steps = new Map<string, Step>();
  const stepOf = (name: string): Step | undefined => {
    const known = steps.get(name);
    if (known !== undefined || steps.size >= keptSteps) return known;
    const made: Step = { mistakes: [], before: nothingBefore, failed: false };
    steps.set(name, made);
    return made;
  };
  return {
    hear(line) {
      // BuildKit's plain progress: the step's number before each line, the time since its start before what it printed.
      const [, number = '', text = line] = /^#(\d{1,6}) (.*)$/.exec(line.slice(0, readCharacters)) ?? [];
      const step = stepOf(number);
      if (step === undefined) return;
      if (number !== '' && text.startsWith('ERROR: ')) step.failed = true;
      const { mistake, next } = readMistake(
        text.slice(0, readCharacters).replace(/^\d{1,9}\.\d{1,9} /, ''),
        step.before,
      );
      step.before = next;
      if (mistake !== undefined && step.mistakes.length < keptMistakes) step.mistakes.push(mistake);
    },
    mistakes() {
      const all = [...steps.values()];
      const failed = all.filter((step) => step.failed);
      return (failed.length === 0 ? all : failed).flatMap(({ mistakes }) => mistakes);
    },
  };
}
