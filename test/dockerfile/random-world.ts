// Trees with their .dockerignore files, and COPY instructions over them, by chance: many names that are unusual, many patterns that take something.

import type { TreeTable } from '../support/table-tree.ts';
import type { Chance } from './random.ts';

/** A tree, the .dockerignore file in it included, and that file's text. */
export interface World {
  readonly table: TreeTable;
  readonly ignore: string;
}

const plainNames = ['a', 'b', 'ab', 'a.txt', 'b.md', 'src', 'lib'] as const;
const unusualNames = [
  '.hidden',
  'x y',
  'é',
  '日本',
  'a[b]',
  'a*',
  "it's",
  'q"q',
  '$d',
  '#h',
  '-dash',
  '--two',
  'a+b',
  '(c)',
  'a\\b',
  '~t',
  'a{1}',
  '!n',
] as const;

function randomName(chance: Chance): string {
  return chance.once(4) ? chance.one(unusualNames) : chance.one(plainNames);
}

/** A world. */
export function randomWorld(chance: Chance): World {
  const table = randomTable(chance);
  const ignore = chance.once(4) ? '' : chance.several(1, 5, () => randomIgnore(chance, Object.keys(table))).join('\n');
  return { table: { ...table, '.dockerignore': ignore }, ignore };
}

function randomTable(chance: Chance): TreeTable {
  const table: Record<string, TreeTable[string]> = {};
  const isTaken = (path: string) => Object.keys(table).some((other) => overlaps(other, path));
  for (let turn = 0; turn < 28; turn++) {
    const path = chance.several(1, 4, () => randomName(chance)).join('/');
    if (isTaken(path)) continue;
    table[path] = chance.once(6)
      ? { link: randomTarget(chance, Object.keys(table)) }
      : chance.once(12)
        ? { folder: true }
        : `text of ${path}`;
  }
  return table;
}

// One would be a file where the other needs a folder.
function overlaps(one: string, other: string): boolean {
  return one === other || one.startsWith(`${other}/`) || other.startsWith(`${one}/`);
}

function randomTarget(chance: Chance, paths: readonly string[]): string {
  const [first = 'a', ...more] = paths;
  const path = chance.one([first, ...more]);
  const target = chance.once(3) ? path.split('/').slice(0, -1).join('/') || '.' : path;
  return chance.one(['', '/', '../', './', '../../']) + target;
}

function randomIgnore(chance: Chance, paths: readonly string[]): string {
  const pattern = randomWild(chance, randomPath(chance, paths), true);
  return (chance.once(3) ? '!' : '') + (chance.once(8) ? '/' : '') + pattern + (chance.once(8) ? '/' : '');
}

function randomPath(chance: Chance, paths: readonly string[]): string {
  const [first = 'a', ...more] = paths;
  const parts = chance.one([first, ...more]).split('/');
  return parts.slice(0, 1 + chance.below(parts.length)).join('/');
}

function randomWild(chance: Chance, path: string, doubles: boolean): string {
  const parts = path.split('/').map((part) => {
    const escaped = part.replace(/[[*\\?]/g, (character) => (character === '\\' ? '\\\\' : `[${character}]`));
    if (!chance.once(3)) return escaped;
    const star = doubles && chance.once(2) ? '**' : '*';
    return chance.one([
      star,
      `${escaped.slice(0, 1).replace(/[[\\]/, '?')}*`,
      '?*',
      '*.*',
      '[a-l]*',
      '[^a]*',
      `*${part.slice(-1).replace(/[[\]*\\]/, '?')}`,
    ]);
  });
  return (doubles && chance.once(6) ? '**/' : '') + parts.join('/');
}

/** A COPY into `/out/` from paths like those; sometimes with `--exclude`, and with `--parents` where that is allowed. */
export function randomCopy(chance: Chance, paths: readonly string[], withParents: boolean): string {
  const source = (): string => {
    if (chance.once(20)) return chance.one(['.', '/', './', 'missing', '*', '*/*']);
    const path = randomPath(chance, paths);
    const written = chance.once(2) && !/[[*?]/.test(path) ? path : randomWild(chance, path, false);
    return chance.one(['', '', '', './', '/', '../']) + written + (chance.once(6) ? '/' : '');
  };
  const excludes = chance.once(3) ? chance.several(1, 3, () => `--exclude=${randomExclude(chance, paths)} `) : [];
  const sources = chance.several(1, chance.once(4) ? 3 : 1, source);
  const parents = withParents && chance.once(5) ? '--parents ' : '';
  return `COPY ${parents}${excludes.join('')}${JSON.stringify([...sources.map(shellQuoted), '/out/'])}`;
}

// Flags lose quotes and escapes before the pattern is looked at: plain patterns only. BuildKit reads flags byte by byte, so ASCII only.
function randomExclude(chance: Chance, paths: readonly string[]): string {
  const inner = randomPath(chance, paths).split('/').slice(chance.below(2)).join('/') || 'a';
  const pattern = chance.once(2)
    ? chance.one(['*.md', '**/*.txt', 'a', '**/b', 'src/*', '*', '!a', '!**/b.md', '**'])
    : inner;
  return /^[!-&(-Z^-~]+$/.test(pattern) && !/["'`$]/.test(pattern) ? pattern : '*.md';
}

function shellQuoted(pattern: string): string {
  return pattern.replace(/[\\'"$]/g, (character) => `\\${character}`);
}
