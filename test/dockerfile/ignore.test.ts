// Our ignore patterns against moby/patternmatcher itself, over random patterns and paths.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { isFanfoldError } from '../../src/base/errors/error.ts';
import { compileIgnore, isIgnored, readIgnore } from '../../src/source/dockerfile/ignore.ts';
import { needs, peersFolder, requirePeer } from '../support/peers.ts';
import { runOk } from '../support/run.ts';
import { type Chance, chanceOf, countFrom } from './random.ts';

interface Question {
  readonly patterns?: readonly string[];
  readonly file?: string;
  readonly path: string;
}

interface Answer {
  readonly walk: boolean;
  readonly error?: string;
}

const judgeFolder = join(import.meta.dirname, 'judges', 'patternmatcher');
const seed = countFrom('FANFOLD_SEED', 20_261);

describe.runIf(needs('go'))('ignore patterns', () => {
  let judge: (questions: readonly Question[]) => Promise<readonly Answer[]>;

  beforeAll(async () => {
    judge = await buildJudge();
  }, 180_000);

  test('agree with moby/patternmatcher on random patterns and paths', async () => {
    const chance = chanceOf(seed);
    const questions = Array.from({ length: countFrom('FANFOLD_IGNORE_PAIRS', 20_000) }, () => {
      const path = randomPath(chance);
      return { patterns: chance.several(1, 4, () => randomPattern(chance, path)), path };
    });
    const answers = await judge(questions);
    const wrong = questions.flatMap((question, index) => disagreement(question, answers[index], ask));
    expect(wrong.slice(0, 20)).toEqual([]);
    // The cases must be worth something: both verdicts often, and few that are refused.
    expect(answers.filter((answer) => answer.walk).length).toBeGreaterThan(questions.length / 10);
    expect(answers.filter((answer) => answer.error !== undefined).length).toBeLessThan(questions.length / 4);
  });

  test('agree with moby/patternmatcher on the text of random .dockerignore files', async () => {
    const chance = chanceOf(seed + 1);
    const questions = Array.from({ length: countFrom('FANFOLD_IGNORE_FILES', 4000) }, () => {
      const path = randomPath(chance);
      return { file: randomFile(chance, path), path };
    });
    const answers = await judge(questions);
    const wrong = questions.flatMap((question, index) => disagreement(question, answers[index], askFile));
    expect(wrong.slice(0, 20)).toEqual([]);
  });
});

function disagreement(
  question: Question,
  answer: Answer | undefined,
  own: (question: Question) => boolean | 'refused',
) {
  const verdict = own(question);
  const expected = answer?.error === undefined ? answer?.walk : 'refused';
  // Go's matcher finds a malformed class only when it comes to look at it; we refuse it at once.
  if (verdict === expected || (verdict === 'refused' && hasDoubtfulEscape(question))) return [];
  return [{ ...question, verdict, expected, ...(answer?.error && { error: answer.error }) }];
}

// A class turned round (`[z-a]`) or an escaped letter: BuildKit refuses it for some paths only.
function hasDoubtfulEscape({ patterns = [], file = '' }: Question): boolean {
  return [...patterns, file].some((pattern) => /\\[0-9A-Za-zé]|\[[^\]]*-/.test(pattern));
}

function ask({ patterns = [], path }: Question): boolean | 'refused' {
  return refusing(() => isIgnored(compileIgnore(patterns), path));
}

function askFile({ file = '', path }: Question): boolean | 'refused' {
  return refusing(() => isIgnored(readIgnore(file), path));
}

function refusing(verdict: () => boolean): boolean | 'refused' {
  try {
    return verdict();
  } catch (error) {
    if (isFanfoldError(error)) return 'refused';
    throw error;
  }
}

const names = [
  'a',
  'b',
  'ab',
  'a.b',
  'file',
  'bigfile',
  '.git',
  'x+y',
  'é',
  'a b',
  '(a)',
  '$b',
  'a{1}',
  'a|b',
  '{b',
  '^a',
  '1',
] as const;

function randomPath(chance: Chance): string {
  return chance.several(1, 4, () => chance.one(names)).join('/');
}

// Half of the patterns are made of the path itself, so that many match.
function randomPattern(chance: Chance, path: string): string {
  const near = path.split('/').slice(0, 1 + chance.below(4));
  const parts = chance.once(2)
    ? chance.several(1, 3, () => randomPart(chance))
    : near.map((part) => (chance.once(3) ? randomPart(chance) : part));
  const slashes = (chance.once(8) ? '/' : '') + parts.join('/') + (chance.once(8) ? '/' : '');
  return (chance.once(3) ? '!' : '') + slashes;
}

function randomPart(chance: Chance): string {
  const wild = [
    '*',
    '**',
    '?',
    '[ab]',
    '[^a]',
    '[a-c]',
    '[!a]',
    '\\*',
    '\\a',
    '[a*]',
    '[[]',
    '[]]',
    '**',
    '*',
  ] as const;
  switch (chance.below(6)) {
    case 0:
      return chance.one(wild);
    case 1:
      return chance.one(names) + chance.one(wild);
    case 2:
      return chance.one(wild) + chance.one(names);
    case 3:
      return chance
        .several(1, 4, () => (chance.once(2) ? chance.one(wild) : chance.one(['a', 'b', '.', 'i'])))
        .join('');
    default:
      return chance.one(names);
  }
}

function randomFile(chance: Chance, path: string): string {
  const line = (): string => {
    if (chance.once(8))
      return chance.one(['# comment', ' # no comment', '', '   ', '\t', '!', '! a', '\\#a', '..', '.', '/', '!/']);
    const pattern = randomPattern(chance, path);
    return chance.one(['', ' ', '\t']) + (chance.once(6) ? `./${pattern}` : pattern) + chance.one(['', ' ', '\r']);
  };
  return (chance.once(5) ? '\ufeff' : '') + chance.several(1, 5, line).join('\n');
}

async function buildJudge(): Promise<(questions: readonly Question[]) => Promise<readonly Answer[]>> {
  const cache = join(peersFolder, 'go');
  const bin = join(cache, 'bin');
  mkdirSync(bin, { recursive: true });
  const program = join(bin, 'fanfold-patternmatcher');
  const env = { PATH: process.env['PATH'] ?? '', HOME: cache, GOPATH: cache, GOCACHE: join(cache, 'cache') };
  const network = Object.fromEntries(
    [
      'GOPROXY',
      'GONOSUMDB',
      'GOFLAGS',
      'GONOSUMCHECK',
      'GOSUMDB',
      'HTTPS_PROXY',
      'HTTP_PROXY',
      'NO_PROXY',
      'SSL_CERT_FILE',
    ]
      .map((name) => [name, process.env[name]])
      .filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
  const build = ['build', '-modcacherw', '-o', program, '.'];
  await runOk(requirePeer('go'), build, { cwd: judgeFolder, env: { ...network, ...env }, timeoutMs: 170_000 });
  return async (questions) => {
    const input = questions.map((question) => JSON.stringify(question)).join('\n');
    const output = await runOk(program, [], { input, env: {} });
    return output
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Answer);
  };
}
