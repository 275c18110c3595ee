// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of Dockerfiles look like this
// Variables, arguments and stages, judged by BuildKit: values come back in an image's labels and environment.

import { describe, expect, test } from 'vitest';
import { needs } from '../support/peers.ts';
import { buildConfig } from './engine-build.ts';
import { predictConfig } from './predict-config.ts';
import { type Chance, chanceOf, countFrom } from './random.ts';

const perBuild = 80;
const builds = Math.ceil(countFrom('FANFOLD_EXPANSIONS', 240) / perBuild);
const seed = countFrom('FANFOLD_SEED', 3);

const variables = `ENV A=one B="" P=/usr/lib/foo.tar.gz V=v1.2.3 S="two words" STAR="a*b?c" Q='it"s' EMPTY= UNI=é日é D='$A'
`;
const names = ['A', 'B', 'C', 'P', 'V', 'S', 'STAR', 'Q', 'EMPTY', 'UNI', 'D', 'NOT_SET'] as const;

describe.runIf(needs('engine', 'docker'))('variables', () => {
  test.for(Array.from({ length: builds }, (_, index) => index))('random words %i', async (index) => {
    const chance = chanceOf(seed * 100 + index);
    const escapeCharacter = chance.once(4) ? '`' : '\\';
    const head = `# escape=${escapeCharacter}\nFROM scratch\n${variables}`;
    const words = Array.from({ length: perBuild }, () => randomWord(chance, escapeCharacter, 0));
    const good = words.filter((word) => predictConfig(`${head}LABEL x=${word}\n`) !== undefined);
    const bad = words.filter((word) => !good.includes(word));
    expect(await wrongLabels(head, good)).toEqual([]);
    expect(good.length).toBeGreaterThan(perBuild / 3);
    for (const word of bad.slice(0, 1)) {
      const built = await buildConfig(`${head}LABEL x=${word}\n`);
      expect(built, `LABEL x=${word}`).toHaveProperty('error');
    }
  });
});

async function wrongLabels(head: string, words: readonly string[]): Promise<readonly unknown[]> {
  if (words.length === 0) return [];
  const dockerfile = `${head}${words.map((word, index) => `LABEL l${index}=${word}\n`).join('')}`;
  const built = await buildConfig(dockerfile);
  if ('config' in built) {
    const expected = predictConfig(dockerfile)?.Labels ?? {};
    return words.flatMap((word, index) => {
      const [ours, real] = [expected[`l${index}`], built.config.Labels?.[`l${index}`]];
      return ours === real ? [] : [{ word, ours, real }];
    });
  }
  if (words.length === 1) return [{ word: words[0], error: built.error.trim().split('\n').at(-1) }];
  const half = Math.ceil(words.length / 2);
  return [...(await wrongLabels(head, words.slice(0, half))), ...(await wrongLabels(head, words.slice(half)))];
}

function randomWord(chance: Chance, escapeCharacter: string, depth: number): string {
  return chance.several(1, 3, () => randomPiece(chance, escapeCharacter, depth)).join('');
}

function randomPiece(chance: Chance, escapeCharacter: string, depth: number): string {
  const name = chance.one(names);
  const literal = chance.one([
    'a',
    'b.c',
    '/',
    '-',
    '_',
    'é',
    'x=y',
    '#',
    ':',
    '..',
    '!',
    '<',
    '<<',
    '~',
    '\\',
    '`',
    '{',
    '}',
    '%',
    '$',
    '1',
  ]);
  switch (chance.below(12)) {
    case 0:
      return `$${name}`;
    case 1:
      return `\${${name}}`;
    case 2:
      return `"${depth > 2 ? literal.replace('"', '') : randomWord(chance, escapeCharacter, depth + 1).replaceAll('"', '')}"`;
    case 3:
      return `'${chance.one(['$A', 'plain', 'two words', escapeCharacter, '"'])}'`;
    case 4:
      return escapeCharacter + chance.one(['$', '"', "'", 'n', ' ', escapeCharacter, '}', '*', 'é']);
    case 5:
    case 6:
      return `\${${name}${chance.one([':-', '-', ':+', '+', ':?', '?'])}${depth > 2 ? literal : randomWord(chance, escapeCharacter, depth + 1)}}`;
    case 7:
    case 8:
      return `\${${name}${chance.one(['#', '##', '%', '%%'])}${randomShellPattern(chance)}}`;
    case 9:
      return `\${${name}${chance.one(['/', '//'])}${randomShellPattern(chance)}/${chance.one(['', '_', 'XY', '$A', '\\$1', '$B', 'a b'])}}`;
    default:
      return literal;
  }
}

function randomShellPattern(chance: Chance): string {
  const piece = (): string =>
    chance.one([
      '*',
      '?',
      '.',
      'o',
      'v',
      '1',
      '/usr',
      '*/',
      '.*',
      '**',
      '[a]',
      '\\*',
      '\\?',
      '\\/',
      '$A',
      '$B',
      'é',
      "'*'",
      '"o"',
      'w',
    ]);
  return chance.several(0, 3, piece).join('');
}
