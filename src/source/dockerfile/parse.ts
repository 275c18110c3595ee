/** Text to a Dockerfile (Dockerfile reference; BuildKit's behaviour where the reference is silent). */
import type { Diagnostic } from '../../base/errors/diagnostic.ts';
import { isFanfoldError } from '../../base/errors/error.ts';
import { nearestName } from '../../base/errors/nearest.ts';
import { makeAction } from './action.ts';
import { checkFlags } from './check-flags.ts';
import { readDirectives } from './directives.ts';
import { splitFlags } from './flags.ts';
import { heredocsOf, readBody } from './heredoc.ts';
import type { Dockerfile, EscapeCharacter, Heredoc, Instruction } from './instruction.ts';
import { isKeyword, keywords } from './keywords.ts';
import { type LineReader, type LogicalLine, nextLogicalLine, readerOf } from './lines.ts';
import { isBlank, readStringArray } from './words.ts';

/** A parsed Dockerfile and all its mistakes; with an error among them the instructions are what could be made out. */
export interface ParsedDockerfile {
  readonly dockerfile: Dockerfile;
  readonly diagnostics: readonly Diagnostic[];
}

/** The bounds of what is read: characters in a file, its lines, characters in a line (BuildKit's own). */
export const dockerfileBounds = { characters: 4_194_304, lines: 100_000, lineCharacters: 65_535, instructions: 20_000 };

/** Tells a mistake at a place. */
export type Report = (message: string, line: number, column: number, hint?: string) => void;

interface Parser {
  readonly reader: LineReader;
  readonly escapeCharacter: EscapeCharacter;
  readonly report: Report;
  /** Every keyword that was seen, sound or not, so that one mistake does not bring others. */
  readonly seen: { readonly keyword: string; readonly line: number; readonly column: number }[];
}

/** Parses a Dockerfile's text. `file` is its name for diagnostics. Never throws. */
export function parseDockerfile(text: string, file?: string): ParsedDockerfile {
  const diagnostics: Diagnostic[] = [];
  const report: Report = (message, line, column, hint) => {
    const place = { ...(file !== undefined && { file }), line, column };
    diagnostics.push({ code: 'dockerfile.syntax', severity: 'error', message, place, ...(hint && { hint }) });
  };
  const reader = boundedReader(text, report);
  const { directives, mistakes } = readDirectives(reader.lines);
  for (const mistake of mistakes) report(mistake.message, mistake.line, 1, mistake.hint);
  const parser = { reader, escapeCharacter: directives.escape, report, seen: [] };
  const instructions = readInstructions(parser);
  checkOrder(parser);
  return { dockerfile: { ...(file !== undefined && { file }), directives, instructions }, diagnostics };
}

function boundedReader(text: string, report: Report): LineReader {
  const bounds = dockerfileBounds;
  if (text.length > bounds.characters) {
    report(`the Dockerfile has more than ${bounds.characters} characters`, 1, 1);
    return { lines: [], next: 0 };
  }
  const reader = readerOf(text);
  if (reader.lines.length > bounds.lines) {
    report(`the Dockerfile has more than ${bounds.lines} lines`, bounds.lines, 1);
    return { lines: [], next: 0 };
  }
  const long = reader.lines.findIndex((line) => line.length > bounds.lineCharacters);
  if (long < 0) return reader;
  report(`the line has more than ${bounds.lineCharacters} characters`, long + 1, 1);
  return { lines: reader.lines.slice(0, long), next: 0 };
}

function readInstructions(parser: Parser): readonly Instruction[] {
  const instructions: Instruction[] = [];
  for (;;) {
    const line = nextLogicalLine(parser.reader, parser.escapeCharacter);
    if (line === undefined) return instructions;
    if (instructions.length >= dockerfileBounds.instructions) {
      parser.report(`the Dockerfile has more than ${dockerfileBounds.instructions} instructions`, line.line, 1);
      return instructions;
    }
    const instruction = readInstruction(parser, line);
    if (instruction !== undefined) instructions.push(instruction);
  }
}

function readInstruction(parser: Parser, line: LogicalLine): Instruction | undefined {
  const bare = splitInstruction(line.text, 0, line, parser.escapeCharacter);
  parser.seen.push({ keyword: bare.keyword, ...line.placeAt(0) });
  const heredocs = takesHeredocs(bare) ? readHeredocs(parser, line) : [];
  const endLine = Math.max(line.endLine, heredocs.length > 0 ? parser.reader.next : 0);
  return finish(bare, { ...line, endLine }, heredocs, parser);
}

interface Bare {
  readonly keyword: string;
  readonly offset: number;
  readonly flags: Instruction['flags'];
  readonly rest: string;
  readonly restOffset: number;
  readonly array: readonly string[] | undefined;
  readonly mistake?: string;
  readonly trigger?: Bare;
}

function splitInstruction(
  text: string,
  offset: number,
  line: LogicalLine,
  escapeCharacter: EscapeCharacter,
  depth = 0,
): Bare {
  const keyword = /^[^\t\v\f\r ]+/.exec(text.slice(offset))?.[0] ?? '';
  const after = offset + keyword.length;
  const { flags, restOffset } = splitFlags(text.slice(after), escapeCharacter, (at) => line.placeAt(after + at));
  let start = after + restOffset;
  while (start < text.length && isBlank(text[start] ?? '')) start++;
  const rest = text.slice(start).trimEnd();
  const upper = keyword.toUpperCase();
  const bare = { keyword: upper, offset, flags, rest, restOffset: start, array: undefined };
  if (upper === 'ONBUILD' && rest !== '' && depth < 2) {
    return { ...bare, trigger: splitInstruction(text, start, line, escapeCharacter, depth + 1) };
  }
  return { ...bare, ...readArray(upper, rest) };
}

const takesArray = new Set(['ADD', 'CMD', 'COPY', 'ENTRYPOINT', 'RUN', 'SHELL', 'VOLUME', 'HEALTHCHECK']);

function readArray(keyword: string, rest: string): Pick<Bare, 'array' | 'mistake'> {
  if (!takesArray.has(keyword)) return { array: undefined };
  // HEALTHCHECK's array stands after its first word.
  const text = keyword === 'HEALTHCHECK' ? rest.replace(/^\S+\s*/, '') : rest;
  try {
    return { array: readStringArray(text) };
  } catch (error) {
    return { array: undefined, mistake: isFanfoldError(error) ? error.message : String(error) };
  }
}

function takesHeredocs(bare: Bare): boolean {
  const { keyword, array } = bare.trigger ?? bare;
  return array === undefined && (keyword === 'RUN' || keyword === 'COPY' || keyword === 'ADD');
}

function readHeredocs(parser: Parser, line: LogicalLine): readonly Heredoc[] {
  return heredocsOf(line.text).map((announced) => {
    const { heredoc, closed } = readBody(parser.reader, announced);
    if (!closed) {
      const { line: at, column } = line.placeAt(Math.max(0, line.text.indexOf('<<')));
      parser.report(`the heredoc ${announced.name} is not closed`, at, column, `end it with a line ${announced.name}`);
    }
    return heredoc;
  });
}

function finish(bare: Bare, line: LogicalLine, heredocs: readonly Heredoc[], parser: Parser): Instruction | undefined {
  const place = { ...line.placeAt(bare.offset), endLine: line.endLine };
  if (!isKeyword(bare.keyword)) {
    const nearest = nearestName(bare.keyword, keywords);
    const hint = nearest === undefined ? undefined : `write ${nearest}`;
    parser.report(`${bare.keyword} is no instruction`, place.line, place.column, hint);
    return undefined;
  }
  if (bare.keyword === 'ONBUILD' && bare.trigger?.keyword === 'ONBUILD') {
    const at = line.placeAt(bare.trigger.offset);
    parser.report('ONBUILD cannot stand after ONBUILD', at.line, at.column);
    return undefined;
  }
  const trigger = bare.trigger && finish(bare.trigger, line, heredocs, parser);
  if (bare.trigger !== undefined && trigger === undefined) return undefined;
  const instruction: Instruction = {
    keyword: bare.keyword,
    flags: bare.flags,
    rest: bare.rest,
    form: bare.array === undefined ? 'shell' : 'exec',
    ...(bare.array !== undefined && { exec: bare.array }),
    heredocs: bare.trigger === undefined ? heredocs : [],
    comments: line.comments,
    place,
    ...(trigger !== undefined && { trigger }),
    source: line.text.slice(bare.offset),
  };
  return isSound(instruction, bare, line, parser) ? instruction : undefined;
}

function isSound(instruction: Instruction, bare: Bare, line: LogicalLine, parser: Parser): boolean {
  const rest = line.placeAt(bare.rest === '' ? bare.offset : bare.restOffset);
  if (bare.mistake !== undefined) {
    parser.report(bare.mistake, rest.line, rest.column, 'put every item into double quotes');
    return false;
  }
  if (!checkFlags(instruction, parser.report)) return false;
  try {
    makeAction(instruction, { escapeCharacter: parser.escapeCharacter });
    return true;
  } catch (error) {
    if (!isFanfoldError(error)) throw error;
    parser.report(error.message, rest.line, rest.column, error.hint);
    return false;
  }
}

function checkOrder({ seen, report }: Parser): void {
  const firstFrom = seen.findIndex(({ keyword }) => keyword === 'FROM');
  for (const { keyword, line, column } of firstFrom < 0 ? seen : seen.slice(0, firstFrom)) {
    if (keyword === 'ARG' || !isKeyword(keyword)) continue;
    report(`${keyword} stands before the first FROM`, line, column, 'move it into a stage');
  }
  if (firstFrom < 0) report('the Dockerfile has no FROM', 1, 1, 'begin a stage with FROM');
}
