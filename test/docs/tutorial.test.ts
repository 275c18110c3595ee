// The tutorial's commands are run as they stand, in its order, in an empty folder.
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { run } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const says: readonly (readonly string[])[] = [
  ['2 targets, 4 legs'],
  ['4 to build, 0 to reuse, 2 of 2 targets to publish', '4 legs built', 'latest in oci:', 'linux/arm64'],
  ['nothing to do'],
  ['nothing to do', '2 to build, 2 to reuse', '2 legs built, 2 reused'],
];

test('each step does what the tutorial says', async () => {
  using folder = temporaryFolder('tutorial');
  const [bin, work] = [join(folder.path, 'bin'), join(folder.path, 'work')];
  mkdirSync(bin);
  mkdirSync(work);
  writeFileSync(join(bin, 'fanfold'), `#!/bin/sh\nexec ${process.execPath} ${inject('cli')} "$@"\n`);
  chmodSync(join(bin, 'fanfold'), 0o755);
  const env = { PATH: `${bin}:${process.env['PATH'] ?? ''}`, HOME: folder.path };
  const steps = [...readFileSync('docs/tutorial.md', 'utf8').matchAll(/```sh\n([\s\S]*?)```/g)].map(
    ([, script = '']) => script,
  );
  expect(steps).toHaveLength(says.length);
  for (const [place, script] of steps.entries()) {
    const { status, stdout, stderr } = await run('bash', ['-euc', script], { cwd: work, env });
    expect(stderr).not.toMatch(/error/);
    for (const words of says[place] ?? []) expect(stdout).toContain(words);
    expect(status).toBe(0);
  }
});
