// What happened to a repository, as GitHub tells a job of it: the ref, the commit and the payload.

import type { Json, JsonObject } from './json.ts';

/** The repository of a run. */
export interface RepositoryFacts {
  /** `owner/name`. */
  readonly fullName: string;
  readonly defaultBranch: string;
}

/** A commit as payloads hold it. */
export interface CommitFacts {
  readonly sha: string;
  readonly message: string;
  /** RFC 3339. */
  readonly timestamp: string;
}

/** An event of a repository. */
export interface Event {
  readonly name: string;
  /** GITHUB_REF: `refs/heads/main`, `refs/tags/v1`, `refs/pull/1/merge`. */
  readonly ref: string;
  readonly sha: string;
  readonly actor: string;
  /** The branch that a pull request goes into, and the one that it comes from. */
  readonly baseRef?: string;
  readonly headRef?: string;
  /** `opened`, `synchronize`, ... */
  readonly action?: string;
  /** From a fork: no secret is given, and the token reads only. */
  readonly isFork: boolean;
  readonly payload: JsonObject;
}

const actor = 'ines';

/** A branch or a tag was pushed: `refs/heads/main`, `refs/tags/v1.4.2`. */
export function pushEvent(repository: RepositoryFacts, ref: string, before: string, commit: CommitFacts): Event {
  return event('push', ref, commit.sha, repository, {
    ref,
    before,
    after: commit.sha,
    base_ref: null,
    created: /^0+$/.test(before),
    deleted: false,
    forced: false,
    commits: ref.startsWith('refs/tags/') ? [] : [commitPayload(commit)],
    head_commit: commitPayload(commit),
    pusher: { name: actor },
  });
}

/** Where a pull request stands. */
export interface PullRequestFacts {
  readonly number: number;
  readonly title: string;
  readonly base: { readonly ref: string; readonly sha: string };
  readonly head: { readonly ref: string; readonly sha: string; readonly fullName: string };
  readonly mergeSha: string;
}

/** A pull request was opened or got new commits. */
export function pullRequestEvent(repository: RepositoryFacts, facts: PullRequestFacts, action = 'synchronize'): Event {
  const { number, title, base, head, mergeSha } = facts;
  const isFork = head.fullName !== repository.fullName;
  const pullRequest = {
    number,
    state: 'open',
    title,
    merged: false,
    base: { ref: base.ref, sha: base.sha, repo: { full_name: repository.fullName, fork: false } },
    head: { ref: head.ref, sha: head.sha, repo: { full_name: head.fullName, fork: isFork } },
  };
  return {
    ...event('pull_request', `refs/pull/${number}/merge`, mergeSha, repository, {
      action,
      number,
      pull_request: pullRequest,
    }),
    ...{ baseRef: base.ref, headRef: head.ref, action, isFork },
  };
}

/** Somebody started the workflow by hand. */
export function dispatchEvent(
  repository: RepositoryFacts,
  ref: string,
  sha: string,
  inputs: Readonly<Record<string, Json>>,
): Event {
  return event('workflow_dispatch', ref, sha, repository, { inputs, ref, workflow: '.github/workflows/fanfold.yml' });
}

/** The clock started the workflow, on the default branch. */
export function scheduleEvent(repository: RepositoryFacts, sha: string, cron: string): Event {
  return event('schedule', `refs/heads/${repository.defaultBranch}`, sha, repository, { schedule: cron });
}

/** The merge queue asks for checks of a group. */
export function mergeGroupEvent(repository: RepositoryFacts, ref: string, commit: CommitFacts): Event {
  return event('merge_group', ref, commit.sha, repository, {
    action: 'checks_requested',
    merge_group: {
      head_sha: commit.sha,
      head_ref: ref,
      base_ref: `refs/heads/${repository.defaultBranch}`,
      head_commit: commitPayload(commit),
    },
  });
}

function event(name: string, ref: string, sha: string, repository: RepositoryFacts, payload: JsonObject): Event {
  const [owner = '', shortName = ''] = repository.fullName.split('/');
  return {
    ...{ name, ref, sha, actor, isFork: false },
    payload: {
      ...payload,
      repository: {
        name: shortName,
        full_name: repository.fullName,
        default_branch: repository.defaultBranch,
        private: false,
        owner: { login: owner, type: 'Organization' },
      },
      sender: { login: actor },
    },
  };
}

function commitPayload({ sha, message, timestamp }: CommitFacts): JsonObject {
  return { id: sha, message, timestamp, author: { name: 'Test', email: 'test@example.test' } };
}
