import { expect, test } from 'vitest';
import { occasionOf } from './event.ts';

const repository = 'acme/lantern';
const from = (full_name: string | undefined) => ({ pull_request: { head: { repo: { full_name } } } });

test.for<{ name: string; event?: string; payload?: unknown; actor?: string; may: string }>([
  { name: 'a push', event: 'push', may: 'publish' },
  { name: 'a schedule', event: 'schedule', may: 'publish' },
  { name: 'a call by hand', event: 'workflow_dispatch', may: 'publish' },
  { name: 'a call by a token that may write', event: 'repository_dispatch', may: 'publish' },
  { name: 'a release', event: 'release', may: 'publish' },
  { name: 'a merge queue', event: 'merge_group', may: 'stage' },
  { name: 'its own pull request', event: 'pull_request', payload: from(repository), may: 'stage' },
  {
    name: 'a pull request of Dependabot',
    event: 'pull_request',
    payload: from(repository),
    actor: 'dependabot[bot]',
    may: 'look',
  },
  { name: 'a pull request of a fork', event: 'pull_request', payload: from('someone/lantern'), may: 'look' },
  { name: 'a pull request of a repository that is gone', event: 'pull_request', payload: from(undefined), may: 'look' },
  { name: 'a review of a fork’s', event: 'pull_request_review', payload: from('someone/lantern'), may: 'look' },
  { name: 'a run after a push', event: 'workflow_run', payload: { workflow_run: { event: 'push' } }, may: 'publish' },
  {
    name: 'a run after a pull request',
    event: 'workflow_run',
    payload: { workflow_run: { event: 'pull_request' } },
    may: 'look',
  },
  { name: 'a run after something that is not named', event: 'workflow_run', payload: {}, may: 'look' },
  { name: 'a comment', event: 'issue_comment', payload: from(repository), may: 'look' },
  { name: 'an event that is younger than this command', event: 'deployment_wish', may: 'look' },
  { name: 'no event', may: 'look' },
])('$name may $may', async ({ event, payload = {}, actor = 'ines', may }) => {
  const env = {
    ...(event === undefined ? {} : { GITHUB_EVENT_NAME: event }),
    ...{ GITHUB_REPOSITORY: repository, GITHUB_EVENT_PATH: '/event.json', GITHUB_ACTOR: actor },
  };
  expect((await occasionOf(env, async () => JSON.stringify(payload))).may).toBe(may);
});
