/** Shell word expansion as BuildKit does it for Dockerfile instructions (Dockerfile reference, "Environment replacement"). */
import { type ExpandOptions, type Lexer, lookUp, mistake, next, peek, readName, Words } from './lexer.ts';
import { replacePattern, trimPattern } from './shell-pattern.ts';

/** An expanded word and the variables that it read. */
export interface Expansion {
  readonly value: string;
  /** Variables that were set. */
  readonly used: ReadonlySet<string>;
  /** Variables that were read and not set. */
  readonly unknown: ReadonlySet<string>;
}

/** Expanded text, split into words. */
export interface WordsExpansion {
  readonly words: readonly string[];
  readonly used: ReadonlySet<string>;
  readonly unknown: ReadonlySet<string>;
}

/** No result is longer, so that `A=$A$A` in a loop cannot fill the memory. */
const maxExpandedLength = 262_144;
const maxDepth = 64;

/**
 * Expands variables and takes quotes away; spaces stay.
 * @throws FanfoldError `dockerfile.expansion`
 */
export function expand(word: string, env: ReadonlyMap<string, string>, options: ExpandOptions = {}): Expansion {
  const { text, used, unknown } = lex(word, env, options, false);
  return { value: text, used, unknown };
}

/**
 * Expands variables, takes quotes away and splits at spaces that were not quoted.
 * @throws FanfoldError `dockerfile.expansion`
 */
export function expandWords(
  word: string,
  env: ReadonlyMap<string, string>,
  options: ExpandOptions = {},
): WordsExpansion {
  const { words, used, unknown } = lex(word, env, options, true);
  return { words, used, unknown };
}

interface Lexed {
  readonly text: string;
  readonly words: readonly string[];
  readonly used: ReadonlySet<string>;
  readonly unknown: ReadonlySet<string>;
}

const nothing: ReadonlySet<string> = new Set();
/** Longer texts go the long way, which has the bounds. */
const plainText = /^[\w./:=@,+-]{0,1000}$/;

function lex(word: string, env: ReadonlyMap<string, string>, options: ExpandOptions, isSplit: boolean): Lexed {
  if (plainText.test(word)) {
    return { text: word, words: isSplit && word !== '' ? [word] : [], used: nothing, unknown: nothing };
  }
  const simple = isSplit ? undefined : simplyExpanded(word, env, options);
  if (simple !== undefined) return simple;
  const lexer: Lexer = {
    characters: [...word],
    env,
    escapeCharacter: options.escapeCharacter ?? '\\',
    options,
    used: new Set(),
    unknown: new Set(),
    words: isSplit ? new Words() : undefined,
    position: 0,
  };
  const text = readUntil(lexer, undefined, options.rawEscapes ?? false, 0);
  return { text, words: lexer.words?.done() ?? [], used: lexer.used, unknown: lexer.unknown };
}

const simpleText = /^(?:[\w./:=@,+-]|\$\{[A-Za-z_][A-Za-z0-9_]*\}){1,1000}$/;

/** Plain text with `${NAME}` in it, as most is; undefined where there is more to understand, or to bound. */
function simplyExpanded(
  word: string,
  env: ReadonlyMap<string, string>,
  { keepUnset }: ExpandOptions,
): Lexed | undefined {
  if (keepUnset === true || !simpleText.test(word)) return undefined;
  const used = new Set<string>();
  const unknown = new Set<string>();
  const text = word.replace(/\$\{(\w+)\}/g, (_, name: string) => {
    const value = env.get(name);
    (value === undefined ? unknown : used).add(name);
    return value ?? '';
  });
  return text.length > maxExpandedLength ? undefined : { text, words: [], used, unknown };
}

/** Reads to the end, or over `stop` inside of a substitution. */
function readUntil(lexer: Lexer, stop: string | undefined, rawEscapes: boolean, depth: number): string {
  if (depth > maxDepth) throw mistake('substitutions are nested too deep');
  const words = depth === 0 ? lexer.words : undefined;
  let text = '';
  for (let character = peek(lexer); character !== undefined; character = peek(lexer)) {
    if (character === stop) {
      lexer.position++;
      return text;
    }
    const special = readSpecial(lexer, character, rawEscapes, depth);
    const piece = special ?? (character === lexer.escapeCharacter ? readEscaped(lexer, rawEscapes) : next(lexer)) ?? '';
    text += piece;
    if (text.length > maxExpandedLength) throw mistake('the expanded text is too long');
    // What a variable holds is split as well; what was quoted or escaped is not.
    const isPlain = special === undefined ? character !== lexer.escapeCharacter : character === '$';
    if (isPlain) words?.addSplit(piece);
    else words?.addWhole(piece);
  }
  if (stop !== undefined) throw mistake(`${JSON.stringify(stop)} is missing at the end of a substitution`);
  return text;
}

function readSpecial(lexer: Lexer, character: string, rawEscapes: boolean, depth: number): string | undefined {
  if (character === '$') return readVariable(lexer, depth);
  if (character === '<') return readLess(lexer);
  if (lexer.options.skipQuotes) return undefined;
  if (character === "'") return readSingleQuoted(lexer);
  if (character === '"') return readDoubleQuoted(lexer, rawEscapes, depth);
  return undefined;
}

// An escape character at the very end is dropped.
function readEscaped(lexer: Lexer, rawEscapes: boolean): string {
  lexer.position++;
  const escaped = next(lexer);
  return (rawEscapes ? lexer.escapeCharacter : '') + (escaped ?? '');
}

// `<< NAME` is one word: a heredoc's spaces do not split it.
function readLess(lexer: Lexer): string {
  lexer.position++;
  if (peek(lexer) !== '<') return '<';
  lexer.position++;
  let text = '<<';
  for (let space = peek(lexer); space === ' ' || space === '\t' || space === '\r'; space = peek(lexer)) {
    text += space;
    lexer.position++;
  }
  return text;
}

function readSingleQuoted(lexer: Lexer): string {
  const start = lexer.position + 1;
  const end = lexer.characters.indexOf("'", start);
  if (end < 0) throw mistake('a single quote is not closed');
  lexer.position = end + 1;
  const text = lexer.characters.slice(start, end).join('');
  return lexer.options.rawQuotes ? `'${text}'` : text;
}

function readDoubleQuoted(lexer: Lexer, rawEscapes: boolean, depth: number): string {
  lexer.position++;
  const quote = lexer.options.rawQuotes ? '"' : '';
  let text = quote;
  for (let character = peek(lexer); character !== undefined; character = peek(lexer)) {
    if (character === '"') {
      lexer.position++;
      return text + quote;
    }
    if (character === '$') text += readVariable(lexer, depth);
    else text += readInQuotes(lexer, rawEscapes);
    if (text.length > maxExpandedLength) throw mistake('the expanded text is too long');
  }
  throw mistake('a double quote is not closed');
}

// In double quotes only `"`, `$` and the escape character itself can be escaped.
function readInQuotes(lexer: Lexer, rawEscapes: boolean): string {
  const character = next(lexer) ?? '';
  if (character !== lexer.escapeCharacter) return character;
  const kept = rawEscapes ? character : '';
  const escaped = peek(lexer);
  if (escaped === undefined) return kept;
  if (escaped !== '"' && escaped !== '$' && escaped !== lexer.escapeCharacter) return kept + character;
  lexer.position++;
  return kept + escaped;
}

function readVariable(lexer: Lexer, depth: number): string {
  lexer.position++;
  if (peek(lexer) === '{') {
    lexer.position++;
    return readBraced(lexer, depth);
  }
  const name = readName(lexer);
  if (name === '') return '$';
  const value = lookUp(lexer, name);
  return value ?? (lexer.options.keepUnset ? `$${name}` : '');
}

function readBraced(lexer: Lexer, depth: number): string {
  const first = peek(lexer);
  if (first === undefined) throw mistake('a substitution is not closed with }');
  if (first === '{' || first === '}' || first === ':') throw mistake('a substitution has no variable');
  const name = readName(lexer);
  const operator = next(lexer);
  switch (operator) {
    case '}':
      return lookUp(lexer, name) ?? (lexer.options.keepUnset ? `\${${name}}` : '');
    case ':':
    case '+':
    case '-':
    case '?':
    case '#':
    case '%':
      return readModifier(lexer, name, operator, depth);
    case '/':
      return readReplacement(lexer, name, depth);
    default:
      throw mistake(`the substitution of ${name} has the unknown modifier ${operator ?? ''}`);
  }
}

function readModifier(lexer: Lexer, name: string, first: string, depth: number): string {
  const emptyCounts = first === ':';
  const operator = emptyCounts ? (next(lexer) ?? '') : first;
  const isTrim = operator === '#' || operator === '%';
  if (emptyCounts && isTrim) throw mistake(`the substitution of ${name} has the unknown modifier :${operator}`);
  const text = readUntil(lexer, '}', isTrim, depth + 1);
  const value = lookUp(lexer, name);
  if (value === undefined && lexer.options.keepUnset) return `\${${name}${emptyCounts ? ':' : ''}${operator}${text}}`;
  const missing = value === undefined || (emptyCounts && value === '');
  switch (operator) {
    case '-':
      return missing ? text : value;
    case '+':
      return missing ? '' : text;
    case '?':
      if (missing) throw mistake(`${name}: ${text || `must be set${emptyCounts ? ' and not empty' : ''}`}`);
      return value;
    case '#':
    case '%':
      return trim(text, value ?? '', operator);
    default:
      throw mistake(`the substitution of ${name} has the unknown modifier :${operator}`);
  }
}

function trim(text: string, value: string, operator: '#' | '%'): string {
  const longest = text.startsWith(operator);
  return trimPattern(value, longest ? text.slice(1) : text, operator === '#' ? 'start' : 'end', longest);
}

function readReplacement(lexer: Lexer, name: string, depth: number): string {
  const all = peek(lexer) === '/';
  if (all) lexer.position++;
  const pattern = readUntil(lexer, '/', true, depth + 1);
  const replacement = readUntil(lexer, '}', true, depth + 1);
  const value = lookUp(lexer, name);
  if (value === undefined && lexer.options.keepUnset) return `\${${name}/${pattern}/${replacement}}`;
  return replacePattern(value ?? '', pattern, replacement, all);
}
