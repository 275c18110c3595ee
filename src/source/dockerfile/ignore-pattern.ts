/** moby/patternmatcher's patterns as it turns them, character by character, into comparisons or Go regular expressions. */

/** How a pattern is matched: by comparison where it has no wildcard but `**` at one end. */
export interface TranslatedPattern {
  readonly kind: 'exact' | 'prefix' | 'suffix' | 'expression';
  /** Go's expression, without `^` and `$` around it. */
  readonly expression: string;
}

// It means to escape | { } too, but its table of characters ends before them: they keep their meaning.
const escaped = new Set('.+()$');

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
