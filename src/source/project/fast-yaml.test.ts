import fc from 'fast-check';
import { describe, test } from 'vitest';
import { stringify } from 'yaml';
import { readYamlFast } from './fast-yaml.ts';
import { readYaml, type YamlSource } from './yaml.ts';

/** All that is known of a file: its tree with the line and column of each node, and its mistakes. */
function shown({ root, diagnostics, position }: YamlSource): unknown {
  const tree: unknown = JSON.parse(
    JSON.stringify(root ?? null, (key, value: unknown) => {
      if ((key === 'at' || key === 'keyAt') && typeof value === 'number') return position(value);
      if (value instanceof Map) return [...value];
      return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
    }),
  );
  return { tree, diagnostics };
}

describe('the fast reader says what the thorough one says', () => {
  test.for([
    { name: 'a matrix', text: 'include:\n  - a: "1"\n    b: 2204\n  # comment\n  - a: \'x\'\n    b: 1.10\n' },
    {
      name: 'every kind of scalar',
      text: 'a: [1, -2, 0x1F, 0o17, 1.5, 1e3, .5, .inf, .nan, true, False, null, ~, yes, 08]\n',
    },
    { name: 'values that are not written', text: 'a:\nb: \n- \n' },
    { name: 'empty values', text: 'a:\nb: {c: , d}\ne: [1, ]\n' },
    { name: 'flow maps over lines', text: 'a: {b: 1,\n  c: [2,\n 3]}\n' },
    { name: 'quotes with escapes', text: "a: \"x\\ty\"\nb: 'it''s'\n" },
    { name: 'text over lines', text: 'a: one\n  two\nb: "three\n  four"\n' },
    { name: 'blocks', text: 'a: |\n  x\n  y\nb: >-\n  z\n' },
    {
      name: 'a block after empty lines, one without text, one at the end',
      text: 'a: |\n\n\n  x\nb: >+\nc:\n  - |\n   y',
    },
    { name: 'a block with an indentation of its own', text: '- >+2\n    x\n\n- |1-\n   y\n' },
    { name: 'a block whose header has a comment', text: 'a: |- # > x\n  x\nb: | # |\n  y\n' },
    { name: 'a block below its key, under a key like a header', text: '"a|-":\n  |-\n  x\n' },
    { name: 'a block that is all', text: '--- |\n x\n' },
    { name: 'anchors and merges', text: 'a: &x {b: 1}\nc:\n  <<: *x\n  d: 2\n' },
    { name: 'tags', text: 'a: !!str 1\n' },
    { name: 'a key twice', text: 'a: 1\na: 2\n' },
    { name: 'two documents', text: 'a: 1\n---\nb: 2\n' },
    { name: 'a marked document', text: '---\n# head\na: 1\n' },
    { name: 'a list at the root', text: '- a: 1\n- b\n' },
    { name: 'a scalar at the root', text: 'text\n' },
    { name: 'nothing', text: '' },
    { name: 'a comment alone', text: '# nothing\n' },
    { name: 'JSON', text: '{"a": [1, {"b": null}], "c": "d"}' },
    { name: 'lines that end as on Windows', text: 'a: 1\r\nb:\r\n  - 2\r\n' },
    { name: 'a byte order mark', text: '\uFEFFa: 1\n' },
    { name: 'a mistake', text: 'a: [1\nb: 2\n' },
    { name: 'a tab', text: 'a:\n\tb: 1\n' },
    { name: 'a key that is a list', text: '? [a]\n: 1\n' },
    { name: 'a key called __proto__', text: '__proto__: {x: 1}\n' },
    { name: 'letters beyond 16 bits', text: 'a: 😀\nb: é\n' },
  ])('$name', ({ text }, { expect }) => {
    expect(shown(readYamlFast(text, '/f.yml'))).toEqual(shown(readYaml(text, '/f.yml')));
  });

  test('of any data that is written as YAML', ({ expect }) => {
    const scalar = fc.oneof(fc.string({ maxLength: 12 }), fc.integer(), fc.boolean(), fc.constant(null), fc.double());
    const entry = fc.dictionary(fc.stringMatching(/^[a-z][a-z-]{0,8}$/), scalar, { maxKeys: 5 });
    const data = fc.record({ include: fc.array(entry, { maxLength: 5 }), other: scalar });
    const style = fc.constantFrom(
      'BLOCK_FOLDED' as const,
      'BLOCK_LITERAL' as const,
      'QUOTE_DOUBLE' as const,
      'PLAIN' as const,
    );
    fc.assert(
      fc.property(data, style, (value, defaultStringType) => {
        const text = stringify(value, { defaultStringType });
        expect(shown(readYamlFast(text, '/f.yml'))).toEqual(shown(readYaml(text, '/f.yml')));
      }),
      { numRuns: 150 },
    );
  });

  test('of any text', ({ expect }) => {
    const piece = fc.constantFrom(
      'a',
      ': ',
      '- ',
      '\n',
      '  ',
      '{',
      '}',
      '[',
      ']',
      ',',
      '"',
      "'",
      '#',
      '&x',
      '*x',
      '|',
      '>-',
      '|\n  x',
      '1',
      '?',
      '!t',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const text = pieces.join('');
        const [fast, thorough] = [readYamlFast(text, '/f.yml'), readYaml(text, '/f.yml')];
        // Where both take it, they must agree; what the thorough one refuses, the fast one must, too.
        if (thorough.diagnostics.length > 0 || fast.diagnostics.length > 0)
          expect(fast.diagnostics).toEqual(thorough.diagnostics);
        else expect(shown(fast)).toEqual(shown(thorough));
      }),
      { numRuns: 500 },
    );
  });
});
