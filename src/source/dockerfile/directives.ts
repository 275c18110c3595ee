/** Parser directives at the head of a Dockerfile (Dockerfile reference, "Parser directives"). */

import type { Directives, EscapeCharacter } from './instruction.ts';
import { withoutLineEnd } from './lines.ts';

/** The directives and what is wrong with them. */
export interface ReadDirectives {
  readonly directives: Directives;
  readonly mistakes: readonly { readonly message: string; readonly line: number; readonly hint?: string }[];
}

interface Found {
  readonly name: string;
  readonly value: string;
  readonly line: number;
}

const directive = /^#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(\S.*)$/;
const slashDirective = /^\/\/\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(\S.*)$/;
const known = new Set(['syntax', 'escape', 'check']);

/** Reads the directives of a file's lines (no byte order mark on the first). Never throws. */
export function readDirectives(lines: readonly string[]): ReadDirectives {
  const mistakes: { message: string; line: number; hint?: string }[] = [];
  const found = new Map<string, Found>();
  for (const item of headOf(lines, directive, true)) {
    if (found.has(item.name)) {
      mistakes.push({ message: `the parser directive ${item.name} is given twice`, line: item.line });
    } else found.set(item.name, item);
  }
  const written = found.get('escape');
  const character: EscapeCharacter | undefined = asEscape(written?.value);
  if (written !== undefined && character === undefined) {
    const message = `the escape character ${JSON.stringify(written.value)} is not possible`;
    mistakes.push({ message, line: written.line, hint: 'use a backslash or a backtick' });
  }
  const check = found.get('check')?.value;
  const syntax = syntaxOf(lines);
  const directives = { ...(syntax && { syntax }), ...(check && { check }), escape: character ?? '\\' } as const;
  return { directives, mistakes };
}

// The frontend is looked for before any parser runs: behind a shebang, and in `//` comments as well.
function syntaxOf(lines: readonly string[]): string | undefined {
  const head = lines[0]?.startsWith('#!') ? lines.slice(1) : lines;
  const all = [...headOf(head, directive, false), ...headOf(head, slashDirective, false)];
  return all.find((item) => item.name === 'syntax')?.value.split(' ')[0];
}

function headOf(lines: readonly string[], form: RegExp, indented: boolean): readonly Found[] {
  const head: Found[] = [];
  for (const [index, line] of lines.entries()) {
    const text = withoutLineEnd(line);
    const [, written, value] = form.exec(indented ? text.trimStart() : text) ?? [];
    const name = written?.toLowerCase();
    if (name === undefined || value === undefined || !known.has(name)) break;
    head.push({ name, value: value.trimEnd(), line: index + 1 });
  }
  return head;
}

function asEscape(value: string | undefined): EscapeCharacter | undefined {
  return value === '\\' || value === '`' ? value : undefined;
}
