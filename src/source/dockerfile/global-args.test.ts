import { describe, expect, test } from 'vitest';
import { globalArgLines } from './global-args.ts';
import { parseDockerfile } from './parse.ts';

describe('the lines of arguments for all stages', () => {
  test.for<[string, string, Readonly<Record<string, number>>]>([
    ['none', 'FROM scratch\nARG A=1\n', {}],
    ['one', 'ARG A=1\nFROM scratch\n', { A: 1 }],
    ['several in one instruction, over two lines', '# x\nARG A=1 \\\n  B\nFROM scratch\n', { A: 2, B: 2 }],
    ['declared again', 'ARG A=1\nARG A=2\nFROM scratch\n', { A: 2 }],
    ['no stage', 'ARG A=1\n', {}],
  ])('%s', ([, text, expected]) => {
    expect(Object.fromEntries(globalArgLines(parseDockerfile(text).dockerfile))).toEqual(expected);
  });
});
