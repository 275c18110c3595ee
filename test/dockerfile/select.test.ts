// What COPY takes, judged by BuildKit: triples of a tree, a .dockerignore file and a COPY instruction, by chance.

import { beforeAll, describe, expect, test } from 'vitest';
import { readIgnore } from '../../src/source/dockerfile/ignore.ts';
import { stageNeeds } from '../../src/source/dockerfile/needs.ts';
import { parseDockerfile } from '../../src/source/dockerfile/parse.ts';
import { type Selection, select } from '../../src/source/dockerfile/select.ts';
import { reachedStages } from '../../src/source/dockerfile/stages.ts';
import { needs } from '../support/peers.ts';
import { type TreeTable, tableTree } from '../support/table-tree.ts';
import { type Built, buildCases, type Files } from './engine-build.ts';
import { type Chance, chanceOf, countFrom } from './random.ts';
import { randomCopy, randomWorld, type World } from './random-world.ts';

interface Case {
  readonly copy: string;
  /** Undefined where the build must fail. */
  readonly expected: Files | undefined;
  readonly why: string;
}

const platform = { os: 'linux', architecture: 'amd64' };
// More of them, or others: FANFOLD_COPY_CASES, FANFOLD_SEED.
const casesInWorld = 40;
const total = countFrom('FANFOLD_COPY_CASES', 1000);
const seed = countFrom('FANFOLD_SEED', 7);
const worlds = Array.from({ length: Math.ceil(total / casesInWorld) }, (_, index) => seed * 1000 + index);

describe.runIf(needs('engine', 'docker'))('selected files are the files in the image', () => {
  let withParents: boolean;
  const judged = { cases: 0, taking: 0 };

  beforeAll(async () => {
    withParents = 'files' in (await buildCases({ 'a/b': 'b' }, ['COPY --parents a/b /out/']));
  });

  test.for(worlds)('world %i', { timeout: 240_000 }, async (number) => {
    const { world, cases } = worthwhileWorld(chanceOf(number), withParents);
    const wrong = await judge(world.table, cases);
    expect(wrong, `world ${number}, .dockerignore:\n${world.ignore}`).toEqual([]);
    judged.cases += cases.filter((one) => one.expected !== undefined).length;
    judged.taking += cases.filter(takesSomething).length;
  });

  test('as many as were asked for', () => {
    const parents = withParents ? '--parents among them' : 'without --parents, which this engine does not have';
    console.log(`${judged.cases} triples (seed ${seed}), ${judged.taking} of which take something; ${parents}`);
    expect(judged.cases).toBeGreaterThanOrEqual(total);
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

/** A world with its cases, the good ones as many as a world has; at least half of them take something. */
function worthwhileWorld(chance: Chance, withParents: boolean): { world: World; cases: readonly Case[] } {
  for (;;) {
    const world = randomWorld(chance);
    const cases = casesOf(world, chance, withParents);
    const good = cases.filter((one) => one.expected !== undefined);
    if (good.length === casesInWorld && cases.filter(takesSomething).length >= casesInWorld / 2)
      return { world, cases };
  }
}

function takesSomething({ expected = {} }: Case): boolean {
  return Object.keys(expected).length > 1;
}

function casesOf(world: World, chance: Chance, withParents: boolean): readonly Case[] {
  const cases: Case[] = [];
  let good = 0;
  for (let turn = 0; turn < casesInWorld * 4 && good < casesInWorld; turn++) {
    const one = predict(world, randomCopy(chance, Object.keys(world.table), withParents));
    if (one === undefined) continue;
    cases.push(one);
    if (one.expected !== undefined) good += 1;
  }
  return cases;
}
