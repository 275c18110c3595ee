// Ctrl-C ends builders, says how to go on, and leaves nothing half done; the next call goes on from there.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { familyYaml, testFamily } from '../support/family.ts';
import { makeProgram } from '../support/program.ts';

describe('Ctrl-C', () => {
  test('ends the builder, begins no further leg, keeps what is built, and the next run does the rest', async () => {
    await using builder = await makeProgram('slow-builder');
    const yaml = (program: string): string =>
      familyYaml(['oci:out/a'], { first: '', second: `builder: { command: ["${program}"] }`, third: '' });
    using family = await testFamily({
      'fanfold.yaml': yaml(builder.path),
      'first/Dockerfile': 'FROM scratch\nCOPY file /file\n',
      'first/file': 'first',
      'second/Dockerfile': 'FROM scratch\nCOPY file /file\n',
      'second/file': 'second',
      'third/Dockerfile': 'FROM scratch\nCOPY file /file\n',
      'third/file': 'third',
      '.gitignore': 'out\n',
    });
    const running = family.start('run', '--jobs', '1');
    const invocation = await builder.next();
    running.kill('SIGINT');
    await invocation.ended;
    const { status, stderr } = await running.ended;
    expect(status).toBe(1);
    expect(stderr).toMatch(/stopping/);
    expect(stderr).toMatch(/again to go on/);
    expect((await family.fanfold('verify', '--only', 'first')).status).toBe(0);
    expect((await family.fanfold('verify', '--only', 'second')).status).toBe(1);
    writeFileSync(
      join(family.path, 'fanfold.yaml'),
      yaml('x').replace('builder: { command: ["x"] }', 'builder: direct'),
    );
    const again = await family.fanfold('run', '--json');
    expect(again.status).toBe(0);
    const { legs } = JSON.parse(again.stdout) as { legs: { leg: string; outcome: string }[] };
    expect(Object.fromEntries(legs.map(({ leg, outcome }) => [leg, outcome]))).toEqual({
      'first@linux/amd64': 'reused',
      'second@linux/amd64': 'built',
      'third@linux/amd64': 'built',
    });
  });
});
