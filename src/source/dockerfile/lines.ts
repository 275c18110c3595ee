/** Physical lines to logical ones: continuations joined, comments and blank lines between them left out. */
import type { EscapeCharacter } from './instruction.ts';

/** Text of one or more physical lines, and where each piece of it stands. */
export interface LogicalLine {
  /** Joined, trimmed. */
  readonly text: string;
  /** The line of the first character; lines count from 1. */
  readonly line: number;
  readonly endLine: number;
  /** Comments directly above, without `#`. */
  readonly comments: readonly string[];
  readonly placeAt: (offset: number) => { readonly line: number; readonly column: number };
}

/** Physical lines and how far they were read. Line ends stay on the lines. */
export interface LineReader {
  readonly lines: readonly string[];
  next: number;
}

interface Piece {
  readonly offset: number;
  readonly line: number;
  readonly column: number;
}

/** A reader over a text, its byte order mark left out. */
export function readerOf(text: string): LineReader {
  const lines = text.replace(/^\ufeff/, '').split(/(?<=\n)/);
  return { lines, next: 0 };
}

/** The line without its end. */
export function withoutLineEnd(line: string): string {
  return trimEnd(line, '\r\n');
}

/** The next logical line that is not empty; undefined at the end. */
export function nextLogicalLine(reader: LineReader, escapeCharacter: EscapeCharacter): LogicalLine | undefined {
  let comments: string[] = [];
  for (let line = reader.lines[reader.next]; line !== undefined; line = reader.lines[reader.next]) {
    const text = withoutLineEnd(line).trimStart();
    if (text.startsWith('#')) {
      const comment = text.slice(1).trim();
      if (comment === '') comments = [];
      else comments.push(comment);
      reader.next++;
    } else if (text === '') reader.next++;
    else {
      const joined = joinLines(reader, escapeCharacter, comments);
      if (joined.text !== '') return joined;
    }
  }
  return undefined;
}

function joinLines(reader: LineReader, escapeCharacter: EscapeCharacter, comments: readonly string[]): LogicalLine {
  const parts: string[] = [];
  const pieces: Piece[] = [];
  let length = 0;
  let open = true;
  const first = reader.next;
  let last = first;
  while (open && reader.next < reader.lines.length) {
    const number = reader.next++;
    const raw = withoutLineEnd(reader.lines[number] ?? '');
    // The first line loses the spaces before it, the others keep them.
    const skipped = number === first ? raw.length - raw.trimStart().length : 0;
    const text = raw.slice(skipped);
    if (number !== first && /^\s*(#|$)/.test(text)) continue;
    last = number;
    const body = withoutContinuation(text, escapeCharacter);
    open = body !== undefined;
    pieces.push({ offset: length, line: number + 1, column: skipped + 1 });
    parts.push(body ?? text);
    length += (body ?? text).length;
  }
  const whole = parts.join('');
  const cut = whole.length - whole.trimStart().length;
  const place = placeIn(pieces, cut);
  return { text: whole.trim(), line: place(0).line, endLine: last + 1, comments, placeAt: place };
}

// An escape character before it makes it an ordinary one.
function withoutContinuation(text: string, escapeCharacter: EscapeCharacter): string | undefined {
  const end = trimEnd(text, ' \t');
  if (!end.endsWith(escapeCharacter) || end.at(-2) === escapeCharacter) return undefined;
  return end.slice(0, -1);
}

// A loop, for a regular expression would take quadratic time over long runs.
function trimEnd(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text[end - 1] ?? '')) end--;
  return text.slice(0, end);
}

function placeIn(pieces: readonly Piece[], cut: number): LogicalLine['placeAt'] {
  return (offset) => {
    const wanted = offset + cut;
    const piece = pieces.findLast((candidate) => candidate.offset <= wanted) ?? pieces[0];
    if (piece === undefined) return { line: 1, column: 1 };
    return { line: piece.line, column: piece.column + wanted - piece.offset };
  };
}
