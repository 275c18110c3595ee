/** A job's inputs as a call on a family. */

import type { Host } from '../base/host/host.ts';
import type { ProjectCall } from '../call/project.ts';
import type { RunValues } from '../call/running.ts';
import type { Job } from './job.ts';

/** The call; `host` is the job's own where absent. */
export function callOf({ inputs, host: own, log, style, signal }: Job, host: Host = own): ProjectCall<RunValues> {
  const { file, only, except, ref, moment, all, dryRun, takeTags } = inputs;
  return {
    // Committed files alone: what an earlier step left in the folder is no part of a job's keys.
    options: { file, only, except, ref, moment, all, dryRun, takeTags, worktree: false, head: true, jobs: 1 },
    host,
    signal,
    output: { note: (line) => log.note(line), style },
  };
}
