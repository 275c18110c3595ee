// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of Dockerfiles look like this
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isFanfoldError } from '../../base/errors/error.ts';
import { expand, expandWords } from './expand.ts';
import type { EscapeCharacter } from './instruction.ts';

const env = new Map(Object.entries({ A: 'one', B: '', P: '/usr/lib/foo.tar.gz', S: 'two words', STAR: 'a*b' }));

test.for<readonly [name: string, word: string, want: string, escapeCharacter?: EscapeCharacter]>([
  ['a variable', '$A.x', 'one.x'],
  ['a variable in braces', '${A}x', 'onex'],
  ['an unset one', '[$X]', '[]'],
  ['a dollar alone', 'a$ $', 'a$ $'],
  ['digits', '$1a', 'a'],
  ['a default', '${X:-y}${B:-z}${A:-n}', 'yzone'],
  ['a default for unset only', '${X-y}${B-z}', 'y'],
  ['an alternative', '${A:+y}${B:+z}${X:+z}', 'y'],
  ['an alternative for set', '${A+y}${B+z}${X+n}', 'yz'],
  ['a default within a default', '${X:-${Y:-$A}}', 'one'],
  ['a requirement that holds', '${A:?no}', 'one'],
  ['the shortest start off', '${P#*/}', 'usr/lib/foo.tar.gz'],
  ['the longest start off', '${P##*/}', 'foo.tar.gz'],
  ['the shortest end off', '${P%.*}', '/usr/lib/foo.tar'],
  ['the longest end off', '${P%%.*}', '/usr/lib/foo'],
  ['a question mark', '${A#?}', 'ne'],
  ['an escaped star', '${STAR#a\\*}', 'b'],
  ['the first replaced', '${P/o/0}', '/usr/lib/f0o.tar.gz'],
  ['all replaced', '${P//o/0}', '/usr/lib/f00.tar.gz'],
  ['a slash replaced', '${P//\\//-}', '-usr-lib-foo.tar.gz'],
  ['replaced by nothing', '${A/n/}', 'oe'],
  ['single quotes', "'$A'", '$A'],
  ['double quotes', '"$A b"', 'one b'],
  ['escapes', String.raw`\$A \"\n`, '$A "n'],
  ['escapes in double quotes', String.raw`"\$A \n \""`, String.raw`$A \n "`],
  ['a backtick as the escape', '`$A \\$A', '$A \\one', '`'],
])('%s', ([, word, want, escapeCharacter = '\\']) => {
  expect(expand(word, env, { escapeCharacter }).value).toBe(want);
});

test.for([
  { name: 'spaces in a variable split', word: 'x $S y', want: ['x', 'two', 'words', 'y'] },
  { name: 'quotes hold together', word: '"$S" \'a b\' c\\ d', want: ['two words', 'a b', 'c d'] },
  { name: 'an empty variable is no word', word: '$B $X ""', want: [] },
])('words: $name', ({ word, want }) => {
  expect(expandWords(word, env).words).toEqual(want);
});

test('tells what was read', () => {
  const { used, unknown } = expand('$A ${X:-$B} ${Y+$Z}', env);
  expect([[...used], [...unknown]]).toEqual([
    ['A', 'B'],
    ['X', 'Z', 'Y'],
  ]);
});

test.for([
  { name: 'an open brace', word: '${A', message: 'the substitution of A has the unknown modifier ' },
  { name: 'no name', word: '${}', message: 'a substitution has no variable' },
  { name: 'an open quote', word: "'a", message: 'a single quote is not closed' },
  { name: 'a requirement', word: '${X:?give X}', message: 'X: give X' },
  { name: 'a requirement without words', word: '${B:?}', message: 'B: must be set and not empty' },
  { name: 'an unknown modifier', word: '${A^^}', message: 'the substitution of A has the unknown modifier ^' },
  { name: 'an impossible pattern', word: '${A#\\x}', message: 'the pattern "\\\\x" has an invalid escape' },
])('an error: $name', ({ word, message }) => {
  expect(() => expand(word, env)).toThrow(expect.objectContaining({ code: 'dockerfile.expansion', message }));
});

describe('in general', () => {
  test('a text without special characters stays', () => {
    fc.assert(fc.property(fc.stringMatching(/^[a-z0-9 .:/=-]*$/), (text) => expand(text, env).value === text));
  });

  test('nothing but a FanfoldError is thrown', () => {
    const piece = fc.constantFrom(
      '$',
      '{',
      '}',
      'A',
      'P',
      ':-',
      '+',
      '#',
      '%',
      '/',
      '*',
      '?',
      '\\',
      '"',
      "'",
      '<',
      ' ',
      'é',
    );
    fc.assert(
      fc.property(
        fc.array(piece).map((pieces) => pieces.join('')),
        (text) => {
          try {
            return typeof expand(text, env).value === 'string';
          } catch (error) {
            return isFanfoldError(error);
          }
        },
      ),
      { numRuns: 3000 },
    );
  });
});
