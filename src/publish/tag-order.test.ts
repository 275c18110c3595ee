import { expect, test } from 'vitest';
import { digestOf } from '../content/oci/digest.ts';
import type { TakenTag, Taker } from '../ledger/tag-record.ts';
import { keptBy, keptByMark, type Relate, type Standing, standingOf, type TagQuestion } from './tag-order.ts';

const main = 'refs/heads/main';
const commit = (number: number): string => number.toString(16).padStart(40, '0');
/** History is a line: a commit of a higher number descends from one of a lower; from 100 on each stands apart, from 200 on it is not here. */
const relate: Relate = async (a, b) => {
  const [left, right] = [Number.parseInt(a, 16), Number.parseInt(b, 16)];
  if (right >= 200) return 'unknown';
  if (left >= 100 || right >= 100) return 'apart';
  return left === right ? 'same' : left > right ? 'newer' : 'older';
};
const taker = (number: number, more: Partial<Taker> = {}): Taker => ({ commit: commit(number), ref: main, ...more });
const release = (version: string, number = 1, prefix = 'v'): Taker =>
  taker(number, { ref: `refs/tags/${prefix}${version}`, version: { scheme: 'semver', version } });

test.for<readonly [name: string, run: Taker, last: Taker, standing: Standing]>([
  ['the same commit', taker(1), taker(1), 'same'],
  ['a descendant, though it was made before', taker(2, { timeMs: 1 }), taker(1, { timeMs: 2 }), 'newer'],
  ['an ancestor, though it was made after', taker(1, { timeMs: 2 }), taker(2, { timeMs: 1 }), 'older'],
  ['a descendant on another branch', taker(2, { ref: 'refs/heads/next' }), taker(1), 'newer'],
  ['apart, made later', taker(100, { timeMs: 2 }), taker(101, { timeMs: 1 }), 'newer'],
  ['apart, made before', taker(100, { timeMs: 1 }), taker(101, { timeMs: 2 }), 'older'],
  ['apart, made at once', taker(100, { timeMs: 1 }), taker(101, { timeMs: 1 }), 'apart'],
  ['apart, its time not known', taker(100), taker(101, { timeMs: 1 }), 'apart'],
  ['apart, of another ref', taker(100, { timeMs: 2, ref: 'refs/heads/x' }), taker(101, { timeMs: 1 }), 'apart'],
  ['apart, of no ref', taker(100, { timeMs: 2, ref: '' }), taker(101, { timeMs: 1, ref: '' }), 'apart'],
  ['not here, made before: the branch was rewritten', taker(1, { timeMs: 2 }), taker(200, { timeMs: 1 }), 'newer'],
  ['not here, made after: this clone is old', taker(1, { timeMs: 1 }), taker(200, { timeMs: 2 }), 'older'],
  ['a higher version of an older commit', release('1.10.0', 1), release('1.9.0', 2), 'newer'],
  ['a lower version of a newer commit', release('1.4.2', 2), release('1.5.0', 1), 'older'],
  ['the same version of a newer commit', release('1.5.0', 2), release('1.5.0', 1), 'newer'],
  ['the same version of an older commit', release('1.5.0', 1), release('1.5.0', 2), 'older'],
  ['versions of two lines are told by commits', release('1.0.0', 2, 'web/v'), release('2.0.0', 1, 'api/v'), 'newer'],
  ['a version of an older commit than a branch took', release('9.0.0', 1), taker(2), 'older'],
  ['a branch ahead of the version', taker(2), release('9.0.0', 1), 'newer'],
  ['outside of Git there is no order', taker(1, { commit: '', ref: '' }), taker(2), 'free'],
])('%s', async ([, run, last, standing]) => {
  expect(await standingOf(run, last, relate)).toBe(standing);
});

const [one, other, third] = ['one', 'other', 'third'].map((text) => digestOf(Buffer.from(text)));
if (one === undefined || other === undefined || third === undefined) throw new Error('three digests');
const tagRef = 'refs/tags/v1.2.3';
const taken = (number: number, more: Partial<TakenTag> = {}): TakenTag => ({
  ...taker(number, { ref: tagRef }),
  digest: other,
  keys: 'keys of the other',
  kind: 'immutable',
  ...more,
});
const asked = (more: Partial<TagQuestion>): TagQuestion => ({
  tag: { name: '1.2.3', kind: 'immutable' },
  run: taker(1, { ref: tagRef }),
  taken: undefined,
  digest: one,
  keys: 'keys of the one',
  named: [],
  ...more,
});

test.for<readonly [name: string, question: TagQuestion, reason: string | undefined, digest?: string | undefined]>([
  ['nothing stands there', asked({}), undefined],
  ['the same stands in some destinations', asked({ named: [one] }), undefined],
  ['something else stands there, and no record', asked({ named: [other] }), 'other-content', other],
  ['two others stand there, and no record', asked({ named: [other, third] }), 'other-content', undefined],
  ['an older run', asked({ taken: taken(2), named: [other] }), 'other-content', other],
  ['the same commit, another base image', asked({ taken: taken(1), named: [other] }), 'other-content', other],
  ['the Git tag was moved on', asked({ run: taker(2, { ref: tagRef }), taken: taken(1), named: [other] }), undefined],
  [
    'the Git tag was moved aside',
    asked({ run: taker(100, { ref: tagRef, timeMs: 9 }), taken: taken(1, { timeMs: 1 }), named: [other] }),
    'other-content',
    other,
  ],
  [
    'a newer commit of a branch',
    asked({ run: taker(2), taken: taken(1, { ref: main }), named: [other] }),
    'other-content',
    other,
  ],
  [
    'built from the same keys',
    asked({ taken: taken(1, { keys: 'keys of the one' }), named: [other] }),
    'same-keys',
    other,
  ],
  ['a replacement that died half way', asked({ taken: taken(1, { digest: one }), named: [one, third] }), undefined],
  [
    'a replacement that died half way, and an older run',
    asked({ taken: taken(2), named: [other, third] }),
    'other-content',
    other,
  ],
])('an immutable tag: %s', async ([, question, reason, digest]) => {
  const kept = await keptBy(question, relate);
  expect(kept?.reason).toBe(reason);
  expect(kept?.digest).toBe(digest);
});

test('a moving tag that stays is to name what the record says', async () => {
  const question = asked({ tag: { name: 'latest', kind: 'moving' }, run: taker(1), taken: taken(2), named: [one] });
  expect(await keptBy(question, relate)).toMatchObject({
    reason: 'older',
    digest: other,
    taken: { commit: commit(2) },
  });
  expect(await keptBy({ ...question, run: taker(3) }, relate)).toBeUndefined();
  expect(await keptBy({ ...question, taken: undefined }, relate)).toBeUndefined();
});

test('a mark forbids what is older alone', async () => {
  const tag = { name: 'latest' };
  expect(await keptByMark(tag, taker(1), taker(2), relate)).toMatchObject({ reason: 'older' });
  for (const mark of [undefined, taker(1), taker(0), taker(100)])
    expect(await keptByMark(tag, taker(1), mark, relate)).toBeUndefined();
});
