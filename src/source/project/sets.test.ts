import { expect, test } from 'vitest';
import { parseFamily } from './load.ts';

function family(sets: string) {
  const text = `destinations: [ghcr.io/acme]\nplatforms: [linux/amd64]\nsets: ${sets}\ntargets:\n  api: {}\n  api-cuda: {}\n  worker: {}\n`;
  return parseFamily(text, '/family/fanfold.yaml');
}

test('a set is its targets in the order of the file, by globs or one glob', () => {
  const { family: read, diagnostics } = family('{all: [worker, "api*"]}');
  expect(diagnostics).toEqual([]);
  expect(read?.sets).toEqual([
    {
      name: 'all',
      place: { file: '/family/fanfold.yaml', line: 3, column: 8 },
      targets: ['api', 'api-cuda', 'worker'],
      staging: { kind: 'registry', host: 'ghcr.io', repository: 'acme/api-staging' },
      image: 'ghcr.io/acme/api',
    },
  ]);
  expect(family('{apis: "api*"}').family?.sets?.[0]?.targets).toEqual(['api', 'api-cuda']);
});

test.for<readonly [name: string, sets: string, code: string, message: RegExp, column: number]>([
  ['a glob that matches nothing', '{apps: [api, workr]}', 'config.reference', /"workr" matches no target/, 20],
  [
    'a target in two sets',
    '{one: ["api*"], two: [api, worker]}',
    'config.collision',
    /api is in the sets one and two/,
    23,
  ],
  ['no glob', '{apps: []}', 'config.invalid', /name at least one target/, 14],
  ['a list where names belong', '[api]', 'config.invalid', /./, 7],
  ['a name with a blank', '{"a b": api}', 'config.invalid', /./, 8],
])('%s is told at its place', ([, sets, code, message, column]) => {
  const { diagnostics, family: read } = family(sets);
  expect(read).toBeUndefined();
  expect(diagnostics).toHaveLength(1);
  expect(diagnostics[0]).toMatchObject({ code, place: { line: 3 } });
  expect(diagnostics[0]?.message).toMatch(message);
  if (code !== 'config.invalid') expect(diagnostics[0]?.place.column).toBe(column);
});
