import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DiagnosticsError, throwIfErrors } from './diagnostic.ts';
import { exitStatus, FanfoldError, isFanfoldError } from './error.ts';
import { editDistance, nearestName } from './nearest.ts';

describe('nearestName', () => {
  const names = ['platforms', 'destinations', 'targets', 'tags', 'args'];
  test.for([
    { name: 'a letter missing', given: 'platfroms', want: 'platforms' },
    { name: 'a swap', given: 'tagrets', want: 'targets' },
    { name: 'capitals', given: 'Tags', want: 'tags' },
    { name: 'nothing near', given: 'zebra', want: undefined },
    { name: 'empty', given: '', want: undefined },
  ])('$name', ({ given, want }) => expect(nearestName(given, names)).toBe(want));

  test('the distance is a metric where it must be', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
        expect(editDistance(a, a)).toBe(0);
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });
});

describe('errors', () => {
  test.for([
    { name: 'wrong use', error: new FanfoldError('usage.invalid', 'x'), status: 2 },
    { name: 'configuration', error: new FanfoldError('config.invalid', 'x'), status: 2 },
    { name: 'a failure', error: new FanfoldError('host.network', 'x'), status: 1 },
    { name: 'anything else', error: 'text', status: 1 },
  ])('$name ends with $status', ({ error, status }) => expect(exitStatus(error)).toBe(status));

  test('are known across copies of the library', () => {
    const other = Object.assign(new Error('x'), { [Symbol.for('fanfold.error')]: true, code: 'host.file' });
    expect(isFanfoldError(other)).toBe(true);
    expect(isFanfoldError(new Error('x'))).toBe(false);
  });

  test('many mistakes are one error that counts them, warnings not', () => {
    const mistake = {
      code: 'config.invalid',
      severity: 'error',
      message: 'first',
      place: { file: 'a', line: 3 },
    } as const;
    const warning = { ...mistake, severity: 'warning' } as const;
    expect(() => throwIfErrors([warning])).not.toThrow();
    const error = new DiagnosticsError([warning, mistake, mistake]);
    expect(error.message).toBe('first (and 1 more)');
    expect(error.place).toEqual({ file: 'a', line: 3 });
  });
});
