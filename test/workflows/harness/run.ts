// One run of a workflow: its attempts, and what can be done with it.

import { heardByMany } from './cancelling.ts';
import { readConcurrency } from './concurrency.ts';
import type { Event } from './event.ts';
import { evaluateToken } from './expression.ts';
import type { Frame } from './frame.ts';
import { githubContext } from './github-context.ts';
import type { Site } from './hub.ts';
import type { Result } from './job-request.ts';
import { allCells, type CellState, type JobStates } from './job-state.ts';
import { carryOutJobs } from './jobs.ts';
import type { JsonObject } from './json.ts';
import { defaultPermissions } from './permissions.ts';
import { inputDefaults, type WorkflowFile } from './workflow-file.ts';

/** How an attempt ended. */
export interface Attempt {
  readonly number: number;
  readonly result: Exclude<Result, 'skipped'>;
  readonly jobs: JobStates;
  /** All jobs that ran in this attempt or were kept from an earlier one. */
  readonly cells: readonly CellState[];
  /** Jobs' names that ran in this attempt. */
  readonly ran: readonly string[];
  /** Lines in which a step wrote a secret. */
  readonly leaks: readonly string[];
  /** All logs and errors, for a failing test's message. */
  readonly text: string;
}

/** A run. */
export interface Run {
  readonly workflow: WorkflowFile;
  readonly event: Event;
  /** The attempt that runs or ran last. */
  ended(): Promise<Attempt>;
  /** "Re-run failed jobs", after the last attempt ended. */
  rerunFailed(): Promise<Attempt>;
  /** "Cancel workflow". */
  cancel(): void;
}

const maxAttempts = 50;

/** Starts a run. */
export function startRun(site: Site, workflow: WorkflowFile, event: Event, number: number): Run {
  let cancelling = heardByMany();
  let current = attempt(site, workflow, event, number, 1, undefined, cancelling);
  return {
    ...{ workflow, event },
    ended: () => current,
    async rerunFailed() {
      const before = await current;
      if (before.number >= maxAttempts) throw new Error('GitHub takes 50 re-runs of a run');
      cancelling = heardByMany();
      current = attempt(site, workflow, event, number, before.number + 1, before.jobs, cancelling);
      return await current;
    },
    cancel: () => cancelling.abort(),
  };
}

async function attempt(
  site: Site,
  workflow: WorkflowFile,
  event: Event,
  number: number,
  attemptNumber: number,
  previous: JobStates | undefined,
  cancelling: AbortController,
): Promise<Attempt> {
  const frame = frameOf(site, workflow, event, number, attemptNumber, previous, cancelling.signal);
  const { github, vars, inputs } = frame;
  const rule = readConcurrency(evaluateToken(workflow.fields('concurrency'), { contexts: { github, vars, inputs } }));
  using lease =
    rule === undefined ? undefined : await site.groups.enter(rule, () => cancelling.abort(), cancelling.signal);
  if (rule !== undefined && lease === undefined) cancelling.abort();
  const jobs = await carryOutJobs(frame);
  return report(jobs, attemptNumber, cancelling.signal.aborted);
}

function frameOf(
  site: Site,
  workflow: WorkflowFile,
  event: Event,
  number: number,
  attemptNumber: number,
  previous: JobStates | undefined,
  signal: AbortSignal,
): Frame {
  const { options, repository, execute, slots, groups, tokens } = site;
  const facts = {
    id: 1000 + number,
    number,
    attempt: attemptNumber,
    workflowName: workflow.name,
    workflowPath: workflow.path,
  };
  return {
    shared: {
      ...{ execute, slots, groups, signal, isFork: event.isFork, attempt: attemptNumber, outputBytes: { total: 0 } },
      carryOut: carryOutJobs,
      environments: options.environments ?? {},
      issueToken: tokens.issue,
      readWorkflow: (uses) => site.readWorkflow(event.sha, uses),
    },
    ...{ workflow, vars: options.vars ?? {}, previous, prefix: '', depth: 0, isCall: false },
    github: githubContext(event, { ...facts, repository: repository.fullName }),
    secrets: event.isFork ? {} : (options.secrets ?? {}),
    inputs: event.name === 'workflow_dispatch' ? dispatchInputs(workflow, event) : {},
    granted: defaultPermissions,
  };
}

function dispatchInputs(workflow: WorkflowFile, event: Event): JsonObject {
  const given = (event.payload['inputs'] ?? {}) as JsonObject;
  const definitions = workflow.events.workflow_dispatch?.inputs ?? {};
  const strange = Object.keys(given).filter((name) => !Object.hasOwn(definitions, name));
  if (strange.length > 0) throw new Error(`Unexpected inputs provided: ${strange.join(', ')}`);
  for (const [name, { options }] of Object.entries(definitions)) {
    const value = given[name];
    if (value !== undefined && options !== undefined && !options.includes(String(value)))
      throw new Error(`Provided value '${String(value)}' for input '${name}' not in the list of allowed values`);
  }
  return { ...inputDefaults(workflow, 'workflow_dispatch', { contexts: {} }), ...given };
}

function report(jobs: JobStates, number: number, isCancelled: boolean): Attempt {
  const cells = allCells(jobs);
  const results = [...jobs.values()].map(({ result }) => result);
  const result = results.includes('failure')
    ? 'failure'
    : isCancelled || results.includes('cancelled')
      ? 'cancelled'
      : 'success';
  const ran = cells.filter((cell) => cell.attempt === number);
  const text = cells.map((cell) => `=== ${cell.name}: ${cell.result}\n${cell.error ?? ''}${cell.report?.log ?? ''}`);
  return {
    ...{ number, result, jobs, cells, ran: ran.map(({ name }) => name) },
    leaks: ran.flatMap((cell) => cell.report?.leaks ?? []),
    text: text.join('\n'),
  };
}
