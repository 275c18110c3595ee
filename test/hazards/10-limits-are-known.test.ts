// Hazard 10: limits are known.
//
// Elsewhere: a matrix of more than 256 jobs is refused, or cells beyond it vanish without a word; outputs past 1 MB fail the plan job after
// everything was worked out; a job that was packed too full dies after six hours, or when its disk is full. Here a plan is packed so that it breaks
// none, and what cannot be is an error before anything starts. Of the disk, test/action/room.test.ts has the rest.

import fc from 'fast-check';
import { describe, test } from 'vitest';
import { assertRoom } from '../../src/plan/fit-disk.ts';
import { githubOutputText, matrixOutputs } from '../../src/plan/matrix-output.ts';
import type { TimedLeg } from '../../src/plan/order.ts';
import { packLegs } from '../../src/plan/pack.ts';
import { githubLimits, gitlabLimits } from '../../src/runners/limits.ts';

const minute = 60_000;

function legs(count: number, durationMs: number, name = 'leg'): readonly TimedLeg[] {
  return Array.from({ length: count }, (_, place) => ({
    name: `${name}-${place}@linux/amd64`,
    after: [],
    shares: String(place % 7),
    machine: place % 2 === 0 ? 'linux/amd64' : 'linux/arm64',
    durationMs,
  }));
}

const someLegs: fc.Arbitrary<readonly TimedLeg[]> = fc
  .array(
    fc.record({
      minutes: fc.integer({ min: 1, max: 90 }),
      shares: fc.constantFrom('a', 'b', 'c'),
      machine: fc.constantFrom('linux/amd64', 'linux/arm64'),
      below: fc.option(fc.nat(), { nil: undefined }),
    }),
    { maxLength: 60 },
  )
  .map((drawn) =>
    drawn.map(({ minutes, shares, machine, below }, place) => ({
      name: `leg-${place}`,
      // Chains of two at the most, so that none is longer than a job.
      after:
        below !== undefined && place % 2 === 1 && drawn[place - 1]?.machine === machine ? [`leg-${place - 1}`] : [],
      shares,
      machine,
      durationMs: minutes * minute,
    })),
  );

describe('disks', () => {
  test('a leg that fits on no machine of its runner’s kind is an error that names both', ({ expect }) => {
    const machine = JSON.stringify('ubuntu-24.04');
    const needs = new Map([['api@linux/amd64', { bytes: 2e11, leastBytes: 2e11, from: 'declared' as const }]]);
    expect(() => assertRoom([{ name: 'api@linux/amd64', machine }], needs)).toThrow(
      'api@linux/amd64 needs 200 GB, and ubuntu-24.04 has 130 GB at the most',
    );
  });
});

describe('matrices', () => {
  test('of a family whose every leg needs a job of its own are split below 256', ({ expect }) => {
    const { shards } = packLegs(legs(1000, 119 * minute));
    expect(shards.flat()).toHaveLength(1000);
    expect(shards.length).toBe(4);
    for (const shard of shards) expect(shard.length).toBeLessThanOrEqual(250);
  });

  test('of GitLab hold 200 jobs, of an hour unless its project says otherwise', ({ expect }) => {
    const { shards, makespanMs } = packLegs(legs(500, 50 * minute), { limits: gitlabLimits });
    expect(shards.map((shard) => shard.length)).toEqual([167, 167, 166]);
    expect(makespanMs).toBe(50 * minute);
    expect(() => packLegs(legs(1, 61 * minute), { limits: gitlabLimits })).toThrow(
      'GitLab CI ends a job after 1 h 0 min',
    );
    const longer = { ...gitlabLimits, jobMs: 180 * minute };
    expect(packLegs(legs(4, 61 * minute), { limits: longer }).makespanMs).toBeLessThanOrEqual(120 * minute);
  });

  test('short legs share jobs: queueing is most of a hosted run', ({ expect }) => {
    const { shards, makespanMs } = packLegs(legs(457, 5 * minute));
    expect(shards).toHaveLength(1);
    expect(shards.flat()).toHaveLength(20);
    expect(makespanMs).toBeLessThanOrEqual(120 * minute);
  });

  test('every leg is in one job, behind what it builds on, on its own machine; jobs keep their bounds', ({
    expect,
  }) => {
    fc.assert(
      fc.property(someLegs, (drawn) => {
        const packing = packLegs(drawn);
        const jobs = packing.shards.flat();
        expect(jobs.flatMap((job) => job.legs).sort()).toEqual(drawn.map(({ name }) => name).sort());
        const byName = new Map(drawn.map((leg) => [leg.name, leg]));
        for (const job of jobs) {
          expect(job.durationMs).toBeLessThanOrEqual(githubLimits.jobMs);
          for (const [place, name] of job.legs.entries()) {
            expect(byName.get(name)?.machine).toBe(job.machine);
            for (const below of byName.get(name)?.after ?? []) expect(job.legs.slice(0, place)).toContain(below);
          }
        }
        expect(new Set(jobs.map(({ name }) => name)).size).toBe(jobs.length);
        expect(packing.makespanMs).toBe(Math.max(0, ...jobs.map(({ durationMs }) => durationMs)));
      }),
      { numRuns: 300 },
    );
  });

  test('the same legs in any order give the same packing', ({ expect }) => {
    fc.assert(
      fc.property(someLegs, (drawn) => {
        expect(packLegs(drawn.toReversed())).toEqual(packLegs(drawn));
      }),
      { numRuns: 100 },
    );
  });

  test('--jobs-max is kept, and the jobs are then longer', ({ expect }) => {
    const { shards, makespanMs } = packLegs(legs(100, 60 * minute), { jobsMax: 40 });
    expect(shards.flat()).toHaveLength(40);
    expect(makespanMs).toBe(180 * minute);
  });
});

describe('what cannot be is an error before anything starts', () => {
  test('a leg that takes longer than a job may', ({ expect }) => {
    expect(() => packLegs(legs(1, 7 * 60 * minute))).toThrow(
      expect.objectContaining({ code: 'plan.limit', message: expect.stringContaining('ends a job after 6 h 0 min') }),
    );
  });

  test('too few jobs for what is to be built', ({ expect }) => {
    expect(() => packLegs(legs(100, 60 * minute), { jobsMax: 4 })).toThrow(
      expect.objectContaining({ code: 'plan.limit', hint: expect.stringContaining('--jobs-max') }),
    );
  });

  test('outputs that a job cannot hold', ({ expect }) => {
    const small = matrixOutputs(packLegs(legs(457, 119 * minute)));
    expect(Object.keys(small)).toEqual(['any', 'shards', 'matrix-1', 'matrix-2']);
    const units = Object.values(small).reduce((sum, value) => sum + value.length, 0);
    expect(units * 2).toBeLessThan(1024 * 1024);
    const long = packLegs(legs(4000, 119 * minute, 'x'.repeat(120)));
    expect(() => matrixOutputs(long)).toThrow(
      expect.objectContaining({ code: 'plan.limit', message: expect.stringContaining('500000') }),
    );
  });

  test('a job is given a time limit: long after its end, an hour at the least, never more than the service has', ({
    expect,
  }) => {
    const minutesOf = (durationMs: number): unknown => {
      const { 'matrix-1': matrix = '' } = matrixOutputs(packLegs(legs(1, durationMs)));
      return (JSON.parse(matrix) as { include: { minutes: number }[] }).include[0]?.minutes;
    };
    expect([1, 10, 40, 100, 350].map((minutes) => minutesOf(minutes * minute))).toEqual([60, 60, 150, 330, 360]);
  });

  test('nothing to build has no shard, and says so', ({ expect }) => {
    expect(matrixOutputs(packLegs([]))).toEqual({ any: 'false', shards: '0' });
  });

  test('an output is read back as it is, and cannot end its own text early', ({ expect }) => {
    const outputs = { any: 'true', odd: 'a\nb\n<<END' };
    expect(githubOutputText(outputs, 'END')).toBe('any<<END\ntrue\nEND\nodd<<END\na\nb\n<<END\nEND\n');
    expect(() => githubOutputText({ odd: 'a\nEND\nb' }, 'END')).toThrow(
      expect.objectContaining({ code: 'plan.limit' }),
    );
  });
});
