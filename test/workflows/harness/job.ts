// Carries out one job on a machine of its own: its steps in order, its outputs, nothing left running.

import { evaluateStrings } from './expression.ts';
import type { JobReport, JobRequest } from './job-request.ts';
import { carryOutStep } from './job-steps.ts';
import { endOrphans } from './process.ts';
import { type Machine, makeRunner } from './runner.ts';
import { type Job, jobScope, makeJob, tell } from './running-job.ts';
import type { Sources } from './step.ts';

/** GitHub's limit of a job's outputs: 1 MB, counted as UTF-16. */
const maxOutputBytes = 1024 * 1024;

/** Carries out a job; it ends within its time limit and a few minutes, whatever its steps do. */
export async function carryOutJob(request: JobRequest, machine: Machine, sources: Sources): Promise<JobReport> {
  const startedMs = performance.now();
  const name = String(request.contexts.github['repository']).split('/')[1] ?? '';
  using runner = makeRunner(machine, name, request.labels);
  const timeOut = AbortSignal.timeout(Math.max(1, Math.round(request.timeoutMinutes * machine.minuteMs)));
  const job = makeJob(request, machine, sources, runner, AbortSignal.any([request.signal, timeOut]));
  try {
    job.env = evaluateStrings(request.workflow.fields('env'), jobScope(job));
    job.env = { ...job.env, ...evaluateStrings(request.definition.fields('env'), jobScope(job)) };
    for (const [place, step] of request.definition.steps.entries()) await carryOutStep(job, step, place);
  } catch (error) {
    failJob(job, error);
  }
  const outputs = jobOutputs(job);
  endOrphans(runner.trackingId);
  const result = job.signal.aborted ? 'cancelled' : job.hasFailed ? 'failure' : 'success';
  const { annotations, leaks } = job.log;
  const durationMs = performance.now() - startedMs;
  return {
    ...{ result, outputs, steps: job.reports, log: job.log.text(), annotations, leaks, durationMs },
    summary: job.summaries.join('\n'),
  };
}

function jobOutputs(job: Job): Readonly<Record<string, string>> {
  const token = job.request.definition.fields('outputs');
  try {
    const written = evaluateStrings(token, jobScope(job));
    const kept = Object.entries(written).filter(([name, value]) => {
      if (!job.masks.isIn(value)) return true;
      job.log.stepLine(`::warning::Skip output '${name}' since it may contain secret.`);
      return false;
    });
    const bytes = kept.reduce((sum, [name, value]) => sum + 2 * (name.length + value.length), 0);
    if (bytes > maxOutputBytes) throw new Error(`the outputs have ${bytes} bytes, and GitHub takes ${maxOutputBytes}`);
    return Object.fromEntries(kept);
  } catch (error) {
    failJob(job, error);
    return {};
  }
}

function failJob(job: Job, error: unknown): void {
  job.hasFailed = true;
  tell(job, error);
}
