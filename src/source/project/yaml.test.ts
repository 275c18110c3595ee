import fc from 'fast-check';
import { describe, test } from 'vitest';
import { parseFamily } from './load.ts';
import { nodeAt, placeInText, placeOfKey, placeOfValue, toData } from './source.ts';
import { readYaml } from './yaml.ts';

const file = '/family/fanfold.yaml';

function data(text: string): unknown {
  const { root } = readYaml(text, file);
  return root === undefined ? undefined : toData(root, () => false);
}

describe('data', () => {
  test.for([
    { name: 'an empty file', text: '', want: null },
    {
      name: 'scalars',
      text: 'a: 1\nb: yes\nc: true\nd: ~\ne: "x"\n',
      want: { a: 1, b: 'yes', c: true, d: null, e: 'x' },
    },
    { name: 'an alias', text: 'a: &x [1]\nb: *x\n', want: { a: [1], b: [1] } },
    {
      name: 'a merge',
      text: 'a: &x { p: 1, q: 2 }\nb: { <<: *x, q: 3 }\n',
      want: { a: { p: 1, q: 2 }, b: { p: 1, q: 3 } },
    },
    {
      name: 'a merge of two, the first wins',
      text: 'a: &x { p: 1 }\nb: &y { p: 2, q: 2 }\nc: { <<: [*x, *y] }\n',
      want: { a: { p: 1 }, b: { p: 2, q: 2 }, c: { p: 1, q: 2 } },
    },
    { name: 'a merge key in quotes is a key', text: 'a: { "<<": 1 }\n', want: { a: { '<<': 1 } } },
    { name: 'a number as a key', text: '1.10: x\n', want: { '1.10': 'x' } },
    { name: 'an empty item', text: 'a: [1, ]\nb:\n  -\n', want: { a: [1], b: [null] } },
  ])('$name', ({ text, want }, { expect }) => {
    expect(readYaml(text, file).diagnostics).toEqual([]);
    expect(data(text)).toEqual(want);
  });
});

describe('places', () => {
  const source = readYaml('a: &x\n  p: 1\n  text: |\n    one\n\n     two\nb:\n  <<: *x\n  list: [1, "two"]\n', file);
  const show = ({ line, column }: { line?: number; column?: number }): string => `${line}:${column}`;
  test.for([
    { name: 'a key', found: placeOfKey(source, ['a', 'p']), want: '2:3' },
    { name: 'a value', found: placeOfValue(source, ['a', 'p']), want: '2:6' },
    { name: 'a merged key stands at its anchor', found: placeOfKey(source, ['b', 'p']), want: '2:3' },
    { name: 'an item', found: placeOfValue(source, ['b', 'list', 1]), want: '9:13' },
    {
      name: 'what is not there stands at what is above it',
      found: placeOfValue(source, ['b', 'none', 'deep']),
      want: '8:3',
    },
    { name: 'a line of a block', found: placeInText(source, ['a', 'text'], 3, 2), want: '6:6' },
  ])('$name', ({ found, want }, { expect }) => expect(show(found)).toBe(want));
});

describe('what cannot be read is told', () => {
  const deep = (levels: number): string => `a: ${'['.repeat(levels)}${']'.repeat(levels)}\n`;
  const laughs = [
    'a0: &a0 [x, x, x, x, x, x, x, x, x, x]',
    ...Array.from(
      { length: 9 },
      (_, index) => `a${index + 1}: &a${index + 1} [${Array(10).fill(`*a${index}`).join(', ')}]`,
    ),
  ].join('\n');
  test.for([
    { name: 'a key twice', text: 'a: 1\nb: 2\na: 3\n', at: '3:1', says: '"a" is given twice' },
    { name: 'an alias without an anchor', text: 'a: *nothing\n', at: '1:4', says: 'alias' },
    { name: 'an alias inside of itself', text: 'a: &x [*x]\n', at: '1:8', says: 'inside of what it names' },
    { name: 'a merge inside of itself', text: 'a: &x\n  <<: *x\n', at: '2:7', says: 'inside of what it names' },
    { name: 'a merge of text', text: 'a:\n  <<: b\n', at: '2:3', says: 'takes a map' },
    { name: 'a billion laughs', text: laughs, at: '6:9', says: 'aliases make more than' },
    { name: 'too much depth', text: deep(200), at: '1:68', says: 'nested more than' },
    { name: 'depth that would end the stack', text: deep(5000), at: '1:68', says: 'nested more than' },
    { name: 'a map as a key', text: '? {a: b}\n: c\n', at: '1:3', says: 'plain text' },
    { name: 'the prototype', text: '__proto__: { polluted: true }\n', at: '1:1', says: '__proto__' },
    { name: 'a tag that is not known', text: 'a: !secret x\n', at: '1:4', says: 'tag' },
    { name: 'two documents', text: 'a: 1\n---\nb: 2\n', at: '2:1', says: 'document' },
    { name: 'a quote left open', text: 'a: "b\n', at: '2:1', says: 'quote' },
  ])('$name', ({ text, at, says }, { expect }) => {
    const { diagnostics } = readYaml(text, file);
    const found = diagnostics.map(({ place, message }) => `${place.line}:${place.column} ${message}`);
    expect(found.find((mistake) => mistake.includes(says))).toContain(`${at} `);
  });

  test('an alias that is shared is read once', ({ expect }) => {
    const { root } = readYaml('a: &x { p: 1 }\nb: *x\n', file);
    expect(nodeAt(root, ['a'])).toBe(nodeAt(root, ['b']));
  });
});

describe('hostile files', () => {
  const head = 'destinations: [ghcr.io/acme]\nplatforms: [linux/amd64]\ntargets:\n  api: {}\n';
  const piece = fc.constantFrom(
    'targets:',
    'api',
    ': ',
    '\n',
    '\n  ',
    '- ',
    '[',
    ']',
    '{',
    '}',
    '&a ',
    '*a',
    '<<',
    '"',
    "'",
    '|',
    '>',
    '#',
    '!!',
    '---',
    '? ',
    '\t',
    'args',
    'matrix',
    `\${x}`,
    'inherits',
    '__proto__',
    'null',
    '0x1',
    '%',
  );
  const soup = fc
    .array(fc.oneof({ weight: 9, arbitrary: piece }, { weight: 1, arbitrary: fc.string() }), { maxLength: 40 })
    .map((parts) => parts.join(''));

  test('any text is a family, or mistakes that stand in it', ({ expect }) => {
    fc.assert(
      fc.property(
        fc.oneof(
          soup,
          soup.map((text) => head + text),
        ),
        (text) => {
          const { family, diagnostics } = parseFamily(text, file);
          expect((family === undefined) === diagnostics.some(({ severity }) => severity === 'error')).toBe(true);
          const lines = text.split('\n').length;
          for (const { place } of diagnostics) {
            expect(place.line).toBeGreaterThanOrEqual(1);
            expect(place.line).toBeLessThanOrEqual(lines);
            expect(place.column).toBeGreaterThanOrEqual(1);
          }
          expect({}).not.toHaveProperty('polluted');
        },
      ),
      { numRuns: 1500 },
    );
  });

  test('any data in the fields is a family or mistakes', ({ expect }) => {
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom('target:api', `\${x}`, '../x', 'oci:', ['api'], { x: ['a', 'b'] }, { to: 'oci:a' }, 'type=sha', {
        command: [],
      }),
    );
    const key = fc.constantFrom(
      'context',
      'dockerfile',
      'target',
      'image',
      'destinations',
      'platforms',
      'tags',
      'flavor',
      'attestations',
      'bases',
      'builder',
      'args',
      'labels',
      'generated',
      'volatile',
      'contexts',
      'secret',
      'inherits',
      'matrix',
      'name',
      'network',
      'other',
    );
    const target = fc.dictionary(key, value, { maxKeys: 5 });
    const family = fc.record(
      {
        destinations: value,
        platforms: value,
        staging: value,
        tags: value,
        targets: fc.dictionary(fc.constantFrom('api', 'web', '_base', 'a b', ''), target),
      },
      { requiredKeys: ['targets'] },
    );
    fc.assert(
      fc.property(family, (written) => {
        const { family: read, diagnostics } = parseFamily(JSON.stringify(written, undefined, 1), file);
        expect((read === undefined) === diagnostics.some(({ severity }) => severity === 'error')).toBe(true);
        for (const { place, message } of diagnostics) {
          expect(place).toMatchObject({ file, line: expect.any(Number), column: expect.any(Number) });
          expect(message).not.toBe('');
        }
      }),
      { numRuns: 1500 },
    );
  });
});
