// The `github` context of a job and the GITHUB_* variables that say the same.

import type { Event } from './event.ts';
import type { Json, JsonObject } from './json.ts';

/** One run of a workflow. */
export interface RunFacts {
  readonly id: number;
  readonly number: number;
  readonly attempt: number;
  readonly workflowName: string;
  readonly workflowPath: string;
  readonly repository: string;
}

/** The `github` context, without what only a job knows. */
export function githubContext(event: Event, run: RunFacts): JsonObject {
  const [owner = ''] = run.repository.split('/');
  return {
    ...refFacts(event.ref),
    ref: event.ref,
    sha: event.sha,
    event_name: event.name,
    event: event.payload,
    actor: event.actor,
    triggering_actor: event.actor,
    base_ref: event.baseRef ?? '',
    head_ref: event.headRef ?? '',
    repository: run.repository,
    repository_owner: owner,
    run_id: String(run.id),
    run_number: String(run.number),
    run_attempt: String(run.attempt),
    workflow: run.workflowName,
    workflow_ref: `${run.repository}/${run.workflowPath}@${event.ref}`,
    workflow_sha: event.sha,
    server_url: 'https://github.com',
    api_url: 'https://api.github.com',
    graphql_url: 'https://api.github.com/graphql',
    retention_days: '90',
  };
}

function refFacts(ref: string): {
  readonly ref_name: string;
  readonly ref_type: string;
  readonly ref_protected: boolean;
} {
  const isTag = ref.startsWith('refs/tags/');
  return {
    ref_name: ref.replace(/^refs\/(heads|tags|pull)\//, ''),
    ref_type: isTag ? 'tag' : 'branch',
    ref_protected: false,
  };
}

/** The variables of a context: each text under its name. The payload and the token are none. */
export function githubVariables(context: JsonObject): Readonly<Record<string, string>> {
  const variables = Object.entries(context).flatMap(([name, value]) =>
    isPlain(value) && name !== 'token' ? [[`GITHUB_${name.toUpperCase()}`, String(value)] as const] : [],
  );
  return { GITHUB_ACTIONS: 'true', ...Object.fromEntries(variables) };
}

function isPlain(value: Json): boolean {
  return typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number';
}
