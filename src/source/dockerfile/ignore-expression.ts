/**
 * moby/patternmatcher's patterns as expressions. It makes a Go regular expression of each character in turn, so that a class
 * is Go's, with what became of the characters in it; here that expression is read by Go's rules.
 */

/** How a pattern is matched: by comparison where it has no wildcard but `**` at one end. */
export interface TranslatedPattern {
  readonly kind: 'exact' | 'prefix' | 'suffix' | 'expression';
  /** Go's expression, without `^` and `$` around it. */
  readonly expression: string;
}

interface Item {
  /** One character, as a JavaScript expression; or a condition that takes none. */
  readonly source: string;
  readonly repeat: '' | '*' | 'folders';
}

const escaped = new Set('.+()|{}$');

/** A cleaned pattern to its kind and expression. */
export function translatePattern(text: string): TranslatedPattern {
  let expression = '';
  let kind: TranslatedPattern['kind'] = 'exact';
  const characters = [...text];
  for (let index = 0, turn = 0; index < characters.length; turn++) {
    const character = characters[index++] ?? '';
    if (character === '*' && characters[index] === '*') {
      index += characters[index + 1] === '/' ? 2 : 1;
      const isLast = index >= characters.length;
      if (!isLast || kind !== 'exact') expression += isLast ? '.*' : '(.*/)?';
      // Only a `**` at the very start makes a suffix; any other wildcard makes an expression of it again.
      kind = turn === 0 ? 'suffix' : isLast && kind === 'exact' ? 'prefix' : 'expression';
    } else if ('*?[]'.includes(character)) {
      expression += { '*': '[^/]*', '?': '[^/]' }[character] ?? character;
      kind = 'expression';
    } else if (character === '\\') {
      expression += character + (characters[index++] ?? '');
      kind = 'expression';
    } else expression += (escaped.has(character) ? '\\' : '') + character;
  }
  return { kind, expression };
}

/** A test for whole paths; undefined where Go would refuse the expression. */
export function compileExpression(expression: string): ((path: string) => boolean) | undefined {
  const items = itemsOf([...expression]);
  if (items === undefined) return undefined;
  // Backtracking takes time by the power of the repetitions.
  if (items.filter((item) => item.repeat !== '').length > 3) return simulate(items);
  const source = items.map((item) => (item.repeat === 'folders' ? '(?:[^\\n]*/)?' : item.source + item.repeat));
  const compiled = new RegExp(`^${source.join('')}$`, 'u');
  return (path) => compiled.test(path);
}

function itemsOf(characters: readonly string[]): readonly Item[] | undefined {
  const items: Item[] = [];
  for (let index = 0; index < characters.length; ) {
    const character = characters[index] ?? '';
    if (character === '(') {
      items.push({ source: '', repeat: 'folders' });
      index += '(.*/)?'.length;
      continue;
    }
    const one = readOne(characters, index);
    if (one === undefined) return undefined;
    index = one.next;
    const isRepeated = characters[index] === '*';
    if (isRepeated) index++;
    items.push({ source: one.source, repeat: isRepeated ? '*' : '' });
  }
  return items;
}

function readOne(characters: readonly string[], start: number): { source: string; next: number } | undefined {
  const character = characters[start] ?? '';
  if (character === '[') return readClass(characters, start + 1);
  if (character === '.') return { source: '[^\\n]', next: start + 1 };
  if (character === '^') return { source: '(?!)', next: start + 1 };
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

/** All states at once: time by path times pattern, whatever the pattern. */
function simulate(items: readonly Item[]): (path: string) => boolean {
  const tests = items.map((item) => new RegExp(`^${item.repeat === 'folders' ? '[^\\n]' : item.source}$`, 'u'));
  return (path) => {
    let states = closure(new Set([0]), items);
    for (const character of path) {
      const following = new Set<number>();
      for (const state of states) advance(state, character, items, tests, following);
      states = closure(following, items);
    }
    return states.has(items.length);
  };
}

// State n stands before item n; state -1-n is inside the folders of item n.
function advance(
  state: number,
  character: string,
  items: readonly Item[],
  tests: readonly RegExp[],
  following: Set<number>,
): void {
  const index = state < 0 ? -1 - state : state;
  const item = items[index];
  if (item === undefined || !tests[index]?.test(character)) return;
  if (item.repeat === 'folders') {
    following.add(-1 - index);
    if (character === '/') following.add(index + 1);
  } else following.add(item.repeat === '*' ? index : index + 1);
}

function closure(states: Set<number>, items: readonly Item[]): Set<number> {
  for (const state of states)
    if (state >= 0 && items[state] !== undefined && items[state]?.repeat !== '') states.add(state + 1);
  return states;
}
