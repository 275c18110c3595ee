// A key whose build failed is planned last: it does not hold up what will most probably be built.
import fc from 'fast-check';
import { describe, test } from 'vitest';
import type { TimedLeg } from '../../src/plan/order.ts';
import { packLegs } from '../../src/plan/pack.ts';
import { familyYaml, type TestFamily, testFamily } from '../support/family.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// Whether it fails is decided outside of the repository's files: the key stays.
const failing = (outside: string): string =>
  `builder: { command: [sh, -c, "test -e ${outside}/image && cp -r ${outside}/image/. $FANFOLD_LAYOUT"] }`;
const good = 'FROM scratch\nCOPY file /file\n';

const targets = { above: 'contexts: { base: "target:aaa" }', worker: '', api: '' };

const files = {
  'aaa/file': 'a',
  'above/Dockerfile': 'FROM base\nCOPY file /file\n',
  'above/file': 'above',
  'api/Dockerfile': good,
  'api/file': 'api',
  'worker/Dockerfile': good,
  'worker/file': 'worker',
  '.gitignore': 'out\n',
};

interface PlannedJson {
  readonly legs: readonly { readonly target: string; readonly action: string; readonly reason: string }[];
}

async function planOf(family: TestFamily): Promise<PlannedJson> {
  const { status, stdout, stderr } = await family.fanfold('plan', '--json');
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as PlannedJson;
}

describe('a leg that failed', () => {
  test('is planned last with what builds on it, and says so; once its key is built, nothing remembers', async ({
    expect,
  }) => {
    using outside = temporaryFolder('outside');
    const yaml = familyYaml(['oci:out/a'], { aaa: failing(outside.path), ...targets });
    using family = await testFamily({ ...files, 'fanfold.yaml': yaml });
    const first = await planOf(family);
    expect(first.legs.map(({ target }) => target)).toEqual(['aaa', 'above', 'worker', 'api']);

    expect((await family.fanfold('run')).status).toBe(1);
    const second = await planOf(family);
    expect(second.legs.map(({ target }) => target)).toEqual(['worker', 'api', 'aaa', 'above']);
    const reason = second.legs.find(({ target }) => target === 'aaa')?.reason;
    expect(reason).toMatch(/^planned last: failed before at \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);

    expect((await family.fanfold('run')).status).toBe(1);
    const third = await planOf(family);
    expect(third.legs.find(({ target }) => target === 'aaa')?.reason).toMatch(/, 2 times$/);

    const image = `oci:${outside.path}/image:latest`;
    expect(await family.fanfold('copy', 'oci:out/a/api:latest', image)).toMatchObject({ status: 0 });
    expect(await family.fanfold('run')).toMatchObject({ status: 0 });
    const last = await planOf(family);
    expect(last.legs.map(({ target, action }) => `${target} ${action}`)).toEqual(
      ['aaa', 'above', 'worker', 'api'].map((target) => `${target} reuse`),
    );
  });

  test('that was stopped did not fail', async ({ expect }) => {
    using family = await testFamily({
      ...files,
      'fanfold.yaml': familyYaml(['oci:out/a'], {
        aaa: 'builder: { command: [sh, -c, "echo it began >&2; sleep 600"] }',
        api: '',
      }),
    });
    const running = family.start('run');
    while (!running.stderr().includes('it began')) await new Promise((resolve) => setTimeout(resolve, 20));
    running.kill('SIGINT');
    expect((await running.ended).status).not.toBe(0);
    const { legs } = await planOf(family);
    expect(legs.find(({ target }) => target === 'aaa')?.reason).toMatch(/^its key is not in/);
  });

  test('fails for its own reason where the note cannot be written', async ({ expect }) => {
    using outside = temporaryFolder('outside');
    // Staging becomes a file while the leg is built.
    const staging = `${outside.path}/staging`;
    const run = `rm -rf ${staging}; echo > ${staging}; echo it went wrong >&2; exit 3`;
    const yaml = familyYaml(
      ['oci:out/a'],
      { aaa: `builder: { command: [sh, -c, "${run}"] }` },
      `staging: oci:${staging}\n`,
    );
    using family = await testFamily({ ...files, 'fanfold.yaml': yaml });
    const { status, stderr } = await family.fanfold('run');
    expect(status).toBe(1);
    expect(stderr).toContain('it went wrong');
    expect(stderr).toContain('that it failed is not noted in staging');
  });
});

const minute = 60_000;

describe('packed into jobs', () => {
  const someLegs: fc.Arbitrary<readonly TimedLeg[]> = fc
    .array(
      fc.record({
        minutes: fc.integer({ min: 1, max: 90 }),
        machine: fc.constantFrom('a', 'b'),
        failed: fc.boolean(),
        onLast: fc.boolean(),
      }),
      { minLength: 1, maxLength: 40 },
    )
    .map((drawn) =>
      drawn.map(({ minutes, machine, failed, onLast }, place) => ({
        name: `leg-${place}`,
        after: onLast && place % 2 === 1 && drawn[place - 1]?.machine === machine ? [`leg-${place - 1}`] : [],
        shares: '',
        machine,
        durationMs: minutes * minute,
        ...(failed ? { failedBefore: true as const } : {}),
      })),
    );

  test('it stands in front of no other: not in its job, nor does its job stand before others', ({ expect }) => {
    fc.assert(
      fc.property(someLegs, (legs) => {
        const { shards, makespanMs } = packLegs(legs);
        const jobs = shards.flat();
        expect(jobs.flatMap((job) => job.legs).sort()).toEqual(legs.map(({ name }) => name).sort());
        const byName = new Map(legs.map((leg) => [leg.name, leg]));
        const isLate = (name: string): boolean => {
          const leg = byName.get(name);
          return leg?.failedBefore === true || (leg?.after ?? []).some(isLate);
        };
        for (const job of jobs) {
          const late = job.legs.map(isLate);
          expect(late).toEqual([...late].sort((a, b) => Number(a) - Number(b)));
          for (const [place, name] of job.legs.entries())
            for (const below of byName.get(name)?.after ?? []) expect(job.legs.slice(0, place)).toContain(below);
        }
        const whole = jobs.map((job) => job.legs.every(isLate));
        expect(whole).toEqual([...whole].sort((a, b) => Number(a) - Number(b)));
        expect(makespanMs).toBe(Math.max(...jobs.map(({ durationMs }) => durationMs)));
        // No job more, none longer, than if nothing had failed.
        const plain = packLegs(legs.map(({ failedBefore: _, ...leg }) => leg));
        expect({ jobs: jobs.length, makespanMs }).toEqual({
          jobs: plain.shards.flat().length,
          makespanMs: plain.makespanMs,
        });
      }),
      { numRuns: 300 },
    );
  });
});
