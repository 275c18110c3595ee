// `fanfold generate github` and `fanfold check --workflow`: what is committed is what fanfold.yaml says, or the difference is printed.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { testFamily } from '../support/family.ts';

const yaml = (github: string): string =>
  `destinations: [ghcr.io/acme]\nplatforms: [linux/amd64]\ntargets: { api: {} }\ngithub: { action: "$/"${github} }\n`;
const path = '.github/workflows/fanfold.yml';

describe('generate github', () => {
  test('writes the workflow; then the check passes, until fanfold.yaml says something else', async () => {
    using family = await testFamily({ Dockerfile: 'FROM scratch\n', 'fanfold.yaml': yaml('') });
    const missing = await family.fanfold('check', '--workflow');
    expect(missing.status).toBe(1);
    expect(missing.stdout).toContain(`drifted  ${path}\n--- /dev/null\n+++ b/${path}\n`);
    expect((await family.fanfold('generate', 'github')).stdout).toMatch(
      /^\.github\/workflows\/fanfold\.yml: \d+ lines\n$/,
    );
    expect((await family.fanfold('generate', 'github')).stdout).toBe(`${path} is as fanfold.yaml says\n`);
    expect((await family.fanfold('check', '--workflow')).status).toBe(0);

    writeFileSync(join(family.path, 'fanfold.yaml'), yaml(', schedule: 17 3 * * *'));
    const drifted = await family.fanfold('check', '--workflow');
    expect(drifted.status).toBe(1);
    expect(drifted.stdout).toContain("+  schedule:\n+    - cron: '17 3 * * *'\n");
    const checked = await family.fanfold('generate', 'github', '--check');
    expect(checked.status).toBe(1);
    expect(drifted.stdout).toContain(checked.stdout);
  });

  test('sees what somebody changed by hand, and escapes what a terminal would obey', async () => {
    using family = await testFamily({ Dockerfile: 'FROM scratch\n', 'fanfold.yaml': yaml('') });
    await family.fanfold('generate', 'github');
    const file = join(family.path, path);
    writeFileSync(file, readFileSync(file, 'utf8').replace('run: exit 1', 'run: exit 0 # \u001b[2J'));
    const { status, stdout } = await family.fanfold('check', '--workflow');
    expect(status).toBe(1);
    expect(stdout).toContain('-        run: exit 0');
    expect(stdout).toContain('+        run: exit 1');
    expect(stdout).not.toContain('\u001b');
  });

  test('prints it, and writes nothing', async () => {
    using family = await testFamily({ Dockerfile: 'FROM scratch\n', 'fanfold.yaml': yaml('') });
    const { stdout, status } = await family.fanfold('generate', 'github', '--stdout');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^# Made by `fanfold generate github` from fanfold\.yaml/);
    expect((await family.fanfold('generate', 'github', '--check')).status).toBe(1);
  });

  test('writes where the repository’s top is, for a family in a folder of it', async () => {
    using family = await testFamily({ 'apps/web/Dockerfile': 'FROM scratch\n', 'apps/web/fanfold.yaml': yaml('') });
    await family.fanfold('generate', 'github', '--file', 'apps/web');
    expect(readFileSync(join(family.path, '.github/workflows/fanfold-apps-web.yml'), 'utf8')).toContain(
      'file: apps/web/fanfold.yaml',
    );
  });

  test.for([
    { name: 'no service of that name', args: ['githab'], want: 'did you mean github?' },
    { name: 'two things at once', args: ['github', '--check', '--stdout'], want: 'exclude each other' },
  ])('is wrong use: $name', async ({ args, want }) => {
    using family = await testFamily({ Dockerfile: 'FROM scratch\n', 'fanfold.yaml': yaml('') });
    const { status, stderr } = await family.fanfold('generate', ...args);
    expect(status).toBe(2);
    expect(stderr).toContain(want);
  });
});
