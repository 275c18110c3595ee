// Our parser and dockerfile-ast side by side over realistic Dockerfiles: keywords, lines, flags and words.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DockerfileParser, type Instruction as Other, type Flag as OtherFlag } from 'dockerfile-ast';
import { describe, expect, test } from 'vitest';
import type { Instruction } from '../../src/source/dockerfile/instruction.ts';
import { parseDockerfile } from '../../src/source/dockerfile/parse.ts';

const folder = join(import.meta.dirname, '..', 'fixtures', 'dockerfiles');
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.Dockerfile'))
  .sort();

describe('over every fixture', () => {
  test.for(names)('%s', (name) => {
    const text = readFileSync(join(folder, name), 'utf8');
    const { dockerfile, diagnostics } = parseDockerfile(text, name);
    const other = DockerfileParser.parse(text);
    expect(diagnostics).toEqual([]);
    expect(dockerfile.directives.escape).toBe(other.getEscapeCharacter());
    expect(dockerfile.instructions.map(ours)).toEqual(other.getInstructions().map(theirs));
  });
});

function ours({ keyword, place, flags, rest, heredocs, trigger }: Instruction) {
  const inner = trigger ?? { flags, rest };
  return {
    keyword,
    lines: [place.line, place.endLine],
    flags: inner.flags.map(({ name, value }) => [name, value ?? null]),
    words: trigger === undefined ? wordsOf(rest) : [],
    heredocs: heredocs.map(({ name }) => name),
  };
}

function theirs(other: Other) {
  const { start, end } = other.getRange();
  const hasFlags = other as Other & { getFlags?: () => OtherFlag[] };
  const hasTrigger = other as Other & { getTriggerInstruction?: () => Other | null };
  const hasHeredocs = other as Other & { getHeredocs?: () => { getName(): string }[] };
  const trigger = hasTrigger.getTriggerInstruction?.() as (Other & { getFlags?: () => OtherFlag[] }) | null | undefined;
  const flags = (trigger ?? hasFlags).getFlags?.() ?? [];
  const heredocs = (hasHeredocs.getHeredocs?.() ?? []).map((heredoc) => heredoc.getName().replace(/['"]/g, ''));
  return {
    keyword: other.getKeyword(),
    lines: [start.line + 1, end.line + 1],
    flags: flags.map((flag) => [flag.getName(), flag.getValue()]),
    words: trigger ? [] : wordsOf(textOf(other, flags, heredocs.length > 0)),
    heredocs,
  };
}

// Their arguments run on into heredocs and lose escapes; the raw text does not.
function textOf(other: Other, flags: readonly OtherFlag[], hasHeredoc: boolean): string {
  const text = other.getRawArgumentsContent() ?? '';
  const line = hasHeredoc ? (text.split('\n')[0] ?? '') : text;
  return flags.reduce((rest, flag) => rest.replace(flag.toString(), ''), line);
}

// Comments and continuations are taken out on both sides, for their raw text holds them.
function wordsOf(text: string): readonly string[] {
  const lines = text.split('\n').filter((line) => !/^\s*(#|$)/.test(line));
  return lines
    .map((line) => line.replace(/[\\`]\s*$/, ''))
    .join(' ')
    .split(/\s+/)
    .filter((word) => word !== '');
}
