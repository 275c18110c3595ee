// The commands as a newcomer meets them: help with an example, data on stdout, and each doing what it says.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commandNames } from '../../src/cli/commands.ts';
import { familyYaml, testFamily } from '../support/family.ts';

const files = {
  'fanfold.yaml': familyYaml(['oci:out/a', 'oci:out/b'], {
    api: 'platforms: [linux/amd64, linux/arm64]',
    worker: 'contexts: { base: "target:api" }\nplatforms: [linux/arm64]',
  }),
  'api/Dockerfile': 'FROM scratch\nCOPY file /file\nENV A=1\n',
  'api/file': 'api',
  'worker/Dockerfile': 'FROM base\nCOPY file /other\nCMD ["/other"]\n',
  'worker/file': 'worker',
  '.gitignore': 'out\n',
};

describe('help', () => {
  test.for(commandNames)('%s has a summary, options and an example', async (name) => {
    using family = await testFamily({ 'fanfold.yaml': '' });
    const { status, stdout } = await family.fanfold(name, '--help');
    expect(status).toBe(0);
    expect(stdout).toMatch(new RegExp(`Usage: fanfold ${name}`));
    expect(stdout).toMatch(new RegExp(`Examples?:\\n +fanfold ${name}`));
  });

  test('completion is printed for shells', async () => {
    using family = await testFamily({ 'fanfold.yaml': '' });
    for (const shell of ['bash', 'zsh', 'fish']) {
      const { status, stdout } = await family.fanfold('complete', shell);
      expect(status).toBe(0);
      expect(stdout).toContain('fanfold');
    }
  });
});

describe('a family', () => {
  test('is planned, built, published, verified, inspected and copied', async () => {
    using family = await testFamily(files);
    expect(await family.fanfold('check')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('2 targets, 3 legs'),
    });
    const plan = await family.fanfold('plan');
    expect(plan).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('3 to build, 0 to reuse, 2 of 2 targets to publish'),
    });
    const dry = await family.fanfold('run', '--dry-run');
    expect(dry.stdout).toContain('3 to build');
    expect((await family.fanfold('publish')).stdout).toContain('not built yet');

    expect(await family.fanfold('build', '--staging-only')).toMatchObject({ status: 0 });
    const difference = await family.fanfold('publish', '--dry-run');
    expect(difference.stdout).toMatch(/\+ oci:.*out\/a\/api:latest -> sha256:/);
    expect(await family.fanfold('verify')).toMatchObject({ status: 1 });

    expect(await family.fanfold('publish')).toMatchObject({ status: 0 });
    expect(await family.fanfold('verify', '--deep')).toMatchObject({ status: 0 });
    expect((await family.fanfold('run')).stdout).toContain('nothing to do');
    expect((await family.fanfold('run', '--all')).stdout).toContain('3 legs built, 0 reused; 0 targets published');

    const inspected = JSON.parse((await family.fanfold('inspect', 'oci:out/a/worker:latest', '--json')).stdout) as {
      images: { platform: string; layers: unknown[] }[];
    };
    expect(inspected.images.map(({ platform, layers }) => [platform, layers.length])).toEqual([['linux/arm64', 2]]);

    const copied = await family.fanfold('copy', 'oci:out/a/api:latest', 'oci:out/c', 'oci:out/d:other');
    expect(copied.status).toBe(0);
    expect((await family.fanfold('verify', 'oci:out/c:latest', 'oci:out/a/api:latest')).status).toBe(0);
    expect(readFileSync(join(family.path, 'out/d/index.json'), 'utf8')).toContain('"other"');
  });

  test('rebuilds what an edit reaches, and what builds on it, and nothing else', async () => {
    using family = await testFamily({
      ...files,
      'fanfold.yaml': files['fanfold.yaml'].replace('worker', 'alone:\n    context: alone\n  worker'),
      'alone/Dockerfile': 'FROM scratch\nCOPY file /file\n',
      'alone/file': 'alone',
    });
    expect((await family.fanfold('run')).status).toBe(0);
    await family.commit({ 'api/file': 'changed', 'api/README.md': 'not copied' });
    const { stdout } = await family.fanfold('plan', '--json');
    const { legs } = JSON.parse(stdout) as { legs: { leg: string; action: string }[] };
    expect(Object.fromEntries(legs.map(({ leg, action }) => [leg, action]))).toEqual({
      'api@linux/amd64': 'build',
      'api@linux/arm64': 'build',
      'alone@linux/amd64': 'reuse',
      'worker@linux/arm64': 'build',
    });
    await family.commit({ 'api/file': 'api' });
    expect((await family.fanfold('run')).stdout).toContain('nothing to do');
  });
});
