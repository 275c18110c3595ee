import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { memberRanges, replaceRange } from './json-member.ts';

const valuesOf = (text: string, name: string) =>
  memberRanges(text, name).map(({ start, end }) => text.slice(start, end));

describe('memberRanges', () => {
  test.for([
    { name: 'a list', text: '{"a":1,"subject":[{"b":[1,2]}],"c":2}', want: ['[{"b":[1,2]}]'] },
    { name: 'the last member', text: '{"a":1,"subject":null}', want: ['null'] },
    { name: 'white space everywhere', text: ' {\n "subject" :\t[ 1 ]\r\n , "a" : 2 } ', want: ['[ 1 ]'] },
    { name: 'a deeper member of that name is another', text: '{"a":{"subject":1},"subject":2}', want: ['2'] },
    { name: 'the name within a string', text: '{"a":"\\"subject\\":[","subject":3}', want: ['3'] },
    { name: 'a string that ends in backslashes', text: '{"a":"\\\\","subject":"\\\\\\""}', want: ['"\\\\\\""'] },
    { name: 'an escaped name', text: '{"\\u0073ubject":4}', want: ['4'] },
    { name: 'brackets within strings', text: '{"subject":["]","}"],"a":"{"}', want: ['["]","}"]'] },
    { name: 'twice', text: '{"subject":1,"subject":2}', want: ['1', '2'] },
    { name: 'none', text: '{}', want: [] },
  ])('$name', ({ text, want }) => expect(valuesOf(text, 'subject')).toEqual(want));

  test('finds in any object what JSON.parse finds, however it is indented', () => {
    const object = fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 });
    fc.assert(
      fc.property(object, fc.constantFrom(undefined, '\t', '  '), (value, indentation) => {
        const text = JSON.stringify(value, undefined, indentation);
        for (const [name, field] of Object.entries(JSON.parse(text))) {
          expect(valuesOf(text, name).map((found) => JSON.parse(found))).toEqual([field]);
        }
      }),
    );
  });

  test('a string of millions of characters', () => {
    const text = JSON.stringify({ a: '\\"'.repeat(2_000_000), subject: 1 });
    expect(valuesOf(text, 'subject')).toEqual(['1']);
  });
});

test('replaceRange leaves every other character', () => {
  const text = '{ "a": 1.0, "subject":[1],"b":"\\u003c" }';
  const [range] = memberRanges(text, 'subject');
  expect(range && replaceRange(text, range, '[]')).toBe('{ "a": 1.0, "subject":[],"b":"\\u003c" }');
});
