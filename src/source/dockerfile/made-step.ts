/** What a step is made with, and what comes of making it. */
import type { EscapeCharacter } from './instruction.ts';
import type { ReachOptions } from './reached-stage.ts';
import type { Budget, StageScope } from './stage-scope.ts';
import type { StageTable } from './stage-table.ts';
import type { Step } from './step.ts';

/** Where a step is made. The scope and the arguments change with it. */
export interface StepContext {
  readonly escapeCharacter: EscapeCharacter;
  readonly options: ReachOptions;
  readonly table: StageTable;
  readonly budget: Budget;
  readonly scope: StageScope;
  readonly args: Map<string, string | undefined>;
}

/** A step, and the variables that it sets, in order. */
export interface MadeStep {
  readonly step: Step;
  readonly sets: readonly Setting[];
}

/** What ARG or ENV sets. */
export interface Setting {
  readonly name: string;
  /** Undefined: declared by ARG, and given no value. */
  readonly value: string | undefined;
  readonly isUncertain: boolean;
}
