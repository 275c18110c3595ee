// `fanfold check --destinations`: what may be written where, asked of real registries, and what to do where not.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { familyYaml, testFamily } from '../support/family.ts';
import { needs } from '../support/peers.ts';
import { startRegistry } from '../support/registry.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

interface Found {
  readonly location: string;
  readonly exists: string;
  readonly writable: boolean;
  readonly readableByAll: string;
  readonly problems: readonly string[];
}

const login = { username: 'robot', password: 'correct horse' };

async function check(
  hosts: readonly string[],
  loggedInTo: string,
  before: readonly string[] = [],
): Promise<{ status: number | undefined; access: readonly Found[] }> {
  using config = temporaryFolder('docker-config');
  const auth = Buffer.from(`${login.username}:${login.password}`).toString('base64');
  writeFileSync(join(config.path, 'config.json'), JSON.stringify({ auths: { [loggedInTo]: { auth } } }));
  const yaml = familyYaml([...hosts.map((host) => `${host}/acme`), 'oci:out'], { app: '' }, 'staging: oci:staging');
  const files = { 'fanfold.yaml': yaml, 'app/Dockerfile': 'FROM scratch\nCOPY file /file\n', 'app/file': 'app' };
  using family = await testFamily(files, { DOCKER_CONFIG: config.path });
  if (before.length > 0) expect((await family.fanfold(...before)).status).toBe(0);
  const { status, stdout } = await family.fanfold('check', '--destinations', '--json');
  return { status, access: (JSON.parse(stdout) as { access: Found[] }).access };
}

describe.runIf(needs('docker-registry'))('check --destinations', () => {
  test('an open registry and one that wants a login which is there can be written', async () => {
    await using open = await startRegistry();
    await using closed = await startRegistry({ login });
    const { status, access } = await check([open.host, closed.host], closed.host);
    expect(access.map(({ location, problems, ...found }) => found)).toEqual([
      { exists: 'no', writable: true, readableByAll: 'unknown' },
      { exists: 'no', writable: true, readableByAll: 'unknown' },
      { exists: 'no', writable: true, readableByAll: 'no' },
      { exists: 'no', writable: true, readableByAll: 'unknown' },
    ]);
    expect(status).toBe(0);
  });

  test('after a run, they exist, and who may read them is known', async () => {
    await using open = await startRegistry();
    await using closed = await startRegistry({ login });
    const { access } = await check([open.host, closed.host], closed.host, ['run']);
    expect(access.map(({ exists, readableByAll }) => [exists, readableByAll])).toEqual([
      ['yes', 'unknown'],
      ['yes', 'yes'],
      ['yes', 'no'],
      ['yes', 'unknown'],
    ]);
  });

  test('a registry that refuses is told by name, with what to do', async () => {
    await using closed = await startRegistry({ login });
    await using readOnly = await startRegistry({ readOnly: true });
    const { status, access } = await check([closed.host, readOnly.host], 'elsewhere.example');
    expect(status).toBe(1);
    const problems = access.flatMap((one) => one.problems);
    expect(problems).toHaveLength(2);
    expect(problems[0]).toContain(`${closed.host}/acme/app`);
    expect(problems[0]).toContain(`docker login ${closed.host}`);
    expect(problems[1]).toContain(`${readOnly.host}/acme/app`);
  });
});
