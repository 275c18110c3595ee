import { describe, expect, test } from 'vitest';
import { type TreeTable, tableTree } from '../../../test/support/table-tree.ts';
import { readIgnore } from './ignore.ts';
import { type CopySource, select } from './select.ts';

const place = { line: 4, column: 1, endLine: 4 };
const table: TreeTable = {
  'README.md': 'r',
  'x/a.txt': 'x',
  'x/y/a.txt': 'xya',
  'x/y/b.txt': 'xyb',
  'src/a.txt': 'a',
  'src/x/b.txt': 'b',
  'src/x/y/c.txt': 'c',
  'src/x/main.go': 'go',
  'link-to-file': { link: 'x/a.txt' },
  'link-to-folder': { link: 'x/y' },
  absolute: { link: '/x/y' },
  out: { link: '../../x' },
  dangling: { link: 'nowhere' },
  round: { link: 'round' },
  'a[b]/f': 'f',
};

const take = (source: Partial<CopySource>, ignore = '') =>
  select(tableTree(table), readIgnore(ignore), {
    sources: ['.'],
    parents: false,
    exclude: [],
    kind: 'copy',
    place,
    ...source,
  });
const files = (source: Partial<CopySource>, ignore?: string) =>
  take(source, ignore).sources.flatMap(({ entries, kind, name }) =>
    entries.flatMap(({ entry, relative }) => (entry.kind === 'folder' ? [] : [kind === 'file' ? name : relative])),
  );

describe('what a source takes', () => {
  test.for([
    { name: 'a file', sources: ['x/a.txt'], want: ['a.txt'] },
    { name: 'a folder’s content', sources: ['x'], want: ['a.txt', 'y/a.txt', 'y/b.txt'] },
    { name: 'a slash at the end means nothing', sources: ['x/'], want: ['a.txt', 'y/a.txt', 'y/b.txt'] },
    { name: 'parents stop at the root', sources: ['../../x/y'], want: ['a.txt', 'b.txt'] },
    { name: 'a star stays in its folder', sources: ['src/*.txt'], want: ['a.txt'] },
    { name: 'a star in the middle', sources: ['src/*/*.go'], want: ['main.go'] },
    { name: 'two stars are one', sources: ['src/**/*.txt'], want: ['b.txt'] },
    { name: 'a class', sources: ['[R-S]*.md'], want: ['README.md'] },
    { name: 'brackets in a class', sources: ['a[[]b]'], want: ['f'] },
    { name: 'a folder that matches is taken whole', sources: ['src/?'], want: ['b.txt', 'main.go', 'y/c.txt'] },
    { name: 'a pattern may match nothing', sources: ['*.nothing'], want: [] },
    { name: 'a link to a file, under its own name', sources: ['link-to-file'], want: ['link-to-file'] },
    { name: 'a link to a folder', sources: ['link-to-folder'], want: ['a.txt', 'b.txt'] },
    { name: 'a link among the parents', sources: ['link-to-folder/b.txt'], want: ['b.txt'] },
    { name: 'an absolute link begins at the root', sources: ['absolute/*.txt'], want: ['a.txt', 'b.txt'] },
    { name: 'a link cannot lead out', sources: ['out/a.txt'], want: ['a.txt'] },
  ])('$name', ({ sources, want }) => {
    expect(take({ sources }).diagnostics).toEqual([]);
    expect(files({ sources })).toEqual(want);
  });

  test('a link that was followed is told, its target is the entry', () => {
    const { sources, followed } = take({ sources: ['link-to-file'] });
    expect(followed.map(({ path }) => path)).toEqual(['link-to-file']);
    expect(sources).toMatchObject([{ kind: 'file', name: 'link-to-file', entries: [{ entry: { path: 'x/a.txt' } }] }]);
  });

  test('links inside of a folder stay links', () => {
    const { sources } = take({ sources: ['.'] });
    const links = sources[0]?.entries.filter(({ entry }) => entry.kind === 'link').map(({ relative }) => relative);
    expect(links).toEqual(['absolute', 'dangling', 'link-to-file', 'link-to-folder', 'out', 'round']);
  });

  test('a mount takes no patterns', () => {
    expect(files({ kind: 'mount', sources: ['a[b]'] })).toEqual(['f']);
    expect(files({ kind: 'mount', sources: ['link-to-folder'] })).toEqual(['a.txt', 'b.txt']);
  });
});

describe('what is left out', () => {
  test.for([
    {
      name: '.dockerignore',
      ignore: 'src\n*.md',
      sources: ['.'],
      exclude: [],
      want: ['a[b]/f', 'x/a.txt', 'x/y/a.txt', 'x/y/b.txt'],
    },
    {
      name: 'an exception brings its folders',
      ignore: 'src\n!src/x/main.go',
      sources: ['src'],
      exclude: [],
      want: ['x/main.go'],
    },
    {
      name: '--exclude, from the source on',
      ignore: '',
      sources: ['src'],
      exclude: ['x/y', '**/*.go'],
      want: ['a.txt', 'x/b.txt'],
    },
    {
      name: '--exclude with an exception',
      ignore: '',
      sources: ['src'],
      exclude: ['x', '!x/y/*.txt'],
      want: ['a.txt', 'x/y/c.txt'],
    },
    {
      name: '--exclude does not reach the source itself',
      ignore: '',
      sources: ['x/*.txt'],
      exclude: ['*.txt'],
      want: ['a.txt'],
    },
  ])('$name', ({ ignore, sources, exclude, want }) => {
    const names = files({ sources, exclude }, ignore).filter((name) => !/link|absolute|out|dangling|round/.test(name));
    expect(names).toEqual(want);
  });
});

describe('--parents', () => {
  // The Dockerfile reference's own examples first.
  test.for([
    { name: 'keeps the folders above', sources: ['./x/a.txt', './src/a.txt'], want: ['x/a.txt', 'src/a.txt'] },
    { name: 'from the pivot on', sources: ['./x/./y/*.txt'], want: ['y/a.txt', 'y/b.txt'] },
    { name: 'two stars go deep', sources: ['./src/**/*.txt'], want: ['src/a.txt', 'src/x/b.txt', 'src/x/y/c.txt'] },
    { name: 'a folder', sources: ['src/x'], want: ['src/x/b.txt', 'src/x/main.go', 'src/x/y/c.txt'] },
    { name: 'the pivot through a link', sources: ['link-to-folder/./b.txt'], want: ['b.txt'] },
    { name: 'with --exclude', sources: ['src/'], exclude: ['**/*.txt'], want: ['src/x/main.go'] },
  ])('$name', ({ sources, exclude = [], want }) => {
    expect(take({ sources, exclude, parents: true }).diagnostics).toEqual([]);
    expect(files({ sources, exclude, parents: true })).toEqual(want);
  });

  test('brings only the folders that hold something', () => {
    const { sources } = take({ sources: ['src/*/*.go'], parents: true });
    expect(sources[0]?.entries.map(({ relative }) => relative)).toEqual(['', 'src', 'src/x', 'src/x/main.go']);
  });
});

test.for([
  {
    name: 'a file that is not there',
    sources: ['x/a.text'],
    message: '"x/a.text" is not in the context',
    hint: 'write x/a.txt',
  },
  {
    name: 'an ignored one',
    sources: ['x/a.txt'],
    ignore: 'x/*.txt',
    message: '"x/a.txt" is not in the context: the pattern x/*.txt of .dockerignore leaves it out',
    hint: 'write an exception with ! after it',
  },
  { name: 'a dangling link', sources: ['dangling'], message: '"dangling" is not in the context' },
  { name: 'a link to itself', sources: ['round'], message: '"round" leads through links that go round in a circle' },
  {
    name: 'a pattern below a folder that is not there',
    sources: ['no/*.txt'],
    message: '"no/*.txt" is not in the context',
  },
  { name: 'a malformed pattern', sources: ['x/[a'], message: 'the pattern "x/[a" is malformed' },
  { name: 'a parent that is not there', sources: ['x/none'], parents: true, message: '"x/none" is not in the context' },
])('a mistake: $name', ({ sources, ignore, parents = false, message, hint }) => {
  const { diagnostics } = take({ sources, parents }, ignore);
  expect(diagnostics).toMatchObject([
    { code: 'dockerfile.source', severity: 'error', message, place: { line: 4 }, ...(hint && { hint }) },
  ]);
});
