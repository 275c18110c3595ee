import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, test } from 'vitest';
import { unifiedDiff } from './unified-diff.ts';

const folder = mkdtempSync(join(tmpdir(), 'fanfold-diff-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const difference = (before: string, after: string) =>
  unifiedDiff({ name: 'a', text: before }, { name: 'b', text: after });

describe('a difference', () => {
  test.for([
    { name: 'none', before: 'x\n', after: 'x\n', want: undefined },
    {
      name: 'a line changed, with three around it',
      before: '1\n2\n3\n4\n5\n6\n7\n8\n9\n',
      after: '1\n2\n3\n4\nfive\n6\n7\n8\n9\n',
      want: '--- a\n+++ b\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8',
    },
    { name: 'all of it', before: '', after: 'x\ny\n', want: '--- a\n+++ b\n@@ -0,0 +1,2 @@\n+x\n+y' },
    {
      name: 'a last line without its end',
      before: 'x',
      after: 'x\n',
      want: '--- a\n+++ b\n@@ -1,1 +1,1 @@\n-x\n\\ No newline at end of file\n+x',
    },
  ])('$name', ({ before, after, want }, { expect }) => expect(difference(before, after)).toBe(want));

  test('is what `git apply` makes the new text of the old with', ({ expect }) => {
    const text = fc
      .array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 30 })
      .map((lines) => lines.map((line) => `${line}\n`).join(''));
    fc.assert(
      fc.property(text, text, (before, after) => {
        fc.pre(before !== after && before !== '' && after !== '');
        writeFileSync(join(folder, 'file'), before);
        const patch = unifiedDiff({ name: 'a/file', text: before }, { name: 'b/file', text: after });
        execFileSync('git', ['apply', '-'], { cwd: folder, input: `${patch}\n` });
        expect(execFileSync('cat', ['file'], { cwd: folder, encoding: 'utf8' })).toBe(after);
      }),
      { numRuns: 60 },
    );
  });
});
