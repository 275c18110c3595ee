import { expect, test } from 'vitest';
import { digestOf } from '../oci/digest.ts';
import { createAbsences } from './absences.ts';

test('what was not there is so for ten seconds, or until it is', () => {
  let nowMs = 5;
  const absences = createAbsences({ monotonicMs: () => nowMs });
  const [one, other] = [digestOf('one'), digestOf('other')];
  absences.note(one);
  absences.note(other);
  expect([absences.isRecent(one), absences.isRecent(digestOf('never'))]).toEqual([true, false]);
  absences.forget(other);
  expect(absences.isRecent(other)).toBe(false);
  nowMs += 9999;
  expect(absences.isRecent(one)).toBe(true);
  nowMs += 1;
  expect(absences.isRecent(one)).toBe(false);
});

test('it holds a bounded number', () => {
  const absences = createAbsences({ monotonicMs: () => 0 });
  const blobs = Array.from({ length: 5000 }, (_, place) => digestOf(String(place)));
  for (const blob of blobs) absences.note(blob);
  expect(blobs.filter(absences.isRecent).length).toBeLessThanOrEqual(4096);
  expect(absences.isRecent(blobs.at(-1) ?? digestOf(''))).toBe(true);
});
