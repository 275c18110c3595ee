// `fanfold explain PATH --since REF`: what is gone reaches nothing now, and did then.
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
