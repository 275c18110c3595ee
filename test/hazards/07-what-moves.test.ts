// What a leg fetches under a name that does not fix it is in no key: such a leg is built in every run, unless its target says otherwise.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestFamily, testFamily } from '../support/family.ts';
import { environmentForPeers, needs } from '../support/peers.ts';

describe.runIf(needs('engine', 'docker'))('a file of a URL without a checksum', { timeout: 180_000 }, () => {
  let server: Server;
  let held = 'one';
  beforeAll(async () => {
    server = createServer((_, answer) => answer.end(held)).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
  });
  afterAll(() => server.close());

  const familyOf = (name: string, fields: string): Promise<TestFamily> => {
    const { port } = server.address() as AddressInfo;
    const files = {
      'fanfold.yaml': [
        'destinations: ["oci:out/{target}"]',
        'platforms: [linux/amd64]',
        `attestations: { provenance: false }${fields}`,
        'targets:',
        '  base: { context: base }',
        '  above: { context: above, contexts: { base: target:base } }',
        '',
      ].join('\n'),
      'base/Dockerfile': `FROM scratch\nADD http://127.0.0.1:${port}/${name} /file\n`,
      'above/Dockerfile': 'FROM base\nCOPY own /own\n',
      'above/own': 'own',
    };
    return testFamily(files, environmentForPeers());
  };

  /** Runs the family: what became of each leg, and each target's digest. */
  const ran = async (family: TestFamily) => {
    const { status, stdout, stderr } = await family.fanfold('run', '--json');
    expect(status, stderr).toBe(0);
    const { legs, targets } = JSON.parse(stdout) as {
      legs: { leg: string; outcome: string; key: string }[];
      targets: { target: string; digest: string }[];
    };
    return {
      outcomes: legs.map(({ leg, outcome }) => `${leg} ${outcome}`),
      keys: legs.map(({ key }) => key),
      digests: targets.map(({ digest }) => digest),
    };
  };
  const built = ['base@linux/amd64 built', 'above@linux/amd64 built'];

  test('is fetched in every run, and what builds on it is built on what came', async () => {
    held = 'one';
    using family = await familyOf('moves', '');
    const first = await ran(family);
    expect(first.outcomes.toSorted()).toEqual(built.toSorted());
    const plan = await family.fanfold('plan');
    expect(plan.stdout).toMatch(/build +base@linux\/amd64 .* built in every run: line 2: what http:\S+ holds is not/);
    expect(plan.stdout).toMatch(/build +above@linux\/amd64 .* built in every run: it builds on base/);
    const since = await family.fanfold('plan', '--since', 'HEAD');
    expect(since.stdout).toContain('2 of 2 legs affected');
    held = 'two';
    const second = await ran(family);
    expect(second.outcomes.toSorted()).toEqual(built.toSorted());
    expect(second.keys).toEqual(first.keys);
    expect(second.digests.filter((digest) => first.digests.includes(digest))).toEqual([]);
    const third = await ran(family);
    expect(third.digests).toEqual(second.digests);
  });

  test('is left as it was where the target says so', async () => {
    held = 'one';
    using family = await familyOf('stays', '\nrefresh: never');
    const first = await ran(family);
    held = 'two';
    const second = await ran(family);
    expect(second.outcomes.every((outcome) => outcome.endsWith(' reused'))).toBe(true);
    expect(second.digests).toEqual(first.digests);
  });
});
