// Whether an event starts a workflow: the `on:` filters, as GitHub's page "Workflow syntax" has them.

import type { EventsConfig } from '@actions/workflow-parser/model/workflow-template';
import type { Event } from './event.ts';

/** The filters that this harness carries out. */
interface Filters {
  readonly branches?: readonly string[];
  readonly 'branches-ignore'?: readonly string[];
  readonly tags?: readonly string[];
  readonly 'tags-ignore'?: readonly string[];
  readonly types?: readonly string[];
  readonly paths?: readonly string[];
  readonly 'paths-ignore'?: readonly string[];
}

const pullRequestTypes = ['opened', 'synchronize', 'reopened'];

/** Whether the event starts a workflow with this `on:`. Filters on paths are not carried out: they throw. */
export function isTriggered(events: EventsConfig, event: Event): boolean {
  if (!Object.hasOwn(events, event.name)) return false;
  const filters = (events[event.name] ?? {}) as Filters;
  if (filters.paths !== undefined || filters['paths-ignore'] !== undefined)
    throw new Error('paths are not carried out');
  if (event.name === 'push') return isPushTaken(filters, event.ref);
  if (event.name !== 'pull_request' && event.name !== 'pull_request_target') return true;
  const types = filters.types ?? pullRequestTypes;
  return (
    types.includes(event.action ?? '') && passes(filters.branches, filters['branches-ignore'], event.baseRef ?? '')
  );
}

// A push that has filters for branches only takes no tag, and the other way round.
function isPushTaken(filters: Filters, ref: string): boolean {
  const hasBranches = filters.branches !== undefined || filters['branches-ignore'] !== undefined;
  const hasTags = filters.tags !== undefined || filters['tags-ignore'] !== undefined;
  if (ref.startsWith('refs/tags/')) {
    const name = ref.slice('refs/tags/'.length);
    return hasTags ? passes(filters.tags, filters['tags-ignore'], name) : !hasBranches;
  }
  const name = ref.slice('refs/heads/'.length);
  return hasBranches ? passes(filters.branches, filters['branches-ignore'], name) : !hasTags;
}

// The last pattern that matches decides; `!` takes a name out again.
function passes(wanted: readonly string[] | undefined, ignored: readonly string[] | undefined, name: string): boolean {
  if (ignored !== undefined) return !decides(ignored, name);
  return wanted === undefined || decides(wanted, name);
}

function decides(patterns: readonly string[], name: string): boolean {
  const last = patterns.findLast((pattern) => patternExpression(pattern.replace(/^!/, '')).test(name));
  return last !== undefined && !last.startsWith('!');
}

/** A filter pattern as a regular expression: `*` stays within a part, `**` does not, `?` and `+` repeat what stands before. */
export function patternExpression(pattern: string): RegExp {
  const translated = pattern.replace(/\*\*|\*|\[[^\]]*\]|\\.|[.(){}|^$]/g, (part) => {
    if (part === '**') return '.*';
    if (part === '*') return '[^/]*';
    return part.startsWith('[') || part.startsWith('\\') ? part : `\\${part}`;
  });
  return new RegExp(`^${translated}$`);
}
