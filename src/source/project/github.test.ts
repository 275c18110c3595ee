import { describe, test } from 'vitest';
import { parseFamily } from './load.ts';

const head =
  'destinations: [ghcr.io/acme]\nplatforms: [linux/amd64, linux/arm64/v8]\ntargets: { api: { runner: big } }\n';

function read(github: string) {
  const { family, diagnostics } = parseFamily(
    `${head}github:\n${github.replaceAll(/^/gm, '  ')}\n`,
    '/family/fanfold.yaml',
  );
  const told = diagnostics.map(({ code, message, place: { line, column }, hint }) =>
    [`${(line ?? 0) - 4}:${column}`, code, message, hint].filter((part) => part !== undefined).join(' | '),
  );
  return { github: family?.github, told };
}

test('every field, with its default where it is left out', ({ expect }) => {
  const { github, told } = read(
    [
      'branches: [main, 1.10]',
      'schedule: 17 3 * * *',
      'runners: { linux/arm64/v8: [self-hosted, arm64], big: { group: large }, default: mine }',
      'credentials: { index.docker.io: { username: vars.HUB_USER, password: HUB_TOKEN }, "registry:5000": runner }',
      'jobs-max: 20',
      'minutes: { publish: 20 }',
    ].join('\n'),
  );
  expect(told).toEqual([]);
  expect(github).toEqual({
    place: { file: '/family/fanfold.yaml', line: 4, column: 1 },
    branches: ['main', '1.10'],
    tags: ['v*'],
    schedule: ['17 3 * * *'],
    pullRequest: 'stage',
    mergeQueue: true,
    legs: 'push',
    contentJobs: 8,
    publish: 'job',
    runners: { 'linux/arm64': ['self-hosted', 'arm64'], big: { group: 'large' }, default: 'mine' },
    credentials: { 'docker.io': { username: 'vars.HUB_USER', password: 'HUB_TOKEN' }, 'registry:5000': 'runner' },
    secrets: {},
    prepareDisk: { when: 'auto', keep: [] },
    jobsMax: 20,
    minutes: { plan: 30, publish: 20 },
  });
});

test('a family that says nothing of GitHub has no setting', ({ expect }) => {
  expect(parseFamily(head, '/family/fanfold.yaml').family?.github).toBeUndefined();
});

describe('told at its place', () => {
  test.for([
    {
      name: 'a field mistyped',
      yaml: 'branch: [main]',
      want: '1:3 | config.unknown | "branch" is not a field of github | did you mean branches?',
    },
    {
      name: 'a value mistyped',
      yaml: 'pull-request: stages',
      want: '1:17 | config.invalid | pull-request cannot be "stages" | did you mean stage?',
    },
    {
      name: 'a field of a credential mistyped',
      yaml: 'credentials: { docker.io: { usernam: A, password: B } }',
      want: '1:31 | config.unknown | "usernam" is not a field of docker.io | did you mean username?',
    },
    {
      name: 'a runner’s name mistyped',
      yaml: 'runners: { bigg: mine }',
      want: '1:14 | config.reference | "bigg" is no platform, and no target’s runner | did you mean big?',
    },
    {
      name: 'a registry that is a repository',
      yaml: 'credentials: { ghcr.io/acme: runner }',
      want: '1:18 | config.invalid | "ghcr.io/acme" is no registry | name the host alone: ghcr.io, docker.io, registry.example:5000',
    },
    {
      name: 'one registry by two names',
      yaml: 'credentials: { docker.io: runner, index.docker.io: runner }',
      want: '1:37 | config.collision | docker.io stands here twice | remove one',
    },
    {
      name: 'an approval that legs go past',
      yaml: 'publish: leg\nenvironment: release',
      want: '1:12 | config.invalid | legs that publish do not wait for an environment | write publish: job, or leave out environment',
    },
    {
      name: 'legs that publish without the right to',
      yaml: 'publish: leg\nlegs: staging',
      want: '1:12 | config.invalid | legs that publish need the destinations’ credentials | write publish: job, or leave out legs: staging',
    },
    {
      name: 'jobs for content that legs push themselves',
      yaml: 'content-jobs: 4',
      want: '1:3 | config.invalid | content-jobs is for legs: staging, and these legs push their content themselves | write legs: staging, or leave it out',
    },
    {
      name: 'more jobs than a matrix has room for',
      yaml: 'legs: staging\ncontent-jobs: 251',
      want: '2:17 | config.invalid | a matrix has room for 250 jobs',
    },
    {
      name: 'what GitHub would evaluate',
      yaml: 'environment: "${{ github.head_ref }}"',
      want: '1:16 | config.invalid | a workflow would evaluate ${{',
    },
    {
      name: 'a branch that Git would not have',
      yaml: 'branches: [main, "a b"]',
      want: '1:20 | config.invalid | a branch or tag has no blank and none of ~ ^ :',
    },
    {
      name: 'a name of two lines',
      yaml: 'name: "a\\nb"',
      want: '1:9 | config.invalid | this must be one line, without control characters',
    },
    {
      name: 'an action by its tag',
      yaml: 'action: acme/fanfold@v1',
      want: '1:11 | config.invalid | write OWNER/REPOSITORY@COMMIT with all 40 digits of the commit (a version behind #), or $/ in that repository itself',
    },
    {
      name: 'a secret that is an expression',
      yaml: 'credentials: { docker.io: { username: A, password: "secrets.B }}" } }',
      want: '1:54 | config.invalid | a secret is named with letters, digits and _',
    },
    {
      name: 'a schedule of six fields',
      yaml: 'schedule: 0 17 3 * * *',
      want: '1:13 | config.invalid | write five fields: minute, hour, day, month, day of the week, as in 17 3 * * *',
    },
  ])('$name', ({ yaml, want }, { expect }) => expect(read(yaml).told).toEqual([want]));
});
