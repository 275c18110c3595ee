// Legs by name: exactly these are built, what they build on comes from staging, and a name that is none is helped with.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { familyYaml, type TestFamily, testFamily } from '../support/family.ts';

const files = {
  'fanfold.yaml': familyYaml(['oci:out'], {
    api: 'platforms: [linux/amd64, linux/arm64]',
    worker: 'contexts: { base: "target:api" }',
    broken: '',
  }),
  'api/Dockerfile': 'FROM scratch\nCOPY file /file\n',
  'api/file': 'api',
  'worker/Dockerfile': 'FROM base\nCOPY file /other\n',
  'worker/file': 'worker',
  'broken/Dockerfile': 'FROM scratch\nCOPY nothing /other\n',
  '.gitignore': 'out\n',
};

async function outcomes(family: TestFamily, ...args: string[]): Promise<Readonly<Record<string, string>>> {
  const { stdout } = await family.fanfold('build', '--json', ...args);
  const { legs, targets } = JSON.parse(stdout) as { legs: { leg: string; outcome: string }[]; targets: unknown[] };
  expect(targets).toEqual([]);
  return Object.fromEntries(legs.map(({ leg, outcome }) => [leg, outcome]));
}

async function built(family: TestFamily): Promise<readonly string[]> {
  const { legs } = JSON.parse((await family.fanfold('plan', '--json')).stdout) as {
    legs: { leg: string; action: string }[];
  };
  return legs.filter(({ action }) => action === 'reuse').map(({ leg }) => leg);
}

describe('build --leg', () => {
  test('builds exactly the legs that are named, and takes what they build on from staging', async () => {
    using family = await testFamily(files);
    expect(await outcomes(family, '--leg', 'api@linux/amd64')).toEqual({ 'api@linux/amd64': 'built' });
    expect(await built(family)).toEqual(['api@linux/amd64']);
    family.write({ 'out/legs': 'worker@linux/amd64\napi@linux/arm64 ' });
    expect(await outcomes(family, '--legs', 'out/legs')).toEqual({
      'worker@linux/amd64': 'built',
      'api@linux/amd64': 'reused',
      'api@linux/arm64': 'built',
    });
  });

  test('says that what a leg builds on is not there, and builds the others all the same', async () => {
    using family = await testFamily(files);
    const { status, stdout } = await family.fanfold('build', '--leg', 'worker@linux/amd64', '--leg', 'api@linux/arm64');
    expect(status).toBe(1);
    expect(stdout).toMatch(/api@linux\/amd64 is not in oci:\S*out\/api-staging/);
    expect(stdout).toContain('--leg api@linux/amd64');
    expect(stdout).toContain('1 legs built, 0 reused, 2 failed');
    expect(await built(family)).toEqual(['api@linux/arm64']);
  });

  test('a leg without a key fails as what it is', async () => {
    using family = await testFamily(files);
    const { status, stdout } = await family.fanfold('build', '--leg', 'broken@linux/amd64');
    expect(status).toBe(1);
    expect(stdout).toContain('broken/Dockerfile:2');
  });

  test.for([
    ['api@linux/amd46', 'did you mean api@linux/amd64?'],
    ['$(id)\n', 'legs are api@linux/amd64'],
    ['x'.repeat(100_000), 'legs are api@linux/amd64'],
  ] as const)('%.30s is no leg', async ([name, hint]) => {
    using family = await testFamily(files);
    const { status, stderr } = await family.fanfold('build', '--leg', name);
    expect(status).toBe(2);
    expect(stderr).toContain(hint);
  });

  test('of two legs with one key the named one is built, though the other stands before it and is built on', async () => {
    const yaml = familyYaml(
      ['oci:out'],
      { first: '', last: '', worker: 'contexts: { base: "target:first" }' },
      'staging: oci:out/shared',
    ).replace(/context: (first|last)/g, 'context: api');
    using family = await testFamily({ ...files, 'fanfold.yaml': yaml });
    expect(await outcomes(family, '--leg', 'last@linux/amd64', '--leg', 'worker@linux/amd64')).toEqual({
      'last@linux/amd64': 'built',
      'first@linux/amd64': 'reused',
      'worker@linux/amd64': 'built',
    });
  });

  test('a leg that builds on one with the key of another is in the job of that other, behind it', async () => {
    const yaml = familyYaml(
      ['oci:out'],
      { first: '', last: '', worker: 'contexts: { base: "target:last" }\nrunner: other' },
      'staging: oci:out/shared',
    ).replace(/context: (first|last)/g, 'context: api');
    using family = await testFamily({ ...files, 'fanfold.yaml': yaml });
    const { stdout } = await family.fanfold('plan', '--format', 'json');
    const { shards } = JSON.parse(stdout) as { shards: { legs: string[] }[][] };
    expect(shards.flat().map(({ legs }) => legs)).toEqual([['first@linux/amd64', 'worker@linux/amd64']]);
  });
});

test('--summary adds what a run came to, as Markdown', async () => {
  using family = await testFamily({
    ...files,
    'fanfold.yaml': files['fanfold.yaml'].replace(/ {2}broken:[\s\S]*/, ''),
  });
  expect(await family.fanfold('build', '--leg', 'api@linux/amd64', '--summary', 'out/summary.md')).toMatchObject({
    status: 0,
  });
  family.write({ 'out/summary.md': '# Mine\n' });
  expect(await family.fanfold('run', '--summary', 'out/summary.md')).toMatchObject({ status: 0 });
  const text = readFileSync(join(family.path, 'out/summary.md'), 'utf8');
  expect(text).toMatch(/^# Mine\n## fanfold run\n/);
  expect(text).toContain('**2** targets published');
  expect(text).toMatch(/\| api&#64;linux\/arm64 \| built \| `sha256:/);
});
