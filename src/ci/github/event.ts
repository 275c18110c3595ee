/** What a job may do, by what started it. */

import type { ReadText } from '../../call/ci-event.ts';
import { readPayload, textAt } from '../../call/ci-event.ts';

/** What started a run. */
export interface Occasion {
  /**
   * `publish`: tags may move. `stage`: what is built is kept for the run that publishes it. `look`: nobody who may write has asked; there is no
   * credential, and nothing is pushed.
   */
  readonly may: 'publish' | 'stage' | 'look';
  /** Why, as half a sentence. */
  readonly reason: string;
}

/** Accounts whose pull requests come from the repository itself and run without its secrets all the same. */
const withoutSecrets = new Set(['dependabot[bot]']);

/** Events behind which stands somebody who may write to the repository, or its own clock. */
const publishing = new Set(['push', 'schedule', 'workflow_dispatch', 'repository_dispatch', 'release']);

/**
 * What the event of this GitHub job allows. A pull request publishes nothing; one from a fork (or from a repository that is gone, or that the
 * event does not name) pushes nothing. Nor does an event that anybody may cause, such as a comment. A `workflow_run` is what the run before it was.
 */
export async function occasionOf(env: Readonly<Record<string, string>>, readText: ReadText): Promise<Occasion> {
  const name = env['GITHUB_EVENT_NAME'] ?? '';
  if (name === 'merge_group') return { may: 'stage', reason: 'a merge queue tries out what is not merged yet' };
  if (publishing.has(name)) return { may: 'publish', reason: `the event is ${name}` };
  if (name === '') return { may: 'look', reason: 'GITHUB_EVENT_NAME names no event' };
  const payload = await readPayload(env['GITHUB_EVENT_PATH'], readText);
  if (name === 'workflow_run') {
    const before = textAt(payload, 'workflow_run', 'event') ?? 'an event that is not named';
    return { may: publishing.has(before) ? 'publish' : 'look', reason: `the run before it was started by ${before}` };
  }
  if (!name.startsWith('pull_request')) return { may: 'look', reason: `anybody may cause the event ${name}` };
  const head = textAt(payload, 'pull_request', 'head', 'repo', 'full_name');
  if (head === undefined || head !== env['GITHUB_REPOSITORY'])
    return { may: 'look', reason: `the pull request comes from ${head ?? 'a repository that is not named'}` };
  const actor = env['GITHUB_ACTOR'] ?? '';
  if (withoutSecrets.has(actor)) return { may: 'look', reason: `${actor} runs without secrets` };
  return { may: 'stage', reason: 'a pull request is no release' };
}
