// How the jobs of a run ended: what later jobs, re-runs and tests look at.

import type { JobReport, Result } from './job-request.ts';
import type { JsonObject } from './json.ts';
import type { JobDefinition } from './workflow-file.ts';

/** One job of a matrix, or the only one. */
export interface CellState {
  readonly name: string;
  readonly matrix: JsonObject | undefined;
  /** After `continue-on-error`: what `needs` sees. */
  readonly result: Result;
  readonly outputs: Readonly<Record<string, string>>;
  /** The run's attempt that it ran in. */
  readonly attempt: number;
  /** undefined: it called a workflow, or never ran. */
  readonly report: JobReport | undefined;
  /** The jobs of the workflow that it called. */
  readonly called: JobStates | undefined;
  /** Why it could not run. */
  readonly error: string | undefined;
}

/** A job as `needs` sees it. */
export interface JobState {
  readonly id: string;
  readonly result: Result;
  readonly outputs: Readonly<Record<string, string>>;
  /** The last to end is last. */
  readonly cells: readonly CellState[];
}

/** Jobs by id. */
export type JobStates = ReadonlyMap<string, JobState>;

/** A job that did not run. */
export function withoutCells(id: string, result: 'skipped' | 'cancelled'): JobState {
  return { id, result, outputs: {}, cells: [] };
}

/** A job of its cells: one failure fails it; of several that set an output, the last to end wins, an empty text never. */
export function jobOfCells(id: string, cells: readonly CellState[]): JobState {
  const results = cells.map(({ result }) => result);
  const worst = (['failure', 'cancelled', 'success'] as const).find((result) => results.includes(result)) ?? 'skipped';
  const outputs: Record<string, string> = {};
  for (const cell of cells) {
    for (const [name, value] of Object.entries(cell.outputs))
      if (value !== '' || !(name in outputs)) outputs[name] = value;
  }
  return { id, result: worst, outputs, cells };
}

/** Every job and cell that ran, those of called workflows included. */
export function allCells(states: JobStates): readonly CellState[] {
  return [...states.values()].flatMap(({ cells }) =>
    cells.flatMap((cell) => (cell.called === undefined ? [cell] : allCells(cell.called))),
  );
}

/** The jobs that a job waits for, and those that they wait for. */
export function ancestorsOf(definition: JobDefinition, all: ReadonlyMap<string, JobDefinition>): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (id: string): void => {
    if (found.has(id)) return;
    found.add(id);
    for (const need of all.get(id)?.needs ?? []) visit(need);
  };
  for (const need of definition.needs) visit(need);
  return found;
}
