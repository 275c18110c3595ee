// What a workflow's jobs are carried out in: the run's own, or a call's within it.

import type { ConcurrencyGroups } from './concurrency.ts';
import type { Execute } from './job-request.ts';
import type { JobStates } from './job-state.ts';
import type { JsonObject } from './json.ts';
import type { Permissions } from './permissions.ts';
import type { Slots } from './slots.ts';
import type { WorkflowFile } from './workflow-file.ts';

/** An environment of the repository: its own secrets, and who lets a job in. */
export interface Environment {
  readonly secrets?: Readonly<Record<string, string>>;
  /** Whether the job of that name may start; it waits until this is settled. */
  readonly approve?: (job: string) => Promise<boolean>;
}

/** What all jobs of a run share, called workflows' included. */
export interface RunShared {
  /** Carries out the jobs of a workflow that a job calls. */
  readonly carryOut: (frame: Frame) => Promise<JobStates>;
  readonly execute: Execute;
  readonly slots: Slots;
  readonly groups: ConcurrencyGroups;
  readonly environments: Readonly<Record<string, Environment>>;
  /** Makes the token of one job, with these rights, until it is revoked. */
  readonly issueToken: (permissions: Permissions, job: string) => { readonly token: string } & Disposable;
  readonly readWorkflow: (uses: string) => Promise<WorkflowFile>;
  readonly isFork: boolean;
  readonly attempt: number;
  /** Aborted: the whole run is cancelled. */
  readonly signal: AbortSignal;
  /** UTF-16 bytes of outputs so far: GitHub takes 50 MB a run. */
  readonly outputBytes: { total: number };
}

/** A workflow in its place. */
export interface Frame {
  readonly shared: RunShared;
  readonly workflow: WorkflowFile;
  readonly github: JsonObject;
  readonly vars: JsonObject;
  readonly secrets: JsonObject;
  readonly inputs: JsonObject;
  /** What its jobs may ask for at the most; the caller's rights in a call. */
  readonly granted: Permissions;
  /** Whether `granted` binds: in a call it does. */
  readonly isCall: boolean;
  /** Put before each job's name: `caller / `. */
  readonly prefix: string;
  readonly depth: number;
  readonly previous: JobStates | undefined;
}
