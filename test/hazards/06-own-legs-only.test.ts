// A target's publication waits for its own legs only.
import { describe, expect, test } from 'vitest';
import { familyYaml, testFamily } from '../support/family.ts';
import { makeProgram } from '../support/program.ts';

describe("a target's publication waits for its own legs only", () => {
  test('one target is published whole while a leg of another is still under way', async () => {
    await using builder = await makeProgram('slow-builder');
    using family = await testFamily({
      'fanfold.yaml': familyYaml(['oci:out/a'], { slow: `builder: { command: ["${builder.path}"] }`, swift: '' }),
      'slow/Dockerfile': 'FROM scratch\n',
      'swift/Dockerfile': 'FROM scratch\nCOPY file /file\n',
      'swift/file': 'swift',
      '.gitignore': 'out\n',
    });
    const running = family.start('run', '--jobs', '2');
    const invocation = await builder.next();
    // The slow leg stands still until it is told to end: whatever is published meanwhile did not wait for it.
    let verified = await family.fanfold('verify', '--only', 'swift');
    for (let round = 0; verified.status !== 0 && round < 50; round++)
      verified = await family.fanfold('verify', '--only', 'swift');
    expect(verified.status).toBe(0);
    invocation.exit(1);
    const { status, stdout } = await running.ended;
    expect(status).toBe(1);
    expect(stdout).toContain('swift');
  });
});
