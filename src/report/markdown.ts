/** Markdown from text that may hold anything: no name or log line becomes a link, an image, a heading or HTML. */

/** Text in a line or a table's cell, shown as it is written. */
export function markdownText(text: string): string {
  return [...text.replace(/\s+/g, ' ')]
    .map((character) => (isPlain(character) ? character : entity(character)))
    .join('');
}

/** What Markdown and HTML give no meaning to, wherever it stands in a line. */
function isPlain(character: string): boolean {
  return /[\p{L}\p{M}\p{N} ,;/+=%?'"()-]/u.test(character) || character === '.';
}

function entity(character: string): string {
  return /\p{Cc}/u.test(character) ? '\ufffd' : `&#${character.codePointAt(0)};`;
}

/** Lines in a box, shown as they are: the fence is longer than any in them. */
export function markdownBlock(lines: readonly string[]): string {
  const clean = lines.map((line) => line.replace(/[^\P{Cc}\t]/gu, '\ufffd'));
  const longest = Math.max(2, ...clean.flatMap((line) => line.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return [`${fence}text`, ...clean, fence].join('\n');
}

/** A table's rows, the first of which is its heading; every cell is Markdown already. */
export function markdownTable(heading: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(heading), line(heading.map(() => '---')), ...rows.map(line)];
}

/** The beginning of a digest, as people compare it. */
export function shortDigest(digest: string): string {
  return `\`${digest.replace(/[^a-z0-9:]/g, '').slice(0, 19)}\``;
}
