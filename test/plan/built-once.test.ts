// Legs with equal keys in one staging are built once, in a real run: the second takes the first one's record.
import { describe, test } from 'vitest';
import { familyYaml, testFamily } from '../support/family.ts';

const files = {
  'app/Dockerfile': 'FROM scratch\nARG NAME\nCOPY file /file\n',
  'app/file': 'app',
  '.gitignore': 'out\nstage\n',
};

// What a target is called, and where it is published, is in no key.
const targets = {
  one: 'context: app',
  two: 'context: app',
  three: 'context: app\nplatforms: [linux/amd64, linux/arm64]',
  other: 'context: app\nlabels: { is: other }',
};

const yaml = (staging: string): string =>
  familyYaml(['oci:out'], targets, staging).replaceAll(/^ {4}context: (?:one|two|three|other)\n/gm, '');

interface Outcome {
  readonly legs: readonly { readonly leg: string; readonly outcome: string }[];
  readonly targets: readonly { readonly target: string; readonly outcome: string; readonly digest: string }[];
}

describe('legs of one key', () => {
  test.for([
    { name: 'one after another', jobs: '1' },
    { name: 'side by side', jobs: '4' },
  ])('in one staging are built once: $name', async ({ jobs }, { expect }) => {
    using family = await testFamily({ ...files, 'fanfold.yaml': yaml('staging: oci:stage\n') });
    const { status, stdout, stderr } = await family.fanfold('run', '--json', '--jobs', jobs);
    expect(status, stderr).toBe(0);
    const { legs, targets: published } = JSON.parse(stdout) as Outcome;
    expect(Object.fromEntries(legs.map(({ leg, outcome }) => [leg, outcome]))).toEqual({
      'one@linux/amd64': 'built',
      'two@linux/amd64': 'reused',
      'three@linux/amd64': 'reused',
      'three@linux/arm64': 'built',
      'other@linux/amd64': 'built',
    });
    expect(stderr.split('\n').filter((line) => / with direct/.test(line))).toHaveLength(3);
    const digests = new Map(published.map(({ target, digest }) => [target, digest]));
    expect(published.every(({ outcome }) => outcome === 'published')).toBe(true);
    expect(digests.get('two')).toBe(digests.get('one'));
    expect(new Set(digests.values()).size).toBe(3);
    expect(await family.fanfold('verify', '--deep')).toMatchObject({ status: 0 });
  });

  test('are built once where all are built anew', async ({ expect }) => {
    using family = await testFamily({ ...files, 'fanfold.yaml': yaml('staging: oci:stage\n') });
    expect((await family.fanfold('run')).status).toBe(0);
    const { stdout } = await family.fanfold('run', '--all', '--json');
    const { legs } = JSON.parse(stdout) as Outcome;
    expect(legs.filter(({ outcome }) => outcome === 'reused').map(({ leg }) => leg)).toEqual([
      'two@linux/amd64',
      'three@linux/amd64',
    ]);
  });

  test('in stagings of their own are built in each', async ({ expect }) => {
    using family = await testFamily({ ...files, 'fanfold.yaml': yaml('') });
    const { status, stdout } = await family.fanfold('run', '--json');
    expect(status).toBe(0);
    const { legs } = JSON.parse(stdout) as Outcome;
    expect(legs.map(({ outcome }) => outcome)).toEqual(['built', 'built', 'built', 'built', 'built']);
  });
});
