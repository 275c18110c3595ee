import fc from 'fast-check';
import { describe, test } from 'vitest';
import { readPlainYaml } from './plain-yaml.ts';
import { toData } from './source.ts';
import { readYaml, type YamlNode } from './yaml.ts';

function tree(root: YamlNode | undefined): string {
  return JSON.stringify(root, (_, value: unknown) => {
    if (value instanceof Map) return [...value];
    return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
  });
}

describe('what is plain is read', () => {
  test.for([
    {
      name: 'maps in a list',
      text: 'a:\n  - b: 1\n    c: x\n  - b: "2"\n',
      want: { a: [{ b: 1, c: 'x' }, { b: '2' }] },
    },
    { name: 'a list as far left as its key', text: 'a:\n- x\n- y\nb: z\n', want: { a: ['x', 'y'], b: 'z' } },
    { name: 'lists in lists', text: '- - a\n  - b\n- c\n', want: [['a', 'b'], 'c'] },
    { name: 'comments', text: '# a\n---\n# b\na: x # c\n\n  # d\nb: y#z\n# e', want: { a: 'x', b: 'y#z' } },
    {
      name: 'quotes',
      text: `a: 'it''s'\nb: "x: # y"\n"c": "\\n\\u00e9"\n`,
      want: { a: "it's", b: 'x: # y', c: '\né' },
    },
    { name: 'colons', text: 'a: http://x:80/y\nb: x:y\n', want: { a: 'http://x:80/y', b: 'x:y' } },
    { name: 'brackets', text: 'a: [x, {b: 1, "c": [] }]\n', want: { a: ['x', { b: 1, c: [] }] } },
    { name: 'JSON over lines', text: '{\n\t"a": [\n\t\t1,\n\t\tnull\n\t]\n}\n', want: { a: [1, null] } },
    { name: 'blocks', text: 'a: |\n  x\n\n   y\n\nb:\n- |-\n  z\n', want: { a: 'x\n\n y\n', b: ['z'] } },
    { name: 'a value that is not written', text: 'a:\nb: x\n', want: { a: null, b: 'x' } },
  ])('$name', ({ text, want }, { expect }) => {
    const root = readPlainYaml(text);
    expect(root && toData(root, () => false)).toEqual(want);
    expect(tree(root)).toEqual(tree(readYaml(text, '/f.yml').root));
  });

  test('with its places behind another file', ({ expect }) => {
    const root = readPlainYaml('a:\n  - b: x\n', 100);
    expect(JSON.parse(tree(root))).toMatchObject({ at: 100, entries: [['a', { keyAt: 100, value: { at: 105 } }]] });
  });
});

describe('the rest is left to the whole parser', () => {
  test.for([
    { name: 'an anchor', text: 'a: &x 1\nb: *x\n' },
    { name: 'a tag', text: 'a: !!str 1\n' },
    { name: 'a merge', text: 'a: {b: 1}\n<<: {c: 2}\n' },
    { name: 'a key given twice', text: 'a: 1\na: 2\n' },
    { name: 'a key given twice in brackets', text: '{a: 1, a: 2}\n' },
    { name: 'a key called __proto__', text: '__proto__: 1\n' },
    { name: 'text over lines', text: 'a: one\n  two\n' },
    { name: 'brackets over lines inside of a map', text: 'a: [1,\nb]\n' },
    { name: 'a list at the place of a map', text: 'a:\n  - x\n  b: 1\n' },
    { name: 'a map that is indented unevenly', text: 'a:\n   b: 1\n  c: 2\n' },
    { name: 'a value that looks like an entry', text: 'a: b: c\n' },
    { name: 'a quote that is never closed', text: 'a: "x\n' },
    { name: 'text behind a quote', text: 'a: "x" y\n' },
    { name: 'a bracket that is never closed', text: 'a: [x\n' },
    { name: 'a second document', text: 'a: 1\n---\nb: 2\n' },
    { name: 'a tab before a key', text: 'a:\n\tb: 1\n' },
    { name: 'lines that end as on Windows', text: 'a: 1\r\n' },
    { name: 'nothing', text: '' },
    { name: 'brackets too deep', text: '['.repeat(1000) },
    { name: 'dashes too deep', text: `${'- '.repeat(1000)}x\n` },
  ])('$name', ({ text }, { expect }) => expect(readPlainYaml(text)).toBeUndefined());

  test('lines made of anything: whatever is read here, the whole parser reads in the same way', ({ expect }) => {
    const scalar = fc.constantFrom(
      'x',
      "'it''s'",
      '"\\n"',
      '1',
      '~',
      '[a, {b: c}]',
      '',
      'a # b',
      '|',
      '- x',
      'a:b',
      '-x',
      '[a,]',
    );
    const key = fc.constantFrom('a', 'b', '"c"', "'d'", 'e-f', '1', 'g.h/i');
    const line = fc
      .tuple(fc.constantFrom('', '  ', '  ', '    '), fc.constantFrom('', '', '- ', '# '), key, scalar)
      .map(([indent, mark, name, value]) => `${indent}${mark}${name}: ${value}\n`);
    const item = fc.tuple(fc.constantFrom('- ', '  - ', '  ', ''), scalar).map(([mark, value]) => `${mark}${value}\n`);
    let read = 0;
    fc.assert(
      fc.property(fc.array(fc.oneof({ weight: 4, arbitrary: line }, item), { maxLength: 4 }), (lines) => {
        const text = lines.join('');
        const root = readPlainYaml(text);
        if (root === undefined) return;
        read++;
        const { root: whole, diagnostics } = readYaml(text, '/f.yml');
        expect([text, tree(root), diagnostics]).toEqual([text, tree(whole), []]);
      }),
      { numRuns: 2000 },
    );
    expect(read).toBeGreaterThan(50);
  });
});
