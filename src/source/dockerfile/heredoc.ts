/** Here-documents of RUN, COPY and ADD (Dockerfile reference, "Here-Documents"). */
import { isFanfoldError } from '../../base/errors/error.ts';
import { expandWords } from './expand.ts';
import type { Heredoc } from './instruction.ts';
import { type LineReader, withoutLineEnd } from './lines.ts';

/** What announces a heredoc. */
export type HeredocHead = Omit<Heredoc, 'content' | 'line'>;

const head = /^(\d*)<<(-?)\s*([^<]*)$/;
const noVariables: ReadonlyMap<string, string> = new Map();
const maxHeredocs = 64;

/** The heredocs that a logical line announces, in order; none where its quotes do not close. */
export function heredocsOf(line: string): readonly HeredocHead[] {
  if (!line.includes('<<')) return [];
  return wordsOf(line, { rawQuotes: true, rawEscapes: true })
    .flatMap((word) => heredocHead(word) ?? [])
    .slice(0, maxHeredocs);
}

/** Reads a word as `[fd]<<[-]NAME`; undefined where it is something else. A quoted name means that the body is not expanded. */
export function heredocHead(word: string): HeredocHead | undefined {
  const [, digits, dash, rest] = head.exec(word) ?? [];
  if (!rest) return undefined;
  const [name, ...more] = wordsOf(rest, {});
  const [raw] = wordsOf(rest, { rawQuotes: true });
  if (name === undefined || raw === undefined || more.length > 0) return undefined;
  const expand = quotesIn(name) === quotesIn(raw);
  return { name, fileDescriptor: Number(digits ?? 0), expand, strip: dash === '-' };
}

/** Reads a heredoc's body up to its end; `closed` is false where the file ends first. */
export function readBody(reader: LineReader, announced: HeredocHead): { heredoc: Heredoc; closed: boolean } {
  const lines: string[] = [];
  const line = reader.next + 1;
  let closed = false;
  while (!closed && reader.next < reader.lines.length) {
    const text = reader.lines[reader.next++] ?? '';
    const bare = withoutLineEnd(text);
    closed = (announced.strip ? bare.replace(/^\t+/, '') : bare) === announced.name;
    if (!closed) lines.push(text);
  }
  return { heredoc: { ...announced, content: lines.join(''), line }, closed };
}

/** The body as a file holds it: `<<-` takes the tabs from the start of each line. */
export function bodyOf(heredoc: Heredoc): string {
  return heredoc.strip ? heredoc.content.replace(/^\t+/gm, '') : heredoc.content;
}

// The escape directive does not count here: heredocs are the shell's.
function wordsOf(text: string, options: { rawQuotes?: boolean; rawEscapes?: boolean }): readonly string[] {
  try {
    return expandWords(text, noVariables, { ...options, keepUnset: true }).words;
  } catch (error) {
    if (isFanfoldError(error)) return [];
    throw error;
  }
}

function quotesIn(text: string): number {
  return text.replace(/[^'"]/g, '').length;
}
