// Each target stands alone: one leg's failure stops its own target (and what builds on it) and no other.
import { describe, expect, test } from 'vitest';
import { familyYaml, testFamily } from '../support/family.ts';

const good = 'FROM scratch\nCOPY file /file\n';

describe('each target stands alone', () => {
  test('a build that fails, a Dockerfile that is broken and a missing file leave the others published', async () => {
    using family = await testFamily({
      'fanfold.yaml': familyYaml(['oci:out/a', 'oci:out/b'], {
        api: '',
        failing: 'builder: { command: [sh, -c, "echo it went wrong >&2; exit 3"] }',
        broken: '',
        missing: '',
        top: 'contexts: { base: "target:failing" }',
        worker: 'platforms: [linux/amd64, linux/arm64]',
      }),
      'api/Dockerfile': good,
      'api/file': 'api',
      'failing/Dockerfile': good,
      'failing/file': 'x',
      'broken/Dockerfile': 'FROM scratch\nCOPPY file /file\n',
      'missing/Dockerfile': 'FROM scratch\nCOPY nowhere /file\n',
      'top/Dockerfile': 'FROM base\nCOPY file /file\n',
      'top/file': 'x',
      'worker/Dockerfile': good,
      'worker/file': 'worker',
      '.gitignore': 'out\n',
    });
    const outcome = await family.fanfold('run', '--json');
    expect(outcome.status).toBe(1);
    const { targets } = JSON.parse(outcome.stdout) as {
      targets: { target: string; outcome: string; error?: { message: string } }[];
    };
    expect(Object.fromEntries(targets.map(({ target, outcome: ended }) => [target, ended]))).toEqual({
      api: 'published',
      failing: 'failed',
      broken: 'failed',
      missing: 'failed',
      top: 'failed',
      worker: 'published',
    });
    expect(outcome.stderr).toMatch(/COPY/);
    const verified = await family.fanfold('verify', '--only', 'api', '--only', 'worker', '--deep');
    expect(verified).toMatchObject({ status: 0 });
    const absent = await family.fanfold('verify', '--only', 'failing');
    expect(absent.status).toBe(1);
  });
});
