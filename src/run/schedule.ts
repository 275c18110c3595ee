/** Who goes next: tasks side by side within a bound, those that others wait for first, one failure leaving the rest alone. */
import type { Cancel } from '../base/host/cancel.ts';

/** Something to do, after others. */
export interface Task<R> {
  readonly name: string;
  /** Names of tasks that must have ended before. */
  readonly after: readonly string[];
  /** Gets the results of the tasks that it came after. Must not throw: a failure is a result. */
  readonly run: (before: ReadonlyMap<string, R>) => Promise<R>;
}

/**
 * Runs all tasks, at most `atOnce` side by side, in their order as far as `after` allows. Once the signal has fired no further task
 * begins; those that run are waited for.
 * @returns the results by name; tasks that did not begin are absent
 */
export async function runTasks<R>(
  tasks: readonly Task<R>[],
  atOnce: number,
  cancel: Cancel = {},
): Promise<ReadonlyMap<string, R>> {
  const results = new Map<string, R>();
  const waiting = [...tasks];
  const running = new Map<string, Promise<void>>();
  for (;;) {
    while (running.size < atOnce && cancel.signal?.aborted !== true) {
      const place = waiting.findIndex(({ after }) => after.every((name) => results.has(name)));
      const [task] = place < 0 ? [] : waiting.splice(place, 1);
      if (task === undefined) break;
      running.set(task.name, finish(task, results, running));
    }
    if (running.size === 0) return results;
    await Promise.race(running.values());
  }
}

async function finish<R>(task: Task<R>, results: Map<string, R>, running: Map<string, Promise<void>>): Promise<void> {
  try {
    results.set(task.name, await task.run(results));
  } finally {
    running.delete(task.name);
  }
}
