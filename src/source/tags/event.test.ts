import { describe, test } from 'vitest';
import { isDefaultBranch, localEvent } from './event.ts';

const sha = '4be1c7a90d2f35e86b7714cd20a9f3e5d8c60b12';

describe('the event outside of CI', () => {
  test.for([
    {
      name: 'the branch that is checked out',
      state: { branch: 'feature/x', tags: ['v1.0.0'] },
      want: 'refs/heads/feature/x',
    },
    { name: 'with a detached HEAD, its tag', state: { tags: ['nightly'] }, want: 'refs/tags/nightly' },
    {
      name: 'the highest version of several',
      state: { tags: ['v1.9.0', 'v1.10.0', 'zeta', 'v1.10.0-rc.1'] },
      want: 'refs/tags/v1.10.0',
    },
    { name: 'a version by PEP 440 among them', state: { tags: ['v1.9.0', '1.10'] }, want: 'refs/tags/1.10' },
    { name: 'a commit alone', state: { tags: [] }, want: '' },
  ])('$name', ({ state, want }, { expect }) => {
    const event = localEvent({ ...state, sha, defaultBranch: 'main', commitTimeMs: 5, nowMs: 7 });
    const rest = {
      kind: 'push',
      sha,
      shortSha: '4be1c7a',
      baseRef: '',
      defaultBranch: 'main',
      commitTimeMs: 5,
      nowMs: 7,
    };
    expect(event).toEqual({ ...rest, ref: want });
  });
});

describe('the default branch', () => {
  test.for([
    { name: 'a push to it', ref: 'refs/heads/main', kind: 'push', want: true },
    { name: 'a push to another', ref: 'refs/heads/mainly', kind: 'push', want: false },
    { name: 'a Git tag of its name', ref: 'refs/tags/main', kind: 'push', want: false },
    { name: 'a schedule', ref: 'refs/heads/main', kind: 'schedule', want: true },
    { name: 'no ref', ref: '', kind: 'schedule', want: false },
  ])('$name', ({ ref, kind, want }, { expect }) => {
    const event = { kind, ref, sha, shortSha: '', baseRef: '', nowMs: 0 };
    expect(isDefaultBranch({ ...event, defaultBranch: 'main' })).toBe(want);
    expect(isDefaultBranch(event)).toBe(kind === 'schedule' && want);
  });
});
