/** Comments of a matrix file that belong to an entry: those right above it, and those inside of it. */

/** The comments, without their `#`, in the order of the file, of the entry (a list's item) that begins at `offset` of `text`. */
export function commentsOf({ text, offset }: { readonly text: string; readonly offset: number }): readonly string[] {
  const lines = linesOf(text);
  const first = lineOf(text, offset);
  const indent = indentOf(lines[first] ?? '');
  if (!isItem(lines[first] ?? '')) return [];
  const above: string[] = [];
  for (let at = first - 1; isComment(lines[at]); at--) above.unshift(lines[at] ?? '');
  const inside: string[] = [];
  let waiting: string[] = [];
  for (let at = first + 1; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (isComment(line)) waiting.push(line);
    else if (line.trim() === '') waiting = [];
    else if (indentOf(line) <= indent) break;
    else inside.push(...waiting.splice(0));
  }
  return [...above, ...inside].map((line) => line.trim().replace(/^#/, ''));
}

/** The text that was split last: entries of one file come one after another. */
let split: { readonly text: string; readonly lines: readonly string[] } | undefined;

function linesOf(text: string): readonly string[] {
  if (split?.text !== text) split = { text, lines: text.split('\n') };
  return split.lines;
}

function lineOf(text: string, offset: number): number {
  let line = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line++;
  return line;
}

function isComment(line: string | undefined): boolean {
  return line !== undefined && /^\s*#/.test(line);
}

function isItem(line: string): boolean {
  return /^\s*-(?:\s|$)/.test(line);
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}
