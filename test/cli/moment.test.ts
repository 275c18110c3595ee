// What a run's jobs share: a plan, then a base that moves, then the jobs after the plan, which come to the plan's keys all the same.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { nodeHost } from '../../src/base/host/host.ts';
import { parseReference } from '../../src/content/oci/reference.ts';
import { openStores } from '../../src/content/store/open.ts';
import { writeBase } from '../support/base-image.ts';
import { familyYaml, type TestFamily, testFamily } from '../support/family.ts';
import { parseOutputs } from '../support/github-job.ts';
import { needs } from '../support/peers.ts';
import { startRegistry } from '../support/registry.ts';

async function moveBase(host: string, value: string): Promise<string> {
  const machine = nodeHost();
  const store = await openStores(machine).open(parseReference(`${host}/base`).location);
  try {
    return await writeBase(store, '1', { 'linux/amd64': { env: [`A=${value}`] } });
  } finally {
    await machine.http.close();
  }
}

async function keys(family: TestFamily, ...args: string[]): Promise<readonly string[]> {
  const { stdout } = await family.fanfold('plan', '--json', ...args);
  return (JSON.parse(stdout) as { legs: { key: string }[] }).legs.map(({ key }) => key);
}

describe.runIf(needs('docker-registry'))('a moment', () => {
  test('gives leg and publish the keys of the plan, though the base moved in between', async () => {
    await using registry = await startRegistry();
    const first = await moveBase(registry.host, 'first');
    using family = await testFamily(
      {
        'fanfold.yaml': familyYaml(['oci:out'], { api: '' }),
        'api/Dockerfile': `FROM ${registry.host}/base:1\nCOPY file /file\n`,
        'api/file': 'api',
        '.gitignore': 'out\noutputs\n',
      },
      { GITHUB_OUTPUT: 'outputs' },
    );
    const before = await keys(family);
    expect(await family.fanfold('plan', '--format', 'github')).toMatchObject({ status: 0 });
    const moment = parseOutputs(readFileSync(join(family.path, 'outputs'), 'utf8'))['moment'] ?? '';
    expect(JSON.parse(moment)).toEqual({
      version: 1,
      nowMs: expect.any(Number),
      bases: { [`${registry.host}/base:1`]: first },
    });

    const second = await moveBase(registry.host, 'second');
    expect(await keys(family)).not.toEqual(before);
    expect(await keys(family, '--moment', moment)).toEqual(before);
    family.write({ 'out/moment.json': moment });
    expect(await keys(family, '--moment', 'out/moment.json')).toEqual(before);

    expect(await family.fanfold('build', '--moment', moment)).toMatchObject({ status: 0 });
    expect((await family.fanfold('publish')).stdout).toContain('not built yet');
    expect(await family.fanfold('publish', '--moment', moment)).toMatchObject({ status: 0 });
    const { stdout } = await family.fanfold('inspect', 'oci:out/api:latest', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ images: [{ platform: 'linux/amd64' }] });
    expect(second).not.toBe(first);
  });

  test('what is no moment is wrong use', async () => {
    using family = await testFamily({
      'fanfold.yaml': familyYaml(['oci:out'], { api: '' }),
      'api/Dockerfile': 'FROM scratch\n',
    });
    expect(await family.fanfold('plan', '--moment', '{"version":7}')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('this Fanfold reads 1'),
    });
    expect(await family.fanfold('plan', '--moment', 'nowhere.json')).toMatchObject({ status: 1 });
  });
});
