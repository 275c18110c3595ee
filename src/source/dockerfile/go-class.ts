/** Characters and classes of Go's regular expressions (RE2 syntax), as JavaScript writes them. */

/** One character or class at a place of an expression, as JavaScript writes it; undefined where Go refuses it. */
export function readOne(characters: readonly string[], start: number): { source: string; next: number } | undefined {
  const character = characters[start] ?? '';
  if (character === '[') return readClass(characters, start + 1);
  if (character === '.') return { source: '[^\\n]', next: start + 1 };
  if (character !== '\\') return { source: literal(character), next: start + 1 };
  const source = escapeSource(characters[start + 1]);
  return source === undefined ? undefined : { source, next: start + 2 };
}

const perlClasses: Readonly<Record<string, string>> = {
  d: '0-9',
  w: '0-9A-Za-z_',
  s: '\\t\\n\\f\\r ',
};
const controls: Readonly<Record<string, string>> = { a: '\\x07', f: '\\f', n: '\\n', r: '\\r', t: '\\t', v: '\\v' };

// Escaped punctuation is itself. Letters have Go's meanings; those that take no character or more text are refused.
function escapeSource(character: string | undefined): string | undefined {
  if (character === undefined) return undefined;
  const inside = perlClasses[character];
  if (inside !== undefined) return `[${inside}]`;
  const outside = perlClasses[character.toLowerCase()];
  if (outside !== undefined) return `[^${outside}]`;
  return escapedLiteral(character);
}

function escapedLiteral(character: string | undefined): string | undefined {
  if (character === undefined) return undefined;
  if (controls[character] !== undefined) return controls[character];
  return character < '\u0080' && !/^[0-9A-Za-z]$/.test(character) ? literal(character) : undefined;
}

function literal(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return /^[\p{L}\p{N}_]$/u.test(character) ? character : `\\u{${code.toString(16)}}`;
}

const posixClasses: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\x00-\\x7F',
  blank: '\\t ',
  cntrl: '\\x00-\\x1F\\x7F',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`\\{-~',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
};

function readClass(characters: readonly string[], start: number): { source: string; next: number } | undefined {
  const negated = characters[start] === '^';
  let index = negated ? start + 1 : start;
  let body = '';
  for (let first = true; first || characters[index] !== ']'; first = false) {
    const item = readClassItem(characters, index);
    if (item === undefined) return undefined;
    body += item.source;
    index = item.next;
  }
  return { source: `[${negated ? '^' : ''}${body}]`, next: index + 1 };
}

function readClassItem(characters: readonly string[], start: number): { source: string; next: number } | undefined {
  const posix = /^\[:(\^?)(\w+):\]/.exec(characters.slice(start, start + 12).join(''));
  const named = posix?.[1] === '' ? posixClasses[posix[2] ?? ''] : undefined;
  if (posix !== null) return named === undefined ? undefined : { source: named, next: start + posix[0].length };
  const perl = characters[start] === '\\' ? perlClasses[characters[start + 1] ?? ''] : undefined;
  if (perl !== undefined) return { source: perl, next: start + 2 };
  const low = readClassCharacter(characters, start);
  if (low === undefined || characters[low.next] !== '-') return low && { source: low.source, next: low.next };
  if (characters[low.next + 1] === ']') return { source: low.source, next: low.next };
  const high = readClassCharacter(characters, low.next + 1);
  if (high === undefined || high.code < low.code) return undefined;
  return { source: `${low.source}-${high.source}`, next: high.next };
}

interface ClassCharacter {
  readonly source: string;
  readonly code: number;
  readonly next: number;
}

function readClassCharacter(characters: readonly string[], start: number): ClassCharacter | undefined {
  const isEscaped = characters[start] === '\\';
  const character = characters[isEscaped ? start + 1 : start];
  if (character === undefined) return undefined;
  if (isEscaped && escapedLiteral(character) === undefined) return undefined;
  const named = isEscaped ? controlCodes[character] : undefined;
  const code = named ?? character.codePointAt(0) ?? 0;
  return { source: `\\u{${code.toString(16)}}`, code, next: start + (isEscaped ? 2 : 1) };
}

const controlCodes: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };
