/** One member of a JSON text, found and replaced without touching a byte of the rest. */

/** Where a value stands in a text, by UTF-16 code unit. */
export interface ValueRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Where the values of the outermost object's member `name` stand, in order: more than one where the name is repeated.
 * `text` must be valid JSON, an object outermost; what holds for other text is not said.
 */
export function memberRanges(text: string, name: string): readonly ValueRange[] {
  const found: ValueRange[] = [];
  let at = skipSpace(text, text.indexOf('{') + 1);
  while (text[at] === '"') {
    const keyEnd = stringEnd(text, at);
    const start = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const end = valueEnd(text, start);
    if (JSON.parse(text.slice(at, keyEnd)) === name) found.push({ start, end });
    at = skipSpace(text, end);
    if (text[at] === ',') at = skipSpace(text, at + 1);
  }
  return found;
}

/** `text` with another value in that place. */
export function replaceRange(text: string, range: ValueRange, value: string): string {
  return text.slice(0, range.start) + value + text.slice(range.end);
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && ' \t\n\r'.includes(text.charAt(at))) at += 1;
  return at;
}

/** Behind the string that begins at `from`. No regular expression: a string here may have millions of characters. */
function stringEnd(text: string, from: number): number {
  for (let quote = text.indexOf('"', from + 1); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return quote + 1;
  }
  return text.length;
}

function valueEnd(text: string, from: number): number {
  const first = text[from];
  if (first === '"') return stringEnd(text, from);
  if (first === '{' || first === '[') return bracketEnd(text, from);
  let at = from;
  while (at < text.length && !',}] \t\n\r'.includes(text.charAt(at))) at += 1;
  return at;
}

function bracketEnd(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') at = stringEnd(text, at) - 1;
    else if (character === '{' || character === '[') depth += 1;
    else if ((character === '}' || character === ']') && --depth === 0) return at + 1;
  }
  return text.length;
}
