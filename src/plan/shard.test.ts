import fc from 'fast-check';
import { describe, test } from 'vitest';
import { keyedLeg } from '../../test/support/keyed-leg.ts';
import { stageLeg } from '../../test/support/publication.ts';
import { memoryStore } from '../content/store/memory.ts';
import { desiredTarget } from './desired.ts';
import type { PlannedTarget } from './planned.ts';
import { contentShards, formatShard, isInShard, parseShard } from './shard.ts';

describe('a share', () => {
  test.for(['1/1', '2/8', ' 8/8 '])('%j is one', (text, { expect }) => {
    expect(formatShard(parseShard(text))).toBe(text.trim());
  });

  test.for(['', '0/2', '3/2', '1', '1/0', '-1/2', '1/2/3', '1.5/2', '1/99999'])('%j is none', (text, { expect }) => {
    expect(() => parseShard(text)).toThrow('is no share');
  });

  test('every target is in exactly one', ({ expect }) => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 50 }), (target, count) => {
        const places = Array.from({ length: count }, (_, place) => place + 1);
        expect(places.filter((place) => isInShard(target, { place, count }))).toHaveLength(1);
      }),
    );
  });

  test('many targets are about equally many in each', ({ expect }) => {
    const targets = Array.from({ length: 386 }, (_, place) => `backend-${place}`);
    const sizes = [1, 2, 3, 4, 5, 6, 7, 8].map(
      (place) => targets.filter((target) => isInShard(target, { place, count: 8 })).length,
    );
    expect(Math.min(...sizes)).toBeGreaterThan(386 / 8 / 2);
    expect(Math.max(...sizes)).toBeLessThan((386 / 8) * 2);
  });
});

describe('how many are worth it', async () => {
  const store = memoryStore();
  const records = [await stageLeg(store, 'one', 'linux/amd64'), await stageLeg(store, 'two', 'linux/arm64')];
  const { target } = keyedLeg().leg;
  const [destination = { location: target.staging, required: true }] = target.destinations;
  const desired = desiredTarget(target, records, ['latest']);
  const plain = { target, tags: ['latest'], action: 'publish', destinations: [] } as const;
  const toBuild = (count: number): PlannedTarget => ({
    ...plain,
    reason: { kind: 'legs-to-build', legs: Array.from({ length: count }, (_, place) => `t@${place}`) },
  });
  const built = (lacks: number): PlannedTarget => ({
    ...plain,
    desired,
    reason: { kind: 'differs', changes: lacks },
    destinations: [
      {
        destination,
        changes: [
          ...records.slice(0, lacks).map(({ manifest }) => ({ kind: 'content', manifest }) as const),
          { kind: 'index', index: desired.merged.descriptor },
        ],
      },
    ],
  });
  const unasked: PlannedTarget = {
    ...built(0),
    destinations: [{ destination, changes: [], problem: new Error('denied') }],
  };
  const unkeyed: PlannedTarget = { ...toBuild(99), action: 'fail' };

  test.for([
    { name: 'nothing', targets: [], most: 8, want: 0 },
    { name: 'content that is everywhere', targets: [built(0)], most: 8, want: 0 },
    { name: 'a destination that could not be asked', targets: [unasked], most: 8, want: 0 },
    { name: 'a target that has no key', targets: [unkeyed], most: 8, want: 0 },
    { name: 'one leg to build', targets: [toBuild(1)], most: 8, want: 1 },
    { name: 'built legs that a destination lacks', targets: [built(2)], most: 8, want: 1 },
    { name: '50 legs', targets: [toBuild(50)], most: 8, want: 1 },
    { name: '52 legs, of which two are built', targets: [toBuild(50), built(2)], most: 8, want: 2 },
    { name: '457 legs', targets: [toBuild(457)], most: 8, want: 8 },
    { name: '457 legs in fewer', targets: [toBuild(457)], most: 3, want: 3 },
    { name: 'no job wanted', targets: [toBuild(457)], most: 0, want: 0 },
  ])('$name', ({ targets, most, want }, { expect }) => {
    expect(contentShards({ targets }, most)).toEqual(
      Array.from({ length: want }, (_, place) => ({ place: place + 1, count: want })),
    );
  });
});
