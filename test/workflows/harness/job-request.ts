// What the service hands to a runner, and what it gets back.

import type { JsonObject } from './json.ts';
import type { Annotation } from './log.ts';
import type { Permissions } from './permissions.ts';
import type { JobDefinition, WorkflowFile } from './workflow-file.ts';

/** How a job or a step ended. */
export type Result = 'success' | 'failure' | 'cancelled' | 'skipped';

/** The contexts of a job that its steps see too. */
export interface JobContexts {
  readonly github: JsonObject;
  readonly vars: JsonObject;
  readonly secrets: JsonObject;
  readonly inputs: JsonObject;
  readonly needs: JsonObject;
  readonly strategy: JsonObject;
  readonly matrix: JsonObject | null;
}

/** A job that is ready. */
export interface JobRequest {
  readonly workflow: WorkflowFile;
  readonly definition: JobDefinition;
  /** As people see it: `legs (a)`, `call / build`. */
  readonly name: string;
  readonly labels: string;
  readonly contexts: JobContexts;
  readonly permissions: Permissions;
  readonly timeoutMinutes: number;
  /** Aborted: the job is cancelled. */
  readonly signal: AbortSignal;
}

/** How a step ended: `conclusion` is what counts, after `continue-on-error`. */
export interface StepReport {
  readonly name: string;
  readonly outcome: Result;
  readonly conclusion: Result;
}

/** What a job left behind. */
export interface JobReport {
  readonly result: Exclude<Result, 'skipped'>;
  readonly outputs: Readonly<Record<string, string>>;
  readonly steps: readonly StepReport[];
  readonly log: string;
  readonly annotations: readonly Annotation[];
  readonly summary: string;
  /** Lines in which a step wrote a secret. */
  readonly leaks: readonly string[];
  readonly durationMs: number;
}

/** Carries out a job. */
export type Execute = (request: JobRequest) => Promise<JobReport>;
