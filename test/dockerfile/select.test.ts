// What COPY takes, judged by BuildKit: generated trees, .dockerignore files and COPY instructions.

import { describe, expect, test } from 'vitest';
import { readIgnore } from '../../src/source/dockerfile/ignore.ts';
import { stageNeeds } from '../../src/source/dockerfile/needs.ts';
import { parseDockerfile } from '../../src/source/dockerfile/parse.ts';
import { type Selection, select } from '../../src/source/dockerfile/select.ts';
import { reachedStages } from '../../src/source/dockerfile/stages.ts';
import { needs } from '../support/peers.ts';
import { type TreeTable, tableTree } from '../support/table-tree.ts';
import { type Built, buildCases, type Files } from './engine-build.ts';
import { type Chance, chanceOf, countFrom } from './random.ts';

interface World {
  readonly table: TreeTable;
  readonly ignore: string;
  readonly copies: readonly string[];
}

interface Case {
  readonly copy: string;
  /** Undefined where the build must fail. */
  readonly expected: Files | undefined;
  readonly why: string;
}

const platform = { os: 'linux', architecture: 'amd64' };
const casesInWorld = 40;
const total = countFrom('FANFOLD_COPY_CASES', 320);
const seed = countFrom('FANFOLD_SEED', 7);
const worlds = Array.from({ length: Math.ceil(total / casesInWorld) }, (_, index) => seed * 1000 + index);

describe.runIf(needs('engine', 'docker'))('selected files are the files in the image', () => {
  test.for(worlds)('world %i', { timeout: 240_000 }, async (number) => {
    const { world, cases } = worthwhileWorld(chanceOf(number));
    const wrong = await judge(world.table, cases);
    expect(wrong, `world ${number}, .dockerignore:\n${world.ignore}`).toEqual([]);
  });
});

/** Builds what should succeed all at once; where that fails, halves until the culprits are found. Then a few that should fail, alone. */
async function judge(context: TreeTable, cases: readonly Case[]): Promise<readonly unknown[]> {
  const good = cases.filter((one) => one.expected !== undefined);
  const bad = cases.filter((one) => one.expected === undefined).slice(0, countFrom('FANFOLD_COPY_FAILURES', 1));
  const wrong = await judgeGood(context, good);
  for (const one of bad) {
    const built = await buildCases(context, [one.copy]);
    if ('files' in built) wrong.push({ copy: one.copy, expected: `an error: ${one.why}`, got: built.files[0] });
  }
  return wrong;
}

async function judgeGood(context: TreeTable, cases: readonly Case[]): Promise<unknown[]> {
  if (cases.length === 0) return [];
  const built: Built = await buildCases(
    context,
    cases.map((one) => one.copy),
  );
  if ('files' in built) {
    return cases.flatMap(({ copy, expected }, index) => {
      const got = built.files[index];
      return same(expected, got) ? [] : [{ copy, ...difference(expected, got) }];
    });
  }
  if (cases.length === 1) return [{ copy: cases[0]?.copy, expected: cases[0]?.expected, got: lastLines(built.error) }];
  const half = Math.ceil(cases.length / 2);
  return [...(await judgeGood(context, cases.slice(0, half))), ...(await judgeGood(context, cases.slice(half)))];
}

function same(expected: Files | undefined, got: Files | undefined): boolean {
  const lines = (files: Files | undefined) => JSON.stringify(Object.entries(files ?? {}).sort());
  return lines(expected) === lines(got);
}

function difference(expected: Files = {}, got: Files = {}) {
  const without = (files: Files, others: Files) =>
    Object.entries(files).filter(([path, text]) => others[path] !== text);
  return { missing: without(expected, got), tooMany: without(got, expected) };
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-3).join('\n');
}

/** What our selection says is in the stage; undefined where two sources get into each other's way. */
function predict(world: World, copy: string): Case | undefined {
  const { dockerfile, diagnostics } = parseDockerfile(`FROM scratch\n${copy}\n`);
  const reached = reachedStages(dockerfile, { platform, buildPlatform: platform, args: {} });
  const need = reached.stages.flatMap((stage) => stageNeeds(stage).files)[0];
  if (need === undefined) throw new Error(`${copy}: ${JSON.stringify([...diagnostics, ...reached.diagnostics])}`);
  const tree = tableTree(world.table);
  const selection = select(tree, readIgnore(world.ignore), need.source);
  if (selection.diagnostics.length > 0) {
    return { copy, expected: undefined, why: selection.diagnostics.map(({ message }) => message).join('; ') };
  }
  const expected = layOut(selection, world.table);
  // BuildKit looks at what stands in the way of an excluded file, too.
  const all = layOut(select(tree, readIgnore(world.ignore), { ...need.source, exclude: [] }), world.table);
  return expected && all && { copy, expected, why: '' };
}

function layOut(selection: Selection, table: TreeTable): Files | undefined {
  const files: Record<string, string> = {};
  for (const source of selection.sources) {
    files['out'] = 'folder';
    for (const { entry, relative } of source.entries) {
      const below = source.kind === 'file' ? source.name : relative;
      const path = below === '' ? 'out' : `out/${below}`;
      const given = table[entry.path];
      const text =
        entry.kind === 'folder'
          ? 'folder'
          : entry.kind === 'link'
            ? `link:${entry.linkTarget}`
            : `file:${typeof given === 'string' ? given : selection.sources.length}`;
      const before = files[path];
      if (before !== undefined && (before === 'folder') !== (text === 'folder')) return undefined;
      files[path] = text;
    }
  }
  return files;
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

/** A world in which at least half of the instructions take something. */
function worthwhileWorld(chance: Chance): { world: World; cases: readonly Case[] } {
  for (;;) {
    const world = randomWorld(chance);
    const cases = world.copies.map((copy) => predict(world, copy)).filter((one) => one !== undefined);
    const taking = cases.filter((one) => Object.keys(one.expected ?? {}).length > 1);
    if (taking.length >= casesInWorld / 2) return { world, cases };
  }
}

function randomWorld(chance: Chance): World {
  const table = randomTable(chance);
  const ignore = chance.once(4) ? '' : chance.several(1, 5, () => randomIgnore(chance, Object.keys(table))).join('\n');
  const copies = Array.from({ length: casesInWorld }, () => randomCopy(chance, Object.keys(table)));
  return { table: { ...table, '.dockerignore': ignore }, ignore, copies };
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

function randomCopy(chance: Chance, paths: readonly string[]): string {
  const source = (): string => {
    if (chance.once(20)) return chance.one(['.', '/', './', 'missing', '*', '*/*']);
    const path = randomPath(chance, paths);
    const written = chance.once(2) && !/[[*?]/.test(path) ? path : randomWild(chance, path, false);
    return chance.one(['', '', '', './', '/', '../']) + written + (chance.once(6) ? '/' : '');
  };
  const excludes = chance.once(3) ? chance.several(1, 3, () => `--exclude=${randomExclude(chance, paths)} `) : [];
  const sources = chance.several(1, chance.once(4) ? 3 : 1, source);
  return `COPY ${excludes.join('')}${JSON.stringify([...sources.map(shellQuoted), '/out/'])}`;
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
