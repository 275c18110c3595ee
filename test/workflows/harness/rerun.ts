// "Re-run failed jobs": which run again, and which keep what they did.

import { ancestorsOf, type CellState, type JobStates } from './job-state.ts';
import type { JobDefinition } from './workflow-file.ts';

/** What an attempt does with a job: all of it again, only what failed of it, or nothing. */
export type Again = 'whole' | 'failed-cells' | 'keep';

/** What becomes of each job in an attempt after `previous`: what failed or was cancelled runs again, and all that waits for it. */
export function planAgain(
  jobs: ReadonlyMap<string, JobDefinition>,
  previous: JobStates | undefined,
): (definition: JobDefinition) => Again {
  if (previous === undefined) return () => 'whole';
  const failed = new Set(
    [...previous.values()].filter(({ cells, result }) => isBad(result) || cells.some(isBadCell)).map(({ id }) => id),
  );
  return (definition) => {
    const waitsForOne = [...ancestorsOf(definition, jobs)].some((id) => failed.has(id));
    if (waitsForOne) return 'whole';
    return failed.has(definition.id) ? 'failed-cells' : 'keep';
  };
}

/** A cell that a re-run of failed jobs runs again. */
export function isBadCell({ result, report }: CellState): boolean {
  return isBad(result) || report?.result === 'failure' || report?.result === 'cancelled';
}

function isBad(result: string): boolean {
  return result === 'failure' || result === 'cancelled';
}
