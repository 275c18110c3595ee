// GitHub, as far as a workflow sees it: a repository whose events start runs, and runs that may be repeated.

import { readFileSync } from 'node:fs';
import type { TestRepository } from '../../support/repository.ts';
import { type ConcurrencyGroups, makeConcurrencyGroups } from './concurrency.ts';
import {
  dispatchEvent,
  type Event,
  mergeGroupEvent,
  pullRequestEvent,
  pushEvent,
  type RepositoryFacts,
  scheduleEvent,
} from './event.ts';
import type { Environment } from './frame.ts';
import { carryOutJob } from './job.ts';
import type { Execute } from './job-request.ts';
import type { Json } from './json.ts';
import { makeOrigin, type Origin } from './origin.ts';
import { type Run, startRun } from './run.ts';
import type { Machine } from './runner.ts';
import { makeSlots } from './slots.ts';
import type { Sources } from './step.ts';
import { makeTokens, type Tokens } from './tokens.ts';
import { isTriggered } from './trigger.ts';
import { parseWorkflowFile, type WorkflowFile } from './workflow-file.ts';

/** What differs from a repository `tidewater/lantern` without secrets. */
export interface HubOptions {
  readonly machine: Machine;
  readonly fullName?: string;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly vars?: Readonly<Record<string, string>>;
  readonly environments?: Readonly<Record<string, Environment>>;
  /** Folders of actions by `owner/name@`: whatever comes after is taken as it is. */
  readonly actions?: Readonly<Record<string, string>>;
  /** Files of other repositories' workflows by `owner/name/.github/workflows/x.yml@`. */
  readonly workflows?: Readonly<Record<string, string>>;
  /** Jobs that run at once: 4 unless told. */
  readonly runners?: number;
  /** Instead of real processes. */
  readonly execute?: Execute;
}

/** A pull request's own repository and branch. */
export interface PullRequest {
  readonly number: number;
  readonly from: TestRepository;
  readonly branch: string;
  /** The repository's own unless told: another one is a fork. */
  readonly fullName?: string;
  readonly title?: string;
}

/** The service. Each event gives the runs that it starts. */
export interface Hub extends AsyncDisposable {
  readonly origin: Origin;
  readonly tokens: Tokens;
  /** All runs so far, in order. */
  readonly runs: readonly Run[];
  /** Takes a branch (its own HEAD unless `revision` says what) and starts what `on: push` starts. */
  push(repository: TestRepository, branch: string, revision?: string): Promise<readonly Run[]>;
  pushTag(repository: TestRepository, tag: string): Promise<readonly Run[]>;
  pullRequest(request: PullRequest): Promise<readonly Run[]>;
  dispatch(inputs?: Readonly<Record<string, Json>>, branch?: string): Promise<readonly Run[]>;
  schedule(cron: string): Promise<readonly Run[]>;
  mergeGroup(repository: TestRepository, name: string): Promise<readonly Run[]>;
}

/** A hub with an empty repository. */
export async function makeHub(options: HubOptions): Promise<Hub> {
  const repository: RepositoryFacts = { fullName: options.fullName ?? 'tidewater/lantern', defaultBranch: 'main' };
  const origin = await makeOrigin(repository.defaultBranch);
  const runs: Run[] = [];
  const tokens = makeTokens();
  const sources: Sources = {
    repository: () => origin.url,
    action: (uses) => byPrefix(options.actions ?? {}, uses),
  };
  const execute: Execute = options.execute ?? ((request) => carryOutJob(request, options.machine, sources));
  const site = {
    ...{
      options,
      repository,
      tokens,
      execute,
      groups: makeConcurrencyGroups(),
      slots: makeSlots(options.runners ?? 4),
    },
    readWorkflow: (sha: string, uses: string) =>
      uses.startsWith('./')
        ? readWorkflow(origin, sha, uses.slice('./'.length))
        : parseWorkflowFile(uses, readFileSync(byPrefix(options.workflows ?? {}, uses), 'utf8')),
  };
  const fire = async (event: Event): Promise<readonly Run[]> => {
    const begun: Run[] = [];
    for (const path of await origin.list(event.sha, '.github/workflows')) {
      const workflow = await readWorkflow(origin, event.sha, path);
      if (isTriggered(workflow.events, event))
        begun.push(startRun(site, workflow, event, runs.length + begun.length + 1));
    }
    runs.push(...begun);
    return begun;
  };
  const push = async (from: TestRepository, revision: string, ref: string): Promise<readonly Run[]> => {
    const { before, commit } = await origin.receive(from.path, revision, ref);
    return await fire(pushEvent(repository, ref, before, commit));
  };
  return {
    ...{ origin, tokens, runs },
    push: (from, branch, revision = 'HEAD') => push(from, revision, `refs/heads/${branch}`),
    pushTag: (from, tag) => push(from, `refs/tags/${tag}`, `refs/tags/${tag}`),
    pullRequest: async (request) => await fire(await openPullRequest(origin, repository, request)),
    async dispatch(inputs = {}, branch = 'main') {
      const ref = `refs/heads/${branch}`;
      return await fire(dispatchEvent(repository, ref, (await origin.commit(ref)).sha, inputs));
    },
    schedule: async (cron) => await fire(scheduleEvent(repository, (await origin.commit('main')).sha, cron)),
    async mergeGroup(from, name) {
      const ref = `refs/heads/gh-readonly-queue/main/${name}`;
      return await fire(mergeGroupEvent(repository, ref, (await origin.receive(from.path, 'HEAD', ref)).commit));
    },
    async [Symbol.asyncDispose]() {
      for (const run of runs) run.cancel();
      await Promise.allSettled(runs.map((run) => run.ended()));
      origin[Symbol.dispose]();
    },
  };
}

/** What a run needs of its service. */
export interface Site {
  readonly options: HubOptions;
  readonly repository: RepositoryFacts;
  readonly tokens: Tokens;
  readonly execute: Execute;
  readonly groups: ConcurrencyGroups;
  readonly slots: ReturnType<typeof makeSlots>;
  /** A called workflow: `./` is the repository's own at that commit. */
  readonly readWorkflow: (sha: string, uses: string) => Promise<WorkflowFile>;
}

async function readWorkflow(origin: Origin, sha: string, path: string): Promise<WorkflowFile> {
  const text = await origin.read(sha, path);
  if (text === undefined) throw new Error(`there is no ${path} at ${sha}`);
  return await parseWorkflowFile(path, text);
}

async function openPullRequest(origin: Origin, repository: RepositoryFacts, request: PullRequest): Promise<Event> {
  const { number, from, branch, fullName = repository.fullName, title = 'Change' } = request;
  const base = await origin.commit(repository.defaultBranch);
  const { commit: head } = await origin.receive(from.path, branch, `refs/pull/${number}/head`);
  const mergeSha = await origin.merge(base.sha, head.sha, `refs/pull/${number}/merge`);
  return pullRequestEvent(repository, {
    ...{ number, title, mergeSha },
    base: { ref: repository.defaultBranch, sha: base.sha },
    head: { ref: branch, sha: head.sha, fullName },
  });
}

function byPrefix(known: Readonly<Record<string, string>>, uses: string): string {
  const found = Object.entries(known).find(([prefix]) => uses.startsWith(prefix));
  if (found === undefined) throw new Error(`${uses} is not known here`);
  return found[1];
}
