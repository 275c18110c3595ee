/** What a job hears of its legs: told in the log, each leg's lines folded, and remembered for the summary. */
import { describeEvent } from '../report/lines.ts';
import { type RunMemory, rememberRun } from '../report/run-memory.ts';
import { annotateError, maxAnnotations } from './annotations.ts';
import type { Job } from './job.ts';

/** Listens to a run whose legs are built one after another. `root` is the family's folder. */
export function hearRun(job: Pick<Job, 'log' | 'host' | 'style'>, root: string): RunMemory {
  const { log, style, host } = job;
  const runner = host.env['RUNNER_NAME'] ?? host.env['RUNNER_OS'] ?? 'this machine';
  const memory = rememberRun(runner, () => host.clock.now());
  let left = maxAnnotations;
  return {
    ...memory,
    on(event) {
      memory.on(event);
      if (event.kind === 'leg-started') log.group(event.leg);
      if (event.kind === 'leg-ended') log.ungroup();
      for (const line of describeEvent(event, style)) log.note(line);
      if (event.kind !== 'leg-ended' && event.kind !== 'target-ended') return;
      if (event.outcome.kind === 'failed') left -= annotateError(event.outcome.error, root, job, left);
    },
  };
}
