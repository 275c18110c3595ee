// What changed since a revision, as the commands tell it.
import { expect, test } from 'vitest';
import { familyYaml, testFamily } from '../support/family.ts';

const files = {
  'fanfold.yaml': familyYaml(['oci:out'], { api: '' }),
  'api/Dockerfile': 'FROM scratch\nCOPY . /\n',
  'api/file': 'file',
};

test('a file that was deleted is told as it was', async () => {
  using family = await testFamily(files);
  family.remove('api/file');
  await family.commit({ 'api/other': 'other' });
  const { status, stdout } = await family.fanfold('explain', 'api/file', '--since', 'HEAD~1');
  expect(status).toBe(0);
  expect(stdout).toMatch(/^api\/file\n {2}reaches no leg\n\nat HEAD~1:\napi\/file\n.*Dockerfile:2.*api@linux\/amd64/);
  const json = await family.fanfold('explain', 'api/file', '--since', 'HEAD~1', '--json');
  expect(JSON.parse(json.stdout)).toMatchObject({
    path: 'api/file',
    reaches: [],
    before: { since: 'HEAD~1', reaches: [{ leg: 'api@linux/amd64', place: { line: 2 } }] },
  });
});

test.for([
  { name: 'counts as changed', fields: '', summary: '4 of 4 legs affected' },
  {
    name: 'is told where its target says that it may stay',
    fields: 'refresh: never',
    summary: 'none of 4 legs affected',
  },
])('what no key holds $name', async ({ fields, summary }) => {
  const names = ['a', 'b', 'c', 'd'];
  const dockerfile = 'FROM scratch\nADD https://files.test/x /x\n';
  using family = await testFamily({
    'fanfold.yaml': familyYaml(['oci:out'], Object.fromEntries(names.map((name) => [name, fields]))),
    ...Object.fromEntries(names.map((name) => [`${name}/Dockerfile`, dockerfile])),
  });
  await family.commit({ README: 'changed' });
  const { status, stdout } = await family.fanfold('plan', '--since', 'HEAD~1');
  expect(status).toBe(0);
  expect(stdout).toContain(summary);
  expect(stdout).toContain('undecided  a, b, c and 1 more: line 2: what https://files.test/x holds is not in the key');
});

test.for([
  { name: 'every leg', args: ['--all'], want: '--since and --all exclude each other' },
  { name: 'jobs', args: ['--format', 'github'], want: '--since and --format exclude each other' },
  { name: 'a replay', args: ['--replay', 'HEAD'], want: '--since and --replay exclude each other' },
])('what changed is not asked together with $name', async ({ args, want }) => {
  using family = await testFamily(files);
  const { status, stderr } = await family.fanfold('plan', '--since', 'HEAD', ...args);
  expect(status).toBe(2);
  expect(stderr).toContain(want);
});

test('a platform that a target lost is told', async () => {
  const yaml = files['fanfold.yaml'].replace('[linux/amd64]', '[linux/amd64, linux/arm64]');
  using family = await testFamily({ ...files, 'fanfold.yaml': yaml });
  await family.commit({ 'fanfold.yaml': files['fanfold.yaml'] });
  const { stdout } = await family.fanfold('plan', '--since', 'HEAD~1');
  expect(stdout).toContain('removed legs  api@linux/arm64\n');
  expect(stdout).toContain('none of 1 legs affected');
  const json = await family.fanfold('plan', '--since', 'HEAD~1', '--json');
  expect(JSON.parse(json.stdout)).toMatchObject({ removedTargets: [], removedLegs: ['api@linux/arm64'] });
});
