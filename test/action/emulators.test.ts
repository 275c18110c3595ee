// A job whose legs are only tested, by an emulator: the committed action as a real process, what it asks of Docker written down.
import { readFileSync, writeFileSync } from 'node:fs';
import { delimiter } from 'node:path';
import { expect, test } from 'vitest';
import { familyYaml, testFamily } from '../support/family.ts';
import { runAction } from '../support/github-job.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** A platform that no runner has, and no machine of ours an emulator for. */
const platform = 'linux/mips64le';

test('a leg that an earlier job built, and whose tests did not pass, has an emulator in the job that tests it', async () => {
  using programs = temporaryFolder('programs');
  const calls = `${programs.path}/calls`;
  // A real one would need Docker Hub, and would change this machine's kernel.
  writeFileSync(`${programs.path}/docker`, `#!/bin/sh\necho "$*" >> ${calls}\n`, { mode: 0o755 });
  writeFileSync(calls, '');
  using family = await testFamily({
    'fanfold.yaml': familyYaml(
      ['oci:out'],
      { api: `platforms: [${platform}]` },
      "test: [[sh, -c, 'test -e out/passes']]",
    ),
    'api/Dockerfile': 'FROM scratch\nCOPY file /file\n',
    'api/file': 'api',
    '.gitignore': 'out\n',
  });
  const leg = () =>
    runAction(family.path, {
      inputs: { mode: 'leg', legs: `api@${platform}`, 'binfmt-image': 'binfmt:test' },
      env: { PATH: `${programs.path}${delimiter}${process.env['PATH']}` },
    });
  const asked = (): readonly string[] => readFileSync(calls, 'utf8').split('\n').filter(Boolean);
  const install = 'run --privileged --rm -- binfmt:test --install mips64le';

  const failed = await leg();
  expect(failed.status, failed.log).toBe(1);
  expect(asked()).toEqual([install]);

  writeFileSync(`${family.path}/out/passes`, '');
  const passed = await leg();
  expect(passed.status, passed.log).toBe(0);
  expect(passed.log).toContain('reused  api@');
  expect(passed.log).toContain('binfmt:test (without a digest');
  expect(asked()).toEqual([install, install]);

  expect((await leg()).status).toBe(0);
  expect(asked()).toEqual([install, install]);
});
