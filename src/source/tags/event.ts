/** GitEvent: what happened in Git that tags follow from, as plain data, whichever CI service (or none) told of it. */

import { compareVersions, readVersion } from './version.ts';

/** What happened. All names are GitHub's; other services' events are put in its words. */
export interface GitEvent {
  /** `push`, `pull_request`, `schedule`, `workflow_dispatch`, or any other event of GitHub's. */
  readonly kind: string;
  /** `refs/heads/NAME`, `refs/tags/NAME`, `refs/pull/N/merge`; '' where a commit stands alone. */
  readonly ref: string;
  /** The commit, in full; '' where there is none. */
  readonly sha: string;
  /** Its first seven digits. */
  readonly shortSha: string;
  /** The branch that a pull request goes into (or that GitHub says a tag was pushed from), without `refs/heads/`; '' else. */
  readonly baseRef: string;
  /** Where it is not known, no branch is the default one. */
  readonly defaultBranch?: string;
  /** `owner/name`, where a service told it. */
  readonly repository?: string;
  readonly pullRequest?: number;
  /** When the commit was made, in milliseconds since 1970; `nowMs` stands in where it is not known. */
  readonly commitTimeMs?: number;
  /** The time of the run: one for all its tags. */
  readonly nowMs: number;
}

/** What Git itself knows of the commit that is checked out. */
export interface LocalState {
  /** The branch that is checked out, without `refs/heads/`; absent where HEAD is detached. */
  readonly branch?: string;
  /** The tags that point at the commit, without `refs/tags/`. */
  readonly tags: readonly string[];
  readonly sha: string;
  readonly commitTimeMs?: number;
  readonly defaultBranch?: string;
  readonly nowMs: number;
}

const shortShaLength = 7;

/**
 * The event outside of CI: a push of the branch that is checked out; with a detached HEAD, of the highest version among the tags at
 * it (else the last of them by name); with neither, of the commit alone.
 */
export function localEvent(state: LocalState): GitEvent {
  const { sha, commitTimeMs, defaultBranch, nowMs } = state;
  return {
    kind: 'push',
    ref: localRef(state),
    sha,
    shortSha: shortenSha(sha),
    baseRef: '',
    ...(defaultBranch === undefined ? {} : { defaultBranch }),
    ...(commitTimeMs === undefined ? {} : { commitTimeMs }),
    nowMs,
  };
}

/** The short form of a commit's name, as metadata-action has it. */
export function shortenSha(sha: string): string {
  return sha.slice(0, shortShaLength);
}

/** The branch of the event's ref; undefined where it is none. */
export function branchOf(event: Pick<GitEvent, 'ref'>): string | undefined {
  return after(event.ref, 'refs/heads/');
}

/** The Git tag of the event's ref; undefined where it is none. */
export function gitTagOf(event: Pick<GitEvent, 'ref'>): string | undefined {
  return after(event.ref, 'refs/tags/');
}

/** What stands for the pull request in its ref (its number); undefined where the ref is none of one. */
export function pullRequestOf(event: Pick<GitEvent, 'ref'>): string | undefined {
  return after(event.ref, 'refs/pull/')?.replace(/\/merge$/, '');
}

/** Events that GitHub only ever starts for the default branch's last commit. */
const defaultBranchEvents = /create|discussion|issues|schedule/;

/** Whether the event is one of the default branch. */
export function isDefaultBranch(event: GitEvent): boolean {
  if (event.ref === '') return false;
  const branch = branchOf(event);
  return (branch !== undefined && branch === event.defaultBranch) || defaultBranchEvents.test(event.kind);
}

function localRef({ branch, tags }: LocalState): string {
  if (branch !== undefined) return `refs/heads/${branch}`;
  const [highest] = [...tags].sort(highestFirst);
  return highest === undefined ? '' : `refs/tags/${highest}`;
}

function highestFirst(a: string, b: string): number {
  const [left, right] = [readVersion(a), readVersion(b)];
  if (left !== undefined && right !== undefined) return compareVersions(right, left) || (a < b ? 1 : -1);
  if (left !== undefined || right !== undefined) return left === undefined ? 1 : -1;
  return a < b ? 1 : -1;
}

function after(ref: string, prefix: string): string | undefined {
  return ref.startsWith(prefix) ? ref.slice(prefix.length) : undefined;
}
