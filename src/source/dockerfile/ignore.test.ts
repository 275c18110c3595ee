import { describe, expect, test } from 'vitest';
import { compileGlob } from './glob.ts';
import { compileIgnore, ignoreFileNames, isIgnored, readIgnore } from './ignore.ts';

describe('the text of a .dockerignore', () => {
  test.for([
    { name: 'a byte order mark, comments and blank lines', text: '\ufeff# a\n\n  \na\n', path: 'a', want: true },
    { name: 'a # after a space is a pattern', text: ' #a', path: '#a', want: true },
    { name: 'spaces around it', text: ' a \r\n', path: 'a', want: true },
    { name: 'a leading slash', text: '/a', path: 'a', want: true },
    { name: 'a space after !', text: 'a\n! a', path: 'a', want: false },
    { name: 'dots are cleaned', text: './x/../a/', path: 'a/b', want: true },
    { name: 'case counts', text: 'A', path: 'a', want: false },
  ])('$name', ({ text, path, want }) => {
    expect(isIgnored(readIgnore(text), path)).toBe(want);
  });

  test.for([
    { name: 'a lone !', text: 'a\n!', line: 2 },
    { name: 'an open class', text: '[a', line: 1 },
    { name: 'a class turned round', text: '[z-a]', line: 1 },
  ])('a mistake: $name', ({ text, line }) => {
    expect(() => readIgnore(text, '.dockerignore')).toThrow(
      expect.objectContaining({ code: 'dockerfile.ignore', place: { file: '.dockerignore', line, column: 1 } }),
    );
  });
});

test.for([
  { name: 'a name at the root only', patterns: ['a'], path: 'b/a', want: false },
  { name: 'all in a folder', patterns: ['a'], path: 'a/b/c', want: true },
  { name: 'a star stays in its folder', patterns: ['*.md'], path: 'a/b.md', want: false },
  { name: 'two stars at any depth', patterns: ['**/*.md'], path: 'a/b/c.md', want: true },
  { name: 'two stars at no depth', patterns: ['**/*.md'], path: 'c.md', want: true },
  { name: 'two stars before a name end it', patterns: ['**file'], path: 'a/bigfile', want: true },
  { name: 'two stars at the end', patterns: ['a/**'], path: 'a', want: false },
  { name: 'an exception', patterns: ['*', '!a'], path: 'a', want: false },
  { name: 'an exception in a folder', patterns: ['a', '!a/b'], path: 'a/b/c', want: false },
  { name: 'the last one counts', patterns: ['!a', 'a'], path: 'a', want: true },
  { name: 'plus and dot are themselves', patterns: ['a+b.?'], path: 'a+b.c', want: true },
  { name: 'an escaped star', patterns: ['a\\*'], path: 'a*', want: true },
  { name: 'a negated class', patterns: ['[^a]*'], path: 'b', want: true },
  // Seen in the engine: a walk asks each pattern only where it could change the result.
  {
    name: 'a folder’s later pattern is not asked again below',
    patterns: ['a', '!a/x', 'a*'],
    path: 'a/x',
    want: false,
  },
  {
    name: 'an exception for a folder does not reach what is ignored inside',
    patterns: ['a/x', '!a'],
    path: 'a/x',
    want: true,
  },
  { name: 'a pattern of many stars', patterns: ['*a*a*a*a*a*b'], path: 'a'.repeat(200), want: false },
])('$name', ({ patterns, path, want }) => {
  expect(isIgnored(compileIgnore(patterns), path)).toBe(want);
});

test('hostile patterns take bounded time', { timeout: 10_000 }, () => {
  const patterns = ['**/'.repeat(300), '*a'.repeat(1000), `${'**/a'.repeat(100)}b`];
  expect(
    isIgnored(compileIgnore(patterns.map((pattern) => `${pattern}x`)), `${'a/'.repeat(50)}${'a'.repeat(200)}`),
  ).toBe(false);
});

test('the file beside the Dockerfile comes first', () => {
  expect(ignoreFileNames('build/Dockerfile')).toEqual({
    besideDockerfile: 'build/Dockerfile.dockerignore',
    inContext: '.dockerignore',
  });
});

test.for([
  { name: 'a star', pattern: 'a*c', match: ['ac', 'abc'], not: ['a/c', 'abcd'] },
  { name: 'a question mark', pattern: 'a?', match: ['ab', 'aé'], not: ['a', 'a/', 'abc'] },
  { name: 'a class', pattern: '[a-c\\]]x', match: ['ax', ']x'], not: ['dx'] },
  { name: 'a negated class', pattern: '[^a-c]', match: ['d', 'é'], not: ['b'] },
  { name: 'an escape', pattern: '\\*', match: ['*'], not: ['a'] },
  { name: 'several stars', pattern: '*a*b', match: ['xaxb', 'ab', 'aab'], not: ['ba', 'a/b'] },
])('a glob: $name', ({ pattern, match, not }) => {
  const matches = compileGlob(pattern);
  expect(match.filter((name) => !matches?.(name))).toEqual([]);
  expect(not.filter((name) => matches?.(name))).toEqual([]);
});

test.for(['[', '[a', '[]', '[a-]', '[-a]', 'a\\'])('a malformed glob: %s', (pattern) => {
  expect(compileGlob(pattern)).toBeUndefined();
});
