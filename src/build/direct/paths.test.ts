import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Folder, newFolder, rootMeta } from './node.ts';
import { partsOf, resolvePath } from './paths.ts';
import { editorOf } from './rootfs.ts';

/** A root with folders (`a/`), links (`a -> b`) and files (`a`). */
function rootOf(...lines: readonly string[]): Folder {
  const editor = editorOf(newFolder());
  for (const line of lines) {
    const [path = '', target] = line.split(' -> ');
    if (target !== undefined) editor.put(path, { kind: 'link', ...rootMeta, target });
    else if (path.endsWith('/')) editor.makeFolders(path.slice(0, -1), 0o755);
    else editor.put(path, { kind: 'file', ...rootMeta, content: { kind: 'inline', bytes: new Uint8Array() } });
  }
  return editor.root;
}

const root = rootOf(
  'usr/lib/',
  'lib -> usr/lib',
  'abs -> /usr',
  'up -> ../../../usr',
  'chain -> lib/deep',
  'usr/lib/deep -> ../../abs/lib',
  'dangling -> not/there',
  'loop -> loop/x',
  'file',
);

test.for([
  { path: '/', want: '' },
  { path: '/usr/./lib/', want: 'usr/lib' },
  { path: 'lib/x', want: 'usr/lib/x' },
  { path: 'abs/lib', want: 'usr/lib' },
  { path: 'up/lib', want: 'usr/lib' },
  { path: 'chain/new/file', want: 'usr/lib/new/file' },
  { path: 'dangling/x', want: 'not/there/x' },
  { path: '../../lib', want: 'usr/lib' },
  { path: 'usr/../file', want: 'file' },
  { path: 'not/there', want: 'not/there' },
])('$path is $want', ({ path, want }) => {
  expect(resolvePath(root, path)).toBe(want);
});

test('the last link is kept where that is asked for', () => {
  expect(resolvePath(root, 'lib', 'keep')).toBe('lib');
  expect(resolvePath(root, 'lib/deep', 'keep')).toBe('usr/lib/deep');
});

test.for(['loop', 'loop/y', 'file/x'])('%s leads nowhere', (path) => {
  expect(() => resolvePath(root, path)).toThrowError(expect.objectContaining({ code: 'build.copy' }));
});

test('no path and no links lead out of the root, and what was found stays where it is', () => {
  const part = fc.constantFrom('a', 'b', 'c', '..', '.', '');
  const path = fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => parts.join('/'));
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), path), { maxLength: 3 }), path, (links, asked) => {
      const tree = rootOf(...[...new Map(links)].map(([name, target]) => `${name} -> ${target}`));
      let found: string;
      try {
        found = resolvePath(tree, asked);
      } catch (error) {
        expect(error).toMatchObject({ code: 'build.copy' });
        return;
      }
      expect(partsOf(found).join('/')).toBe(found);
      expect(resolvePath(tree, found)).toBe(found);
    }),
    { numRuns: 500 },
  );
});
