// `fanfold check --coverage`: files that nothing takes are found, and what is said of them counts.
import { describe, expect, test } from 'vitest';
import { familyYaml, testFamily } from '../support/family.ts';

const files = {
  'api/Dockerfile': 'FROM scratch\nCOPY --from=libs . /libs\nCOPY . /api\n',
  'api/main': 'main',
  'api/main.md': 'about',
  'api/.dockerignore': 'seen.log\n',
  'api/seen.log': 'log',
  'libs/one': 'one',
  'scripts/build.sh': '#!/bin/sh\n',
  'README.md': 'read',
};

const yaml = (more = '', target = ''): string =>
  familyYaml(['oci:out'], { api: `contexts: { libs: libs }\n${target}` }, more);

describe('check --coverage', () => {
  test.for<{ name: string; yaml: string; status: number; unreached: readonly string[] }>([
    {
      name: 'lists what reaches no leg',
      yaml: yaml(),
      status: 1,
      unreached: ['README.md', 'api/seen.log', 'scripts/build.sh'],
    },
    {
      name: 'takes what is shared and what is ignored as said',
      yaml: yaml('shared:\n  - paths: [scripts/**]\n    targets: [api]\nignore: ["*.md", "**/*.log"]\n'),
      status: 0,
      unreached: [],
    },
    {
      name: 'lists what inputs leave out',
      yaml: yaml('ignore: [README.md, scripts, "*.log", "!api/main.md"]\n', 'inputs: [api, "!**/*.md"]'),
      status: 1,
      unreached: ['api/main.md', 'api/seen.log'],
    },
  ])('$name', async ({ yaml: text, status, unreached }) => {
    using family = await testFamily({ ...files, 'fanfold.yaml': text });
    const outcome = await family.fanfold('check', '--coverage', '--json');
    expect({ status: outcome.status, stderr: outcome.stderr }).toEqual({ status, stderr: '' });
    expect(JSON.parse(outcome.stdout)).toMatchObject({ coverage: { unreached } });
  });

  test('files that targets are read from are reached', async () => {
    const saved = JSON.stringify({ target: { worker: { context: 'api', contexts: { libs: 'libs' } } } });
    using family = await testFamily({
      ...files,
      'build/bake.json': saved,
      'fanfold.yaml': `destinations: [oci:out]\nplatforms: [linux/amd64]\nsources:\n  - bake: ./build/bake.json\nignore: ["**/*.md", "*.md", "**/*.log", scripts]\n`,
    });
    const { status, stdout, stderr } = await family.fanfold('check', '--coverage', '--json');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ targets: 1, coverage: { unreached: [] } });
  });

  test('says what to do', async () => {
    using family = await testFamily({ ...files, 'fanfold.yaml': yaml() });
    const { stdout } = await family.fanfold('check', '--coverage');
    expect(stdout).toContain('unreached  scripts/build.sh');
    expect(stdout).toMatch(/hint: .*`shared`.*`ignore`/);
  });
});
