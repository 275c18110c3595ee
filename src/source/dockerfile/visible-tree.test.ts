import fc from 'fast-check';
import { describe, test } from 'vitest';
import { tableTree } from '../../../test/support/table-tree.ts';
import { isIgnored, readIgnore } from './ignore.ts';
import { everythingIn, type Tree } from './tree.ts';
import { visibleTree } from './visible-tree.ts';

/** How often each folder of a tree is listed. */
function counted(tree: Tree): { readonly tree: Tree; readonly counts: Map<string, number> } {
  const counts = new Map<string, number>();
  const children = (folder: string) => {
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
    return tree.children(folder);
  };
  return { tree: { ...tree, children }, counts };
}

const table = { 'a/b/c': '1', 'a/b/d': '2', 'a/e': '3', f: '4' };

describe('a view', () => {
  test('is the same for the same tree and rules, and looks at each folder once', ({ expect }) => {
    const { tree, counts } = counted(tableTree(table));
    const rules = readIgnore('a/b/d');
    const view = visibleTree(tree, rules);
    for (let time = 0; time < 3; time++) everythingIn(visibleTree(tree, rules), '');
    expect(visibleTree(tree, rules)).toBe(view);
    expect([...counts]).toEqual(['', 'a', 'a/b'].map((folder) => [folder, 1]));
    expect(view.find('a/b/d')).toBeUndefined();
    expect(view.find('a/b/c')).toMatchObject({ path: 'a/b/c' });
  });

  test('of another tree, or by other rules, is another one', ({ expect }) => {
    const [tree, rules] = [tableTree(table), readIgnore('f')];
    expect(everythingIn(visibleTree(tree, readIgnore('a')), '').map(({ path }) => path)).toEqual(['f']);
    expect(visibleTree(tree, rules)).not.toBe(visibleTree(tree, readIgnore('f')));
    expect(visibleTree(tableTree({ f: '' }), rules)).not.toBe(visibleTree(tree, rules));
  });

  test('knows no path that is not in the tree', ({ expect }) => {
    const view = visibleTree(tableTree(table), readIgnore('nothing'));
    for (const path of ['a/x', 'x/y/z', 'f/g', 'a//e', '../a', 'a/b/c/d'])
      expect(view.find(path), path).toBeUndefined();
  });

  test('holds the files that the rules do not leave out, whatever the patterns are made of', ({ expect }) => {
    const piece = fc.constantFrom(
      'a',
      'b',
      'ab',
      '*',
      '**',
      '?',
      '[ab]',
      '[^a]',
      '\\a',
      'a|b',
      '{a}',
      'a^',
      '.',
      '+',
      '$',
    );
    const pattern = fc
      .tuple(fc.boolean(), fc.array(fc.tuple(piece, fc.constantFrom('', '/')), { minLength: 1, maxLength: 4 }))
      .map(([negated, pieces]) => (negated ? '!' : '') + pieces.flat().join(''));
    const name = fc.constantFrom('a', 'b', 'ab', 'a^', 'a|b', '.', '+').filter((text) => text !== '.');
    const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('/'));
    fc.assert(
      fc.property(fc.array(pattern, { maxLength: 4 }), fc.uniqueArray(path, { maxLength: 8 }), (patterns, paths) => {
        const rules = readable(patterns);
        const files = paths.filter((one) => !paths.some((other) => other.startsWith(`${one}/`)));
        const tree = tableTree(Object.fromEntries(files.map((file) => [file, ''])));
        const seen = everythingIn(visibleTree(tree, rules), '').filter(({ kind }) => kind === 'file');
        expect(seen.map((entry) => entry.path).sort()).toEqual(files.filter((file) => !isIgnored(rules, file)).sort());
      }),
      { numRuns: 1000 },
    );
  });
});

/** Patterns with a mistake are not what is looked at here. */
function readable(patterns: readonly string[]) {
  const sound = patterns.filter((pattern) => {
    try {
      readIgnore(pattern);
      return true;
    } catch {
      return false;
    }
  });
  return readIgnore(sound.join('\n'));
}
