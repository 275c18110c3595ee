import { describe, test } from 'vitest';
import { assertRoom } from './fit-disk.ts';

const machine = JSON.stringify('ubuntu-24.04');
const legs = [{ name: 'api@linux/amd64', machine }];
const need = (size: number, from: 'declared' | 'measured' = 'declared') =>
  new Map([['api@linux/amd64', { bytes: size * 1e9, leastBytes: size * 1e9, from }]]);

describe('a leg’s disk', () => {
  test.for([
    { name: 'fits on the larger of a label’s machines', legs, needs: need(130) },
    { name: 'is not known', legs, needs: new Map() },
    {
      name: 'is anybody’s on a label of one’s own',
      legs: [{ name: 'api@linux/amd64', machine: '"big"' }],
      needs: need(900),
    },
    {
      name: 'is anybody’s in a group',
      legs: [{ name: 'api@linux/amd64', machine: '{"group":"g"}' }],
      needs: need(900),
    },
  ])('$name', ({ legs, needs }, { expect }) => expect(() => assertRoom(legs, needs)).not.toThrow());

  test('that no machine of the label has is an error with leg, need, runner and way out', ({ expect }) => {
    expect(() => assertRoom(legs, need(131))).toThrow(
      expect.objectContaining({
        code: 'plan.limit',
        message: 'a runner’s disk is too small: api@linux/amd64 needs 131 GB, and ubuntu-24.04 has 130 GB at the most',
        hint: expect.stringContaining('larger runner') as string,
      }),
    );
    expect(() => assertRoom(legs, need(200, 'measured'))).toThrow('api@linux/amd64 took the last time 200 GB');
  });

  test('of many legs is told of five, and the rest counted', ({ expect }) => {
    const many = Array.from({ length: 9 }, (_, place) => ({ name: `t${place}@linux/amd64`, machine }));
    const needs = new Map(many.map(({ name }) => [name, { bytes: 2e12, leastBytes: 2e12, from: 'declared' as const }]));
    expect(() => assertRoom(many, needs)).toThrow(/t4@linux\/amd64 needs 2 TB.*; and 4 more$/);
  });
});
