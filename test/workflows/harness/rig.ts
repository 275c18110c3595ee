// A hub with one small workflow, for the harness's own tests.

import { type FileSpec, type TestRepository, testRepository } from '../../support/repository.ts';
import { type Hub, type HubOptions, makeHub } from './hub.ts';
import type { JobReport } from './job-request.ts';
import type { Attempt, Run } from './run.ts';
import type { Machine } from './runner.ts';

/** A machine with the system's own programs and this Node.js. */
export const plainMachine: Machine = {
  path: ['/usr/local/bin', '/usr/bin', '/bin'],
  env: {},
  home: {},
  nodes: { node20: process.execPath, node24: process.execPath },
  grace: { interruptMs: 1000, terminateMs: 500 },
  minuteMs: 60_000,
};

/** What a job leaves that did nothing, and well. */
export const done: JobReport = {
  ...{ result: 'success', outputs: {}, steps: [], log: '', annotations: [], summary: '', leaks: [], durationMs: 0 },
};

/** A hub and the repository that is pushed to it. */
export interface Rig extends AsyncDisposable {
  readonly hub: Hub;
  readonly repository: TestRepository;
  /** Pushes `main` and gives the one run that it starts. */
  push(): Promise<Run>;
  /** Pushes `main` and waits for the run's end. */
  run(): Promise<Attempt>;
}

/** Makes a hub whose `main` holds a workflow and more files. */
export async function rigOf(
  workflow: string,
  options: Partial<HubOptions> & { readonly files?: Readonly<Record<string, FileSpec>> } = {},
): Promise<Rig> {
  const { files = {}, ...rest } = options;
  const hub = await makeHub({ machine: plainMachine, ...rest });
  const repository = await testRepository();
  await repository.commit({ '.github/workflows/ci.yml': workflow, ...files });
  const push = async (): Promise<Run> => {
    const [run] = await hub.push(repository, 'main');
    if (run === undefined) throw new Error('the push started nothing');
    return run;
  };
  return {
    ...{ hub, repository, push },
    run: async () => await (await push()).ended(),
    async [Symbol.asyncDispose]() {
      await hub[Symbol.asyncDispose]();
      repository[Symbol.dispose]();
    },
  };
}

/** Runs a workflow once, on a push to `main`. */
export async function runWorkflow(workflow: string, options: Parameters<typeof rigOf>[1] = {}): Promise<Attempt> {
  await using rig = await rigOf(workflow, options);
  return await rig.run();
}

/** Results by job id. */
export function resultsOf(attempt: Attempt): Readonly<Record<string, string>> {
  return Object.fromEntries([...attempt.jobs.values()].map(({ id, result }) => [id, result]));
}

/** The log of the job of a name. */
export function logOf(attempt: Attempt, name: string): string {
  const cell = attempt.cells.find((each) => each.name === name);
  if (cell === undefined) throw new Error(`there is no job ${name}: ${attempt.cells.map((each) => each.name)}`);
  return `${cell.error ?? ''}${cell.report?.log ?? ''}`;
}
