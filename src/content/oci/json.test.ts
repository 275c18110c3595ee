import fc from 'fast-check';
import { describe, test } from 'vitest';
import { canonicalJson, canonicalPieces, type Json, sharedJson } from './json.ts';

describe('canonical JSON', () => {
  test.for<{ name: string; value: unknown; text: string }>([
    {
      name: 'names in the order of UTF-16',
      value: { b: 1, a: 2, '\u{1f600}': 3, '\ufb33': 4, 10: 5, 9: 6 },
      text: '{"10":5,"9":6,"a":2,"b":1,"\u{1f600}":3,"\ufb33":4}',
    },
    { name: 'undefined left out', value: { a: undefined, b: { c: undefined } }, text: '{"b":{}}' },
    { name: 'lists as they are', value: [[], [2, 1], [null, true]], text: '[[],[2,1],[null,true]]' },
    { name: 'a name that is in every object', value: JSON.parse('{"__proto__":1}'), text: '{"__proto__":1}' },
  ])('$name', ({ value, text }, { expect }) => {
    expect(canonicalJson(value)).toBe(text);
  });

  test.for([Number.NaN, Infinity, undefined, 1n, () => 1, [undefined]])('cannot hold %s', (value, { expect }) => {
    expect(() => canonicalJson(value)).toThrow('canonical JSON cannot hold');
  });

  test('in pieces it is the same bytes, whatever is shared', ({ expect }) => {
    const long = fc.constantFrom('x'.repeat(5000), 'é\u{1f600}'.repeat(2000), 'short');
    const shared = fc.array(long, { maxLength: 3 }).map((list) => sharedJson<Json & object>(list));
    const value = fc.array(fc.oneof(shared, fc.jsonValue(), fc.dictionary(fc.string(), shared, { maxKeys: 3 })), {
      maxLength: 4,
    });
    fc.assert(
      fc.property(value, (made) => {
        const pieces = canonicalPieces(made).map((piece) => Buffer.from(piece));
        expect(Buffer.concat(pieces).toString('utf8')).toBe(canonicalJson(JSON.parse(JSON.stringify(made))));
      }),
      { numRuns: 200 },
    );
  });
});
