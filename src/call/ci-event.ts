/** The job's environment to a GitEvent: GitHub Actions (and what speaks its language) and GitLab CI. */
import { FanfoldError } from '../base/errors/error.ts';
import { optional } from '../content/oci/descriptor.ts';
import { type GitEvent, shortenSha } from '../source/tags/event.ts';

/** Reads a file as text, at most `maxBytes` of it. */
export type ReadText = (path: string, maxBytes: number) => Promise<string>;

type Env = Readonly<Record<string, string | undefined>>;

/** GitHub sends no larger payload to a webhook; a workflow's is no larger. */
const maxPayloadBytes = 32 * 1024 * 1024;

/**
 * What happened, as the CI service tells it; undefined outside of CI. `nowMs` (milliseconds since 1970) becomes the run's time.
 * @throws FanfoldError `host.file`, `host.too-large` where GitHub's event file cannot be read
 */
export async function eventFromEnvironment(env: Env, readText: ReadText, nowMs: number): Promise<GitEvent | undefined> {
  if (env['GITHUB_ACTIONS'] === 'true' && env['GITHUB_EVENT_NAME'] !== undefined) {
    return githubEvent(env, await readPayload(env['GITHUB_EVENT_PATH'], readText), nowMs);
  }
  return env['GITLAB_CI'] === 'true' ? gitlabEvent(env, nowMs) : undefined;
}

function githubEvent(env: Env, payload: unknown, nowMs: number): GitEvent {
  const kind = env['GITHUB_EVENT_NAME'] ?? '';
  const sha = env['GITHUB_SHA'] ?? '';
  const isPullRequest = kind.startsWith('pull_request');
  const pullRequest = isPullRequest ? numberAt(payload, 'pull_request', 'number') : undefined;
  const ref = githubRef(env, kind, pullRequest);
  return {
    ...{ kind, ref, sha, shortSha: shortenSha(sha), nowMs },
    baseRef: githubBaseRef(env, ref, payload),
    ...optional('defaultBranch', textAt(payload, 'repository', 'default_branch')),
    ...optional('repository', env['GITHUB_REPOSITORY']),
    ...optional('pullRequest', pullRequest),
    ...optional('commitTimeMs', githubCommitTime(payload, sha)),
  };
}

/** `pull_request_target` runs on the base branch, but speaks of the pull request. */
function githubRef(env: Env, kind: string, pullRequest: number | undefined): string {
  if (kind === 'pull_request_target' && pullRequest !== undefined) return `refs/pull/${pullRequest}/merge`;
  return env['GITHUB_REF'] ?? '';
}

function githubBaseRef(env: Env, ref: string, payload: unknown): string {
  if (ref.startsWith('refs/tags/')) return (textAt(payload, 'base_ref') ?? '').replace(/^refs\/heads\//, '');
  return textAt(payload, 'pull_request', 'base', 'ref') ?? env['GITHUB_BASE_REF'] ?? '';
}

function githubCommitTime(payload: unknown, sha: string): number | undefined {
  const pushed = at(payload, 'commits');
  const commits = [
    ...(Array.isArray(pushed) ? pushed : []),
    at(payload, 'head_commit'),
    at(payload, 'merge_group', 'head_commit'),
  ];
  const commit = commits.find((candidate) => textAt(candidate, 'id') === sha);
  return timeOf(textAt(commit, 'timestamp'));
}

/** GitHub's own account of what happened; undefined where it names no file. @throws FanfoldError `host.file`, `host.too-large` */
export async function readPayload(path: string | undefined, readText: ReadText): Promise<unknown> {
  if (path === undefined || path === '') return undefined;
  const text = await readText(path, maxPayloadBytes);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new FanfoldError('host.file', `${path}, which GITHUB_EVENT_PATH names, is not JSON`, {
      place: { file: path },
      hint: 'let GITHUB_EVENT_PATH name the file that the runner wrote',
      cause,
    });
  }
}

/** GitLab's own words for what started a pipeline, and GitHub's for the same. */
const gitlabKinds: Readonly<Record<string, string>> = {
  merge_request_event: 'pull_request',
  external_pull_request_event: 'pull_request',
  web: 'workflow_dispatch',
};

function gitlabEvent(env: Env, nowMs: number): GitEvent {
  const source = env['CI_PIPELINE_SOURCE'] ?? 'push';
  const sha = env['CI_COMMIT_SHA'] ?? '';
  const pullRequest = Number(env['CI_MERGE_REQUEST_IID'] ?? env['CI_EXTERNAL_PULL_REQUEST_IID'] ?? Number.NaN);
  // A child pipeline's source is its parent; whether that was of a merge request, the request's own number tells.
  const kind = Number.isNaN(pullRequest) ? (gitlabKinds[source] ?? source) : 'pull_request';
  return {
    ...{ kind, sha, shortSha: shortenSha(sha), nowMs },
    ref: gitlabRef(env, pullRequest),
    baseRef: env['CI_MERGE_REQUEST_TARGET_BRANCH_NAME'] ?? env['CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_NAME'] ?? '',
    ...optional('defaultBranch', env['CI_DEFAULT_BRANCH']),
    ...optional('repository', env['CI_PROJECT_PATH']),
    ...optional('pullRequest', Number.isNaN(pullRequest) ? undefined : pullRequest),
    ...optional('commitTimeMs', timeOf(env['CI_COMMIT_TIMESTAMP'])),
  };
}

function gitlabRef(env: Env, pullRequest: number): string {
  const { CI_COMMIT_TAG: tag, CI_COMMIT_BRANCH: branch } = env;
  if (tag !== undefined) return `refs/tags/${tag}`;
  if (!Number.isNaN(pullRequest)) return `refs/pull/${pullRequest}/merge`;
  return branch === undefined ? '' : `refs/heads/${branch}`;
}

function timeOf(text: string | undefined): number | undefined {
  const timeMs = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(timeMs) ? undefined : timeMs;
}

function at(value: unknown, ...path: readonly string[]): unknown {
  let inner = value;
  for (const step of path) {
    if (typeof inner !== 'object' || inner === null || !Object.hasOwn(inner, step)) return undefined;
    inner = (inner as Readonly<Record<string, unknown>>)[step];
  }
  return inner;
}

/** The text at a path of names; undefined where there is none. */
export function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : undefined;
}

function numberAt(value: unknown, ...path: readonly string[]): number | undefined {
  const found = at(value, ...path);
  return typeof found === 'number' && Number.isSafeInteger(found) && found > 0 ? found : undefined;
}
