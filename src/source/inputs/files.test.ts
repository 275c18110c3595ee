import { describe, test } from 'vitest';
import { tableTree } from '../../../test/support/table-tree.ts';
import { readIgnore } from '../dockerfile/ignore.ts';
import type { CopySource } from '../dockerfile/select.ts';
import { digestOfEntries } from './entry-list.ts';
import { createSelector } from './files.ts';
import type { SourceFolder } from './source-folder.ts';

const table = {
  'app/a.c': 'a',
  'app.txt': 'beside',
  'app/deep/b.c': 'b',
  'lib/c.c': 'c',
  'notes.md': 'n',
  link: { link: 'app' },
  'é/x': 'x',
};

function folderOf(more: Partial<SourceFolder> = {}): SourceFolder {
  return {
    path: '',
    tree: tableTree(table),
    ignore: readIgnore('*.md'),
    identity: 'main',
    generated: [],
    isDirty: () => false,
    ...more,
  };
}

function copy(...sources: readonly string[]): CopySource {
  return { sources, parents: false, exclude: [], kind: 'copy', place: { line: 1, column: 1, endLine: 1 } };
}

describe('legs that take', () => {
  test('the same share one answer, wherever their instructions stand', ({ expect }) => {
    const [select, folder] = [createSelector(), folderOf()];
    const first = select(folder, [copy('app', 'lib')], false);
    expect(select(folder, [{ ...copy('app', 'lib'), place: { line: 9, column: 1, endLine: 9 } }], false)).toBe(first);
    expect(select(folder, [copy('app')], false)).not.toBe(first);
  });

  test('all of a folder share its list, whatever they take beside it', ({ expect }) => {
    const [select, folder] = [createSelector(), folderOf()];
    const all = select(folder, [copy('.')], false).entries;
    expect(select(folder, [copy('app/'), copy('/')], false).entries).toBe(all);
    expect(select(folder, [copy('link')], true).entries).toBe(all);
    expect(all.map(({ path }) => path)).toEqual([
      'app', 'app.txt', 'app/a.c', 'app/deep', 'app/deep/b.c', 'lib', 'lib/c.c', 'link', 'é', 'é/x',
    ]); // biome-ignore format: one list
  });

  test('all of it but what they exclude, or what they declare, do not', ({ expect }) => {
    const select = createSelector();
    const all = select(folderOf(), [copy('.')], false);
    const without = select(folderOf(), [{ ...copy('.'), exclude: ['lib'] }], false);
    expect(without.entries.map(({ path }) => path)).not.toContain('lib/c.c');
    const declared = { identity: 'app', admits: (path: string) => path.startsWith('app/'), undecided: [] };
    const narrowed = select(folderOf({ declared }), [copy('.')], false);
    expect(narrowed.entries.map(({ path }) => path)).toEqual(['app', 'app/a.c', 'app/deep', 'app/deep/b.c']);
    expect(new Set([all, without, narrowed].map(({ digest }) => digest())).size).toBe(3);
  });

  test('what is missing are each told at their own place', ({ expect }) => {
    const [select, folder] = [createSelector(), folderOf()];
    const lines = [3, 7].map((line) => {
      const { diagnostics } = select(
        folder,
        [{ ...copy('.', 'nothing'), place: { line, column: 1, endLine: line } }],
        false,
      );
      return diagnostics.map(({ place }) => place.line);
    });
    expect(lines).toEqual([[3], [7]]);
  });
});

describe('of what is taken it is told', () => {
  test('its digest, that of its entries in the order of bytes', ({ expect }) => {
    const found = createSelector()(folderOf(), [copy('lib'), copy('app')], false);
    expect(found.entries.map(({ path }) => path)).toEqual([
      'app',
      'app/a.c',
      'app/deep',
      'app/deep/b.c',
      'lib',
      'lib/c.c',
    ]);
    expect(found.digest()).toBe(digestOfEntries(found.entries));
  });

  test('whether it is as committed, of all files alike', ({ expect }) => {
    const isDirty = (path: string) => path === 'lib/c.c';
    const select = createSelector();
    expect(select(folderOf({ isDirty }), [copy('app')], false).isDirty()).toBe(false);
    expect(select(folderOf({ isDirty }), [copy('.')], false).isDirty()).toBe(true);
  });

  test('what stands on disk alone, after the ignore file, whether all is taken or a part', ({ expect }) => {
    const uncommitted = tableTree({ 'app/new.c': '', 'lib/made.o': '', 'draft.md': '', 'out/deep/file': '' });
    const folder = folderOf({ uncommitted, generated: ['lib/made.o'] });
    const select = createSelector();
    expect(select(folder, [copy('.')], false).untracked).toEqual(['app/new.c', 'out/deep/file']);
    expect(select(folder, [copy('app'), copy('lib')], false).untracked).toEqual(['app/new.c']);
    expect(select(folder, [copy('lib')], true).untracked).toEqual([]);
  });
});
