// Every example's fanfold.yaml is read without a mistake, and without what it needs is not.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, test } from 'vitest';
import { systemFiles } from '../../src/base/host/files.ts';
import { legsOf } from '../../src/source/project/legs.ts';
import { loadFamily, parseFamily } from '../../src/source/project/load.ts';

const folder = fileURLToPath(new URL('../../examples', import.meta.url));
const files = readdirSync(folder)
  .map((name) => join(folder, name, 'fanfold.yaml'))
  .filter((file) => existsSync(file));

describe.for(files)('%s', (file) => {
  test('is read whole', async ({ expect }) => {
    const { family, diagnostics } = await loadFamily(file, { files: systemFiles, cwd: '/' });
    expect(diagnostics).toEqual([]);
    expect(legsOf(family ?? { targets: [] }).length).toBeGreaterThan(0);
  });

  test.runIf(/^targets:/m.test(readFileSync(file, 'utf8')))(
    'a key that is mistyped is told where it stands',
    ({ expect }) => {
      const lines = readFileSync(file, 'utf8').replace(/^targets:/m, 'tragets:');
      const at = lines.split('\n').findIndex((line) => line.startsWith('tragets:')) + 1;
      const { diagnostics } = parseFamily(lines, file);
      expect(diagnostics).toMatchObject([{ place: { file, line: at, column: 1 }, hint: 'did you mean targets?' }]);
    },
  );
});

test('there are examples', ({ expect }) => expect(files.length).toBeGreaterThan(0));
