/** Go's filepath.Match: the patterns of COPY and ADD sources. `*` and `?` do not cross `/`; there is no `**`. */

type Token =
  | { readonly kind: 'star' }
  | { readonly kind: 'any' }
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'class'; readonly negated: boolean; readonly ranges: readonly (readonly [number, number])[] };

/** Whether a name contains a wildcard that is not escaped. */
export function hasWildcard(name: string): boolean {
  for (let index = 0; index < name.length; index++) {
    const character = name[index] ?? '';
    if (character === '\\') index++;
    else if ('*?['.includes(character)) return true;
  }
  return false;
}

/** A test for whole names; undefined for a malformed pattern. */
export function compileGlob(pattern: string): ((name: string) => boolean) | undefined {
  const tokens = tokensOf([...pattern]);
  return tokens && ((name) => matches(tokens, [...name]));
}

/**
 * Whether Go's Match refuses a pattern when asked for the name `.`: it looks at each stretch between stars only if what is
 * before it matches. patternmatcher checks its patterns so.
 */
export function isRefusedGlob(pattern: string): boolean {
  const characters = [...pattern];
  const before: Token[] = [];
  for (let start = 0; start < characters.length; ) {
    const end = stretchEnd(characters, start);
    const stretch = tokensOf(characters.slice(start, end));
    if (stretch === undefined) return true;
    before.push(...stretch);
    if (!matches([...before, { kind: 'star' }], ['.'])) return false;
    start = end;
  }
  return false;
}

// Stars at the start, then all up to the next star outside of a class.
function stretchEnd(characters: readonly string[], start: number): number {
  let index = start;
  while (characters[index] === '*') index++;
  for (let inClass = false; index < characters.length; index++) {
    const character = characters[index];
    if (character === '\\') index++;
    else if (character === '[') inClass = true;
    else if (character === ']') inClass = false;
    else if (character === '*' && !inClass) break;
  }
  return Math.min(index, characters.length);
}

function tokensOf(characters: readonly string[]): readonly Token[] | undefined {
  const tokens: Token[] = [];
  for (let index = 0; index < characters.length; ) {
    const character = characters[index++] ?? '';
    if (character === '*') tokens.push({ kind: 'star' });
    else if (character === '?') tokens.push({ kind: 'any' });
    else if (character === '[') {
      const read = readClass(characters, index);
      if (read === undefined) return undefined;
      tokens.push(read.token);
      index = read.next;
    } else {
      const text = character === '\\' ? characters[index++] : character;
      if (text === undefined) return undefined;
      tokens.push({ kind: 'literal', text });
    }
  }
  return tokens;
}

function readClass(characters: readonly string[], start: number): { token: Token; next: number } | undefined {
  const ranges: (readonly [number, number])[] = [];
  const negated = characters[start] === '^';
  let index = negated ? start + 1 : start;
  while (ranges.length === 0 || characters[index] !== ']') {
    const low = readClassCharacter(characters, index);
    if (low === undefined) return undefined;
    index = low.next;
    const isRange = characters[index] === '-';
    const high = isRange ? readClassCharacter(characters, index + 1) : low;
    if (high === undefined) return undefined;
    index = high.next;
    ranges.push([low.code, high.code]);
    if (index >= characters.length) return undefined;
  }
  return { token: { kind: 'class', negated, ranges }, next: index + 1 };
}

function readClassCharacter(characters: readonly string[], start: number): { code: number; next: number } | undefined {
  const first = characters[start];
  if (first === undefined || first === '-' || first === ']') return undefined;
  const index = first === '\\' ? start + 1 : start;
  const code = characters[index]?.codePointAt(0);
  // Something must follow: a class that is not closed is malformed.
  return code === undefined || index + 1 >= characters.length ? undefined : { code, next: index + 1 };
}

// After a mismatch only the last star can still take more, and never a `/`.
function matches(tokens: readonly Token[], name: readonly string[]): boolean {
  let token = 0;
  let position = 0;
  let star = -1;
  let taken = 0;
  while (position < name.length || token < tokens.length) {
    const current = tokens[token];
    if (current?.kind === 'star') {
      star = token++;
      taken = position;
    } else if (current !== undefined && matchesOne(current, name[position])) {
      token++;
      position++;
    } else {
      const next = name[taken];
      if (star < 0 || next === undefined || next === '/') return false;
      position = ++taken;
      token = star + 1;
    }
  }
  return true;
}

function matchesOne(token: Token, character: string | undefined): boolean {
  if (character === undefined) return false;
  switch (token.kind) {
    case 'star':
      return false;
    case 'any':
      return character !== '/';
    case 'literal':
      return token.text === character;
    case 'class': {
      const code = character.codePointAt(0) ?? 0;
      return token.negated !== token.ranges.some(([low, high]) => low <= code && code <= high);
    }
  }
}
