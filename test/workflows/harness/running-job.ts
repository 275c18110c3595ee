// A job while its steps run: what they share and change, and what expressions see of it.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Scope, Status } from './expression.ts';
import type { JobRequest, StepReport } from './job-request.ts';
import type { Json, JsonObject } from './json.ts';
import { type JobLog, makeLog } from './log.ts';
import { type Masks, makeMasks } from './masks.ts';
import type { Machine, Runner } from './runner.ts';
import type { Sources } from './step.ts';

/** What a job's steps share and change. */
export interface Job {
  readonly request: JobRequest;
  readonly machine: Machine;
  readonly sources: Sources;
  readonly runner: Runner;
  readonly masks: Masks;
  readonly log: JobLog;
  readonly github: JsonObject;
  /** Cancelled or out of time. */
  readonly signal: AbortSignal;
  readonly steps: Record<string, Json>;
  readonly reports: StepReport[];
  readonly summaries: string[];
  env: Record<string, string>;
  paths: string[];
  hasFailed: boolean;
}

/** A job before its first step. */
export function makeJob(
  request: JobRequest,
  machine: Machine,
  sources: Sources,
  runner: Runner,
  signal: AbortSignal,
): Job {
  const eventPath = join(runner.temp, 'event.json');
  writeFileSync(eventPath, JSON.stringify(request.contexts.github['event'] ?? {}));
  const masks = makeMasks(Object.values(request.contexts.secrets).map(String));
  return {
    ...{ request, machine, sources, runner, signal, masks },
    log: makeLog(masks),
    github: {
      ...request.contexts.github,
      job: request.definition.id,
      workspace: runner.workspace,
      event_path: eventPath,
    },
    ...{ steps: {}, reports: [], summaries: [], env: {}, paths: [], hasFailed: false },
  };
}

/** What an expression of a step sees. */
export function jobScope(job: Job, env = job.env): Scope {
  const { runner, request, github, steps } = job;
  const status = statusOf(job);
  return {
    status,
    contexts: {
      ...request.contexts,
      ...{ github, env, steps },
      job: { status: status.cancelled ? 'cancelled' : status.failure ? 'failure' : 'success' },
      runner: {
        os: runner.env['RUNNER_OS'] ?? '',
        arch: runner.env['RUNNER_ARCH'] ?? '',
        temp: runner.temp,
        tool_cache: runner.tools,
        name: runner.env['RUNNER_NAME'] ?? '',
      },
    },
  };
}

function statusOf({ signal, hasFailed }: Job): Status {
  return { cancelled: signal.aborted, failure: hasFailed && !signal.aborted, success: !hasFailed && !signal.aborted };
}

/** Writes a failure into the job's log. */
export function tell(job: Job, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  for (const line of message.split('\n')) job.log.runnerLine(`##[error]${line}`);
}
