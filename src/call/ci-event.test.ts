import { describe, test } from 'vitest';
import { eventFixture, gitEvent, runTimeMs } from '../../test/support/git-events.ts';
import { eventFromEnvironment } from './ci-event.ts';

describe('what a job tells', () => {
  const pushed = Date.UTC(2026, 1, 28, 12);
  test.for([
    {
      name: 'branch-main',
      want: {
        kind: 'push',
        ref: 'refs/heads/main',
        shortSha: '4be1c7a',
        baseRef: '',
        commitTimeMs: Date.UTC(2026, 1, 28, 22, 30, 5),
      },
    },
    {
      name: 'tag-v1.4.2',
      want: { kind: 'push', ref: 'refs/tags/v1.4.2', shortSha: 'a93d0f6', baseRef: 'main', commitTimeMs: pushed },
    },
    {
      name: 'pull-request',
      want: {
        kind: 'pull_request',
        ref: 'refs/pull/318/merge',
        shortSha: '0c5f9e8',
        baseRef: 'main',
        pullRequest: 318,
      },
    },
    {
      name: 'pull-request-target',
      want: {
        kind: 'pull_request_target',
        ref: 'refs/pull/318/merge',
        shortSha: '4be1c7a',
        baseRef: 'main',
        pullRequest: 318,
      },
    },
    { name: 'schedule', want: { kind: 'schedule', ref: 'refs/heads/main', shortSha: '4be1c7a', baseRef: '' } },
    {
      name: 'dispatch-branch',
      want: { kind: 'workflow_dispatch', ref: 'refs/heads/release-1.4', shortSha: 'a93d0f6', baseRef: '' },
    },
    {
      name: 'merge-group',
      want: { kind: 'merge_group', shortSha: 'a93d0f6', commitTimeMs: Date.UTC(2026, 1, 28, 13) },
    },
    {
      name: 'gitlab-branch',
      want: { kind: 'push', ref: 'refs/heads/main', repository: 'tidewater/harbour/lantern', commitTimeMs: pushed },
    },
    { name: 'gitlab-tag', want: { kind: 'push', ref: 'refs/tags/v1.4.2' } },
    {
      name: 'gitlab-merge-request',
      want: { kind: 'pull_request', ref: 'refs/pull/41/merge', baseRef: 'main', pullRequest: 41 },
    },
    { name: 'gitlab-schedule', want: { kind: 'schedule', ref: 'refs/heads/main' } },
    { name: 'gitlab-web', want: { kind: 'workflow_dispatch', ref: 'refs/heads/release-1.4' } },
  ])('$name', async ({ name, want }, { expect }) => {
    expect(await gitEvent(name)).toMatchObject({ ...want, defaultBranch: 'main', nowMs: runTimeMs });
  });
});

const read = (text: string) => async () => text;

describe('a child pipeline on GitLab', () => {
  const child = { CI_PIPELINE_SOURCE: 'parent_pipeline' };
  test.for([
    { name: 'of a merge request is one', of: 'gitlab-merge-request', more: child, kind: 'pull_request' },
    { name: 'of a branch is none', of: 'gitlab-branch', more: child, kind: 'parent_pipeline' },
    {
      name: 'of a request from elsewhere is one',
      of: 'gitlab-branch',
      more: { ...child, CI_EXTERNAL_PULL_REQUEST_IID: '7' },
      kind: 'pull_request',
    },
  ])('$name', async ({ of, more, kind }, { expect }) => {
    const event = await eventFromEnvironment({ ...eventFixture(of).env, ...more }, read('{}'), 0);
    expect(event?.kind).toBe(kind);
  });
});

test('outside of CI there is no event', async ({ expect }) => {
  expect(await eventFromEnvironment({ GITHUB_REF: 'refs/heads/main', CI: 'true' }, read('{}'), 0)).toBeUndefined();
});

test('without an event file the environment alone is told', async ({ expect }) => {
  const { env } = eventFixture('branch-main');
  const event = await eventFromEnvironment(env, read('never read'), 0);
  expect(event).toMatchObject({ ref: 'refs/heads/main', repository: 'tidewater/lantern' });
  expect(event).not.toHaveProperty('defaultBranch');
});

test('the event file is read within a bound', async ({ expect }) => {
  const bounds: number[] = [];
  const env = { ...eventFixture('branch-main').env, GITHUB_EVENT_PATH: '/e.json' };
  await eventFromEnvironment(env, async (_, maxBytes) => `${bounds.push(maxBytes)}`, 0);
  expect(bounds).toEqual([32 * 1024 * 1024]);
});

describe('a hostile event file', () => {
  const env = { ...eventFixture('pull-request-target').env, GITHUB_EVENT_PATH: '/e.json' };
  test.for([
    { name: 'another form', text: '[1, null]' },
    { name: 'null', text: 'null' },
    {
      name: 'values of other types',
      text: '{"pull_request":{"number":"1; rm","base":7},"repository":{"default_branch":{}},"commits":[null,3]}',
    },
    { name: 'a number that is none', text: '{"pull_request":{"number":-1e300}}' },
    { name: 'names of the prototype', text: '{"__proto__":{"repository":{"default_branch":"evil"}}}' },
  ])('$name is passed over', async ({ text }, { expect }) => {
    const event = await eventFromEnvironment(env, read(text), 0);
    expect(event).toMatchObject({ ref: 'refs/heads/main', baseRef: 'main' });
    expect(event).not.toHaveProperty('defaultBranch');
    expect(event).not.toHaveProperty('pullRequest');
  });

  test('no JSON is an error that names the file', async ({ expect }) => {
    const failure = eventFromEnvironment(env, read('{'), 0);
    await expect(failure).rejects.toMatchObject({ code: 'host.file', place: { file: '/e.json' } });
  });
});
