import { describe, expect, test } from 'vitest';
import { cellName, expandMatrix, expandStrategy } from './matrix.ts';

describe('a matrix', () => {
  test.for([
    { name: 'the product, in order', given: { a: [1, 2], b: ['x', 'y'] }, want: ['1 x', '1 y', '2 x', '2 y'] },
    {
      name: 'without what is excluded',
      given: { a: [1, 2], b: ['x', 'y'], exclude: [{ a: 1, b: 'y' }] },
      want: ['1 x', '2 x', '2 y'],
    },
    {
      name: 'an exclusion by one value',
      given: { a: [1, 2], b: ['x', 'y'], exclude: [{ a: 1 }] },
      want: ['2 x', '2 y'],
    },
    { name: 'an include that adds a value to all', given: { a: [1, 2], include: [{ c: 'z' }] }, want: ['1 z', '2 z'] },
    {
      name: 'an include that adds a value to one',
      given: { a: [1, 2], include: [{ a: 2, c: 'z' }] },
      want: ['1', '2 z'],
    },
    {
      name: 'an include that would change a value is a job of its own',
      given: { a: [1], include: [{ a: 3, c: 'z' }] },
      want: ['1', '3 z'],
    },
    { name: 'an include list alone', given: { include: [{ job: 'p' }, { job: 'q' }] }, want: ['p', 'q'] },
  ])('$name', ({ given, want }) => {
    expect(expandMatrix(given).map((cell) => Object.values(cell).join(' '))).toEqual(want);
  });

  test.for([
    { name: 'nothing at all', given: {}, error: /at least one vector/ },
    { name: 'everything excluded', given: { a: [1], exclude: [{ a: 1 }] }, error: /at least one vector/ },
    { name: 'a value that is no list', given: { a: 'x' }, error: /must be a list/ },
    { name: 'a list', given: [], error: /must be a mapping/ },
    {
      name: 'too many',
      given: { a: Array.from({ length: 16 }, (_, n) => n), b: Array.from({ length: 17 }, (_, n) => n) },
      error: /272 jobs/,
    },
  ])('$name is refused', ({ given, error }) => expect(() => expandMatrix(given)).toThrow(error));

  test('256 jobs are taken', () => {
    expect(expandMatrix({ include: Array.from({ length: 256 }, (_, job) => ({ job })) })).toHaveLength(256);
  });
  test('a strategy', () => {
    expect(expandStrategy({ 'fail-fast': false, 'max-parallel': 2 })).toEqual({
      cells: undefined,
      failFast: false,
      maxParallel: 2,
    });
    expect(expandStrategy(null).failFast).toBe(true);
  });
  test('names', () => {
    expect(cellName('a', undefined)).toBe('a');
    expect(cellName('a', { x: 1, y: { z: ['p', 'q'] } })).toBe('a (1, p, q)');
  });
});
