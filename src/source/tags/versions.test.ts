import { array, assert, constantFrom, nat, property, record, string, tuple } from 'fast-check';
import { describe, test } from 'vitest';
import { comparePep440, formatPep440, isFinal, parsePep440 } from './pep440.ts';
import { compareVersions, readVersion } from './version.ts';

describe('PEP 440', () => {
  test.for([
    { given: '1.0', want: '1.0' },
    { given: 'v1.0', want: '1.0' },
    { given: ' 1.02.0 ', want: '1.2.0' },
    { given: '1!2.0', want: '1!2.0' },
    { given: '1.0-Alpha.2', want: '1.0a2' },
    { given: '1.0_beta', want: '1.0b0' },
    { given: '1.0preview3', want: '1.0rc3' },
    { given: '1.0c1', want: '1.0rc1' },
    { given: '1.0-4', want: '1.0.post4' },
    { given: '1.0r4', want: '1.0.post4' },
    { given: '1.0rev', want: '1.0.post0' },
    { given: '1.0DEV', want: '1.0.dev0' },
    { given: '1.0a1.post2.dev3+Ubuntu-1_2', want: '1.0a1.post2.dev3+ubuntu.1.2' },
    { given: '1.0-', want: undefined },
    { given: '1.0+', want: undefined },
    { given: '1..0', want: undefined },
    { given: 'one', want: undefined },
    { given: `1${'.0'.repeat(500)}`, want: undefined },
  ])('$given', ({ given, want }, { expect }) => {
    const parsed = parsePep440(given);
    expect(parsed && formatPep440(parsed)).toBe(want);
  });

  // PEP 440's own example of an order, and its rules for what may follow what.
  const ordered =
    '1.dev0 1.0.dev456 1.0a1 1.0a2.dev456 1.0a12.dev456 1.0a12 1.0b1.dev456 1.0b2 1.0b2.post345.dev456 1.0b2.post345 1.0rc1.dev456 1.0rc1 1.0 1.0+abc.5 1.0+abc.7 1.0+5 1.0.post456.dev34 1.0.post456 1.0.15 1.1.dev1 1!0.1';

  test('the order of the specification', ({ expect }) => {
    const shuffled = ordered.split(' ').toSorted().reverse();
    const compare = (a: string, b: string): number =>
      compareVersions({ scheme: 'pep440', version: a }, { scheme: 'pep440', version: b });
    expect(shuffled.sort(compare).join(' ')).toBe(ordered);
  });

  test('only a release without a suffix is final', ({ expect }) => {
    const finals = ['1.0', '1.0+local', '1.0a1', '1.0.post1', '1.0.dev1']
      .map((text) => parsePep440(text))
      .map((version) => version && isFinal(version));
    expect(finals).toEqual([true, true, false, false, false]);
  });

  const suffix = (words: readonly string[]) =>
    tuple(constantFrom('', ...words), nat(3)).map(([word, number]) => (word === '' ? '' : `${word}${number}`));
  const version = record({
    release: array(nat(3), { minLength: 1, maxLength: 4 }),
    pre: suffix(['a', 'b', 'rc']),
    post: suffix(['.post']),
    dev: suffix(['.dev']),
  }).map(({ release, pre, post, dev }) => `${release.join('.')}${pre}${post}${dev}`);

  test('a normal form is its own, and the order is one', ({ expect }) => {
    void assert(
      property(version, version, version, (a, b, c) => {
        const [x, y, z] = [a, b, c].map(parsePep440);
        if (x === undefined || y === undefined || z === undefined) throw new Error('not a version');
        expect(formatPep440(x)).toBe(a);
        expect(Math.sign(comparePep440(x, y))).toBe(-Math.sign(comparePep440(y, x)) + 0);
        if (comparePep440(x, y) <= 0 && comparePep440(y, z) <= 0) expect(comparePep440(x, z)).toBeLessThanOrEqual(0);
      }),
    );
  });

  test('any text is a version or none', ({ expect }) => {
    void assert(
      property(string({ unit: constantFrom(...'0123.ab!+-_ rcpostdev') }), (text) => {
        const parsed = parsePep440(text);
        if (parsed !== undefined) expect(parsePep440(formatPep440(parsed))).toEqual(parsed);
      }),
    );
  });
});

describe('the version in a Git tag', () => {
  test.for([
    { given: 'v1.2.3', want: 'semver 1.2.3' },
    { given: 'cli/v1.2.3-rc.1', want: 'semver 1.2.3-rc.1' },
    { given: '1.2', want: 'pep440 1.2' },
    { given: 'nightly', want: undefined },
  ])('$given', ({ given, want }, { expect }) => {
    const version = readVersion(given);
    expect(version && `${version.scheme} ${version.version}`).toBe(want);
  });
});
