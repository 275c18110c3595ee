// A real family of 457 legs, read in place and imported. Its data is no part of the project: elsewhere a generated one of the same shape stands in.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, test } from 'vitest';
import { importFamily } from '../../src/adopt/import.ts';
import { systemFiles } from '../../src/base/host/files.ts';
import { readYamlFast } from '../../src/source/project/fast-yaml.ts';
import { legsOf } from '../../src/source/project/legs.ts';
import { loadFamily } from '../../src/source/project/load.ts';
import { legFileName } from '../../src/source/project/names.ts';
import { hostSourceReader } from '../../src/source/project/source-reader.ts';
import { readYaml } from '../../src/source/project/yaml.ts';
import { largeMatrix } from '../support/large-matrix.ts';
import { matrixMapping } from '../support/matrix-mapping.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const shared = fileURLToPath(new URL('../../../shared/data/localai', import.meta.url));
const isReal = existsSync(join(shared, 'matrix-newest.yml'));
if (!isReal) console.log('large family: its data is not here, a generated one of the same shape stands in');

const mapping = matrixMapping('.github/matrix.yml');

const families = [
  { file: 'matrix-newest.yml', legs: 457, targets: 386, pairs: 71 },
  { file: 'matrix-after.yml', legs: 271, targets: 235, pairs: 36 },
];

describe.for(families)('$file', ({ file, legs, targets, pairs }) => {
  const text = isReal ? readFileSync(join(shared, file), 'utf8') : largeMatrix({ legs, pairs });

  function folderWith(matrix: string) {
    const folder = temporaryFolder('large-family');
    mkdirSync(join(folder.path, '.github'));
    writeFileSync(join(folder.path, '.github/matrix.yml'), matrix);
    writeFileSync(join(folder.path, 'fanfold.yaml'), mapping);
    return folder;
  }

  test(`${legs} legs in ${targets} targets, ${pairs} of two platforms, names injective`, async ({ expect }) => {
    using folder = folderWith(text);
    const { family, diagnostics } = await loadFamily(folder.path, { files: systemFiles, cwd: folder.path });
    expect(diagnostics).toEqual([]);
    const all = legsOf(family ?? { targets: [] });
    expect(all).toHaveLength(legs);
    expect(family?.targets).toHaveLength(targets);
    expect(family?.targets.filter(({ platforms }) => platforms.length === 2)).toHaveLength(pairs);
    expect(family?.targets.filter(({ platforms }) => platforms.length > 2)).toEqual([]);
    expect(new Set(all.map(({ name }) => name)).size).toBe(legs);
    expect(new Set(all.map(({ target, platform }) => legFileName(target.name, platform))).size).toBe(legs);
    expect(all.every(({ target }) => target.runner !== undefined && target.place.line !== undefined)).toBe(true);
  });

  test('is imported in under 1,500 lines, its legs equal', async ({ expect }) => {
    using folder = folderWith(text);
    const reader = hostSourceReader(folder.path, { files: systemFiles });
    const imported = await importFamily(mapping, join(folder.path, 'fanfold.yaml'), reader);
    expect(imported).toMatchObject({ legs, targets, differences: [] });
    expect(imported.text.split('\n').length).toBeLessThan(1500);
    expect(imported.text).toContain('# ');
  });

  test('the fast reader and the thorough one read it the same, places included', ({ expect }) => {
    const [fast, thorough] = [readYamlFast(text, file), readYaml(text, file)];
    expect(fast.root).toEqual(thorough.root);
    for (let offset = 0; offset < text.length; offset += 997)
      expect(fast.position(offset)).toEqual(thorough.position(offset));
  });

  test('a mistake in an entry is told at its line and column', async ({ expect }) => {
    const lines = text.split('\n');
    const at = lines.findLastIndex((line) => /^ +platforms: 'linux\/arm64'/.test(line));
    lines[at] = lines[at]?.replace('linux/arm64', 'linux/amr64') ?? '';
    using folder = folderWith(lines.join('\n'));
    const { diagnostics } = await loadFamily(folder.path, { files: systemFiles, cwd: folder.path });
    expect(diagnostics).toMatchObject([{ place: { line: at + 1, column: 16 }, hint: 'did you mean linux/amd64?' }]);
  });
});
