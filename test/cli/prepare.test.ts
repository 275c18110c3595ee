// `fanfold prepare` as it is called on this machine, which is no hosted runner: what it refuses, and what it says.
import { describe, expect, test } from 'vitest';
import { testFamily } from '../support/family.ts';

describe('prepare', () => {
  test.for([
    { name: 'here', args: [] },
    { name: 'where GitHub says that the machine is one’s own', args: [], env: { RUNNER_ENVIRONMENT: 'self-hosted' } },
    {
      name: 'where only one variable says otherwise',
      args: ['--need', '1TB'],
      env: { RUNNER_ENVIRONMENT: 'github-hosted' },
    },
  ])('removes nothing $name', async ({ args, env = {} }) => {
    using family = await testFamily({ 'fanfold.yaml': '' }, env);
    const { status, stderr } = await family.fanfold('prepare', ...args);
    expect(status).toBe(2);
    expect(stderr).toContain('this is no GitHub-hosted Ubuntu runner: nothing is removed here');
    expect(stderr).toContain('--dry-run');
  });

  test('says what it would do, as data and by its status', async () => {
    using family = await testFamily({ 'fanfold.yaml': '' });
    const enough = await family.fanfold('prepare', '--dry-run', '--need', '1MB', '--json');
    expect(enough.status).toBe(0);
    expect(JSON.parse(enough.stdout)).toMatchObject({ removals: [], dryRun: true, needBytes: 1e6 });
    const never = await family.fanfold('prepare', '--dry-run', '--need', '900000TB');
    expect(never.status).toBe(1);
    expect(never.stdout).toContain('too little: 900000 TB are needed');
  });

  test.for([
    { args: ['--need', 'lots'], want: '"lots" is no size of a disk' },
    { args: ['--keep', 'andriod'], want: 'did you mean android?' },
  ])('knows a mistake: $args', async ({ args, want }) => {
    using family = await testFamily({ 'fanfold.yaml': '' });
    const { status, stderr } = await family.fanfold('prepare', '--dry-run', ...args);
    expect(status).toBe(2);
    expect(stderr).toContain(want);
  });
});
