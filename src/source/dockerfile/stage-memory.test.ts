import { describe, expect, test } from 'vitest';
import { parseDockerfile } from './parse.ts';
import { reachedStages } from './stages.ts';

const amd64 = { os: 'linux', architecture: 'amd64' };

describe('a mistake is told to every build that reads the Dockerfile', () => {
  test.for<[string, string]>([
    ['a base that is empty', 'ARG BASE\nFROM $BASE\n'],
    ['a base with capitals', 'FROM Debian\n'],
    ['a stage that takes from itself', 'FROM scratch AS one\nCOPY --from=one /a /b\n'],
  ])('%s', ([, text]) => {
    const { dockerfile } = parseDockerfile(text);
    const read = () => reachedStages(dockerfile, { platform: amd64, buildPlatform: amd64, args: {} }).diagnostics;
    const first = read();
    expect(first).not.toEqual([]);
    expect(read()).toEqual(first);
  });
});
