// Carries out the jobs of a workflow: who waits for whom, who is skipped, what runs again.

import { heardByMany } from './cancelling.ts';
import { runCell } from './cell.ts';
import { evaluateCondition, evaluateToken, type Scope, type Status } from './expression.ts';
import type { Frame } from './frame.ts';
import { ancestorsOf, type CellState, type JobState, type JobStates, jobOfCells, withoutCells } from './job-state.ts';
import type { JsonObject } from './json.ts';
import { expandStrategy, type Strategy } from './matrix.ts';
import { isBadCell, planAgain } from './rerun.ts';
import { makeSlots } from './slots.ts';
import type { JobDefinition } from './workflow-file.ts';

/** Carries out all jobs of a frame's workflow; resolves when each is settled. */
export async function carryOutJobs(frame: Frame): Promise<JobStates> {
  const definitions = new Map(frame.workflow.jobs.map((job) => [job.id, job]));
  const again = planAgain(definitions, frame.previous);
  const settled = new Map<string, JobState>();
  const started = new Map<string, Promise<JobState>>();
  const start = (id: string): Promise<JobState> => {
    const running = started.get(id) ?? settle(id);
    started.set(id, running);
    return running;
  };
  const settle = async (id: string): Promise<JobState> => {
    const definition = definitions.get(id);
    if (definition === undefined) throw new Error(`there is no job ${id}`);
    await Promise.all(definition.needs.map(start));
    const previous = frame.previous?.get(id);
    const what = again(definition);
    const state =
      what === 'keep' && previous !== undefined
        ? previous
        : await carryOut(frame, definition, {
            status: statusOf(frame, ancestorsOf(definition, definitions), settled),
            needs: needsContext(definition, settled),
            previous: what === 'failed-cells' ? previous : undefined,
          });
    settled.set(id, state);
    return state;
  };
  await Promise.all([...definitions.keys()].map(start));
  return new Map([...definitions.keys()].map((id) => [id, settled.get(id) as JobState]));
}

interface Situation {
  readonly status: Status;
  readonly needs: JsonObject;
  /** Of which only the cells that failed run again. */
  readonly previous: JobState | undefined;
}

async function carryOut(frame: Frame, definition: JobDefinition, situation: Situation): Promise<JobState> {
  const { needs, previous } = situation;
  const { github, vars, inputs } = frame;
  const scope: Scope = { contexts: { github, vars, inputs, needs }, status: situation.status };
  try {
    if (!evaluateCondition(definition.condition, scope)) {
      return withoutCells(definition.id, situation.status.cancelled ? 'cancelled' : 'skipped');
    }
    const strategy = expandStrategy(evaluateToken(definition.fields('strategy'), scope));
    return await carryOutMatrix(frame, definition, strategy, needs, previous);
  } catch (error) {
    return jobOfCells(definition.id, [brokenCell(definition.id, error, frame.shared.attempt)]);
  }
}

async function carryOutMatrix(
  frame: Frame,
  definition: JobDefinition,
  strategy: Strategy,
  needs: JsonObject,
  previous: JobState | undefined,
): Promise<JobState> {
  const cells = strategy.cells ?? [undefined];
  const kept = (previous?.cells ?? []).filter((cell) => !isBadCell(cell));
  const isKept = (matrix: JsonObject | undefined): boolean =>
    kept.some((cell) => JSON.stringify(cell.matrix) === JSON.stringify(matrix));
  const slots = makeSlots(strategy.maxParallel);
  const failing = heardByMany();
  const ended: CellState[] = [...kept];
  const run = async (matrix: JsonObject | undefined, place: number): Promise<void> => {
    using _place = await slots.take();
    const context = {
      'fail-fast': strategy.failFast,
      'job-index': place,
      'job-total': cells.length,
      'max-parallel': strategy.maxParallel ?? cells.length,
    };
    const earlier = previous?.cells.find((cell) => JSON.stringify(cell.matrix) === JSON.stringify(matrix));
    const cell = await runCell({
      frame,
      definition,
      needs,
      matrix,
      strategy: context,
      signal: failing.signal,
      earlier,
    });
    ended.push(cell);
    if (cell.result === 'failure' && strategy.failFast) failing.abort();
  };
  await Promise.all(cells.map((matrix, place) => (isKept(matrix) ? undefined : run(matrix, place))));
  return jobOfCells(definition.id, ended);
}

function brokenCell(id: string, error: unknown, attempt: number): CellState {
  const text = error instanceof Error ? error.message : String(error);
  return {
    name: id,
    matrix: undefined,
    result: 'failure',
    outputs: {},
    attempt,
    report: undefined,
    called: undefined,
    error: text,
  };
}

// A failure or a skip counts for all that come after it, through however many jobs.
function statusOf(frame: Frame, ancestors: ReadonlySet<string>, settled: ReadonlyMap<string, JobState>): Status {
  const results = [...ancestors].map((id) => settled.get(id)?.result);
  const cancelled = frame.shared.signal.aborted;
  return {
    cancelled,
    failure: !cancelled && results.includes('failure'),
    success: !cancelled && results.every((result) => result === 'success'),
  };
}

function needsContext(definition: JobDefinition, settled: ReadonlyMap<string, JobState>): JsonObject {
  return Object.fromEntries(
    definition.needs.map((id) => {
      const { result = 'skipped', outputs = {} } = settled.get(id) ?? {};
      return [id, { result, outputs }];
    }),
  );
}
