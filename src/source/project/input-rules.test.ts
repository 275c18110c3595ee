import { describe, expect, test } from 'vitest';
import { parseFamily } from './load.ts';
import type { InputRule, Target } from './model.ts';

const head = 'destinations: [ghcr.io/acme]\nplatforms: [linux/amd64]\n';

function familyOf(target: string, more = '') {
  return parseFamily(`${head}${more}targets:\n  api: ${target}\n`, '/family/fanfold.yaml');
}

const glob = (text: string, negated = false): InputRule => ({ kind: 'glob', glob: text, negated });

describe('what is written', () => {
  test.for<{ name: string; text: string; want: Partial<Target> }>([
    { name: 'one glob', text: '{ inputs: src }', want: { inputs: [glob('src')] } },
    {
      name: 'globs, one that takes out, a folder with a slash',
      text: '{ inputs: [./src/, "!**/*.md", .] }',
      want: { inputs: [glob('src/**'), glob('**/*.md', true), glob('**')] },
    },
    {
      name: 'resolvers',
      text: '{ inputs: [{ go: ./cmd/x }, { npm: packages/a/ }, { cargo: app }, { command: [make, -s] }] }',
      want: {
        inputs: [
          { kind: 'go', member: 'cmd/x' },
          { kind: 'npm', member: 'packages/a' },
          { kind: 'cargo', member: 'app' },
          { kind: 'command', run: ['make', '-s'] },
        ],
      },
    },
    {
      name: 'a .proto file and its baseline',
      text: '{ inputs: [{ protobuf: ./api/a.proto, baseline: api/b.proto }] }',
      want: { inputs: [{ kind: 'protobuf', file: 'api/a.proto', baseline: 'api/b.proto' }] },
    },
    { name: 'a resolver alone', text: '{ inputs: { pnpm: . } }', want: { inputs: [{ kind: 'pnpm', member: '' }] } },
    { name: 'a refresh', text: '{ refresh: weekly }', want: { refresh: 'weekly' } },
    {
      name: 'volatile labels in a list',
      text: '{ volatile: [REV, "label:a.b"], args: { REV: 1 }, labels: { a.b: 1 } }',
      want: { volatile: ['REV'], volatileLabels: ['a.b'] },
    },
    {
      name: 'volatile as a map',
      text: '{ volatile: { args: [REV], labels: [a], except: tags } }',
      want: { volatile: ['REV'], volatileLabels: ['a'], volatileExcept: 'tags' },
    },
  ])('$name', ({ text, want }) => {
    const { family, diagnostics } = familyOf(text);
    expect(diagnostics).toEqual([]);
    expect(family?.targets[0]).toMatchObject(want);
  });

  test("the family's own rules, and what every target has from the top", () => {
    const more =
      'inputs: [src]\nshared:\n  - paths: [a, "!b"]\n  - { paths: [c], targets: ["x*"] }\nignore: ["*.md"]\n';
    const { family, diagnostics } = familyOf('{}', more);
    expect(diagnostics).toEqual([]);
    expect(family).toMatchObject({
      shared: [
        { paths: [glob('a'), glob('b', true)], targets: ['*'] },
        { paths: [glob('c')], targets: ['x*'] },
      ],
      ignore: [glob('*.md')],
      targets: [{ inputs: [glob('src')] }],
    });
  });
});

describe('a mistake', () => {
  test.for<{ name: string; target?: string; more?: string; want: string }>([
    { name: 'a glob that leads out', target: '{ inputs: [a, ../b] }', want: '4:22 "../b" leads out' },
    { name: 'an absolute glob', target: '{ inputs: /a }', want: '4:18 "/a" leads out' },
    { name: 'a member that leads out', target: '{ inputs: [{ go: ../x }] }', want: '4:25 "../x" leads out' },
    { name: 'a resolver that there is not', target: '{ inputs: [{ carog: x }] }', want: '4:21 ' },
    { name: 'two resolvers in one', target: '{ inputs: [{ go: x, npm: y }] }', want: '4:19 a resolver is one of' },
    {
      name: 'a .proto file without its baseline',
      target: '{ inputs: [{ protobuf: a.proto }] }',
      want: '4:19 protobuf and baseline stand together',
    },
    {
      name: 'a .proto file as its own baseline',
      target: '{ inputs: [{ protobuf: a.proto, baseline: ./a.proto }] }',
      want: '4:50 a file is no baseline of itself',
    },
    {
      name: 'a baseline that leads out',
      target: '{ inputs: [{ protobuf: a.proto, baseline: ../a.proto }] }',
      want: '4:50 "../a.proto" leads out',
    },
    { name: 'a resolver of nothing', target: '{ inputs: [{}] }', want: '4:19 this says nothing' },
    { name: 'a list without a rule', target: '{ inputs: [] }', want: '4:18' },
    { name: 'another period', target: '{ refresh: hourly }', want: '4:19' },
    {
      name: 'a volatile label that is mistyped',
      target: '{ labels: { revision: 1 }, volatile: ["label:revison"] }',
      want: '4:46 there is no label revison',
    },
    { name: 'a shared path that leads out', more: 'shared: [{ paths: ["!../a"] }]\n', want: '3:20 "!../a" leads out' },
    { name: 'a shared rule in a target', target: '{ shared: [] }', want: '4:10' },
  ])('$name', ({ target = '{}', more = '', want }) => {
    const { diagnostics } = familyOf(target, more);
    expect(diagnostics.map(({ place, message }) => `${place.line}:${place.column} ${message}`)).toEqual([
      expect.stringMatching(new RegExp(`^${want.replace(/[.*]/g, '\\$&')}`)),
    ]);
  });
});
