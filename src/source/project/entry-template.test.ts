import { describe, test } from 'vitest';
import { fillTemplate, parseEntryTemplate } from './entry-template.ts';
import { listNode, textNode } from './nodes.ts';
import type { YamlNode } from './yaml.ts';

const entry: Readonly<Record<string, YamlNode>> = {
  backend: textNode('vllm', 40),
  'tag-suffix': textNode('-cpu', 50),
  empty: textNode('', 60),
  version: { kind: 'scalar', at: 70, value: 1.1, text: '1.10', isBlock: false, size: 1 },
  nothing: { kind: 'scalar', at: 80, value: null, text: '', isBlock: false, size: 1 },
  list: listNode([textNode('a', 91), textNode('b', 93)], 90),
  deep: listNode([listNode([], 0)], 95),
};

function fill(template: string): string {
  const { parts } = parseEntryTemplate(template);
  const filled = fillTemplate(parts, 7, (name) => entry[name]);
  return filled.kind === 'text' ? `${filled.node.value}@${filled.node.at}` : filled.kind;
}

describe('filled', () => {
  test.for([
    { name: 'a field', given: '{backend}', want: 'vllm@40' },
    { name: 'a field between text', given: 'a{tag-suffix}-b', want: 'a-cpu-b@50' },
    { name: 'the first field gives the place', given: '{tag-suffix}{backend}', want: '-cpuvllm@50' },
    { name: 'no field', given: 'plain', want: 'plain@7' },
    { name: 'spaces inside', given: '{ backend }', want: 'vllm@40' },
    { name: 'a number as it is written', given: '{version}', want: '1.10@70' },
    { name: 'an empty text is there', given: '{empty|x}', want: '@60' },
    { name: 'a default for what is not there', given: '{none|auto}', want: 'auto@7' },
    { name: 'an empty default', given: '{none|}', want: '@7' },
    { name: 'a default for null', given: '{nothing|x}', want: 'x@7' },
    { name: 'a default with bars', given: '{none|a|b}', want: 'a|b@7' },
    { name: 'no default for what is not there', given: 'x{none}', want: 'missing' },
    { name: 'left out', given: 'x{none?}', want: 'absent' },
    { name: 'not left out', given: '{backend?}', want: 'vllm@40' },
    { name: 'a list of texts', given: '{list}', want: 'a,b@90' },
    { name: 'a list of lists', given: '{deep}', want: 'not-text' },
    {
      name: 'expressions of tag rules stay',
      given: 'pattern={{version}},{backend}',
      want: 'pattern={{version}},vllm@40',
    },
    { name: 'variables of shells stay', given: '${HOME}/{backend}', want: '${HOME}/vllm@40' },
    { name: 'nothing', given: '', want: '@7' },
  ])('$name', ({ given, want }, { expect }) => expect(fill(given)).toBe(want));
});

describe('mistakes', () => {
  test.for([
    { name: 'an expression of GitHub Actions', given: '${{ matrix.backend }}', want: ['0 write {backend}'] },
    { name: 'another expression of it', given: 'a ${{ env.X }}', want: ['2 write {field}'] },
    { name: 'a brace that is not closed', given: 'a{b', want: ['1 write {field}, {field|default} or {field?}'] },
    { name: 'a brace that is not opened', given: 'a}', want: ['1 write {field}, {field|default} or {field?}'] },
    { name: 'no name', given: '{}', want: ['0 write {field}, {field|default} or {field?}'] },
    { name: 'no name that can be', given: '{a b}', want: ['0 write {field}, {field|default} or {field?}'] },
  ])('$name', ({ given, want }, { expect }) =>
    expect(parseEntryTemplate(given).mistakes.map(({ offset, hint }) => `${offset} ${hint}`)).toEqual(want),
  );
});
