/** Shell word expansion as BuildKit does it for Dockerfile instructions (Dockerfile reference, "Environment replacement"). */
import { FanfoldError } from '../../base/errors/error.ts';
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

/** The character of `# escape=`. */
export type EscapeCharacter = '\\' | '`';

/** What differs from plain expansion. */
export interface ExpandOptions {
  /** `\` unless told. */
  readonly escapeCharacter?: EscapeCharacter;
  /** Quotes are ordinary characters (bodies of heredocs). */
  readonly skipQuotes?: boolean;
  /** Quotes stay in the result. */
  readonly rawQuotes?: boolean;
  /** Escape characters stay in the result. */
  readonly rawEscapes?: boolean;
  /** A variable that is not set stays as it is written. */
  readonly keepUnset?: boolean;
}

/** No result is longer, so that `A=$A$A` in a loop cannot fill the memory. */
export const maxExpandedLength = 262_144;
const maxDepth = 64;

/**
 * Expands variables and takes quotes away; spaces stay.
 * @throws FanfoldError `dockerfile.expansion`
 */
export function expand(word: string, env: ReadonlyMap<string, string>, options: ExpandOptions = {}): Expansion {
  const { text, used, unknown } = lex(word, env, options);
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
  const { words, used, unknown } = lex(word, env, options);
  return { words, used, unknown };
}

interface Lexed {
  readonly text: string;
  readonly words: readonly string[];
  readonly used: ReadonlySet<string>;
  readonly unknown: ReadonlySet<string>;
}

interface Lexer {
  readonly characters: readonly string[];
  readonly env: ReadonlyMap<string, string>;
  readonly escapeCharacter: EscapeCharacter;
  readonly options: ExpandOptions;
  readonly used: Set<string>;
  readonly unknown: Set<string>;
  position: number;
}

function lex(word: string, env: ReadonlyMap<string, string>, options: ExpandOptions): Lexed {
  const lexer: Lexer = {
    characters: [...word],
    env,
    escapeCharacter: options.escapeCharacter ?? '\\',
    options,
    used: new Set(),
    unknown: new Set(),
    position: 0,
  };
  const { text, words } = readUntil(lexer, undefined, options.rawEscapes ?? false, 0);
  return { text, words, used: lexer.used, unknown: lexer.unknown };
}

const peek = (lexer: Lexer): string | undefined => lexer.characters[lexer.position];
const next = (lexer: Lexer): string | undefined => lexer.characters[lexer.position++];
const isSpace = (character: string): boolean => /^[\s\u0085]$/u.test(character) && character !== '\ufeff';

/** Reads to the end, or over `stop`; both the text as a whole and its words. */
function readUntil(lexer: Lexer, stop: string | undefined, rawEscapes: boolean, depth: number) {
  if (depth > maxDepth) throw mistake('substitutions are nested too deep');
  const words = new Words();
  let text = '';
  for (let character = peek(lexer); character !== undefined; character = peek(lexer)) {
    if (character === stop) {
      lexer.position++;
      return { text, words: words.done() };
    }
    const special = readSpecial(lexer, character, rawEscapes, depth);
    if (special !== undefined) {
      text += special;
      if (character === '$') words.addSplit(special);
      else words.addWhole(special);
    } else if (character === lexer.escapeCharacter) {
      const escaped = readEscaped(lexer, rawEscapes);
      text += escaped;
      words.addWhole(escaped);
    } else {
      lexer.position++;
      text += character;
      words.addSplit(character);
    }
    if (text.length > maxExpandedLength) throw mistake('the expanded text is too long');
  }
  if (stop !== undefined) throw mistake(`${JSON.stringify(stop)} is missing at the end of a substitution`);
  return { text, words: words.done() };
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
  const { text } = readUntil(lexer, '}', isTrim, depth + 1);
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
  const { text: pattern } = readUntil(lexer, '/', true, depth + 1);
  const { text: replacement } = readUntil(lexer, '}', true, depth + 1);
  const value = lookUp(lexer, name);
  if (value === undefined && lexer.options.keepUnset) return `\${${name}/${pattern}/${replacement}}`;
  return replacePattern(value ?? '', pattern, replacement, all);
}

/** A name of letters, digits and `_`; only digits where it begins with one; else a single special parameter. */
function readName(lexer: Lexer): string {
  const first = peek(lexer);
  if (first === undefined) return '';
  if (/^\p{Nd}$/u.test(first)) return readWhile(lexer, /^\p{Nd}$/u);
  if ('@*#?-$!0'.includes(first)) {
    lexer.position++;
    return first;
  }
  return readWhile(lexer, /^[\p{L}\p{Nd}_]$/u);
}

function readWhile(lexer: Lexer, allowed: RegExp): string {
  const start = lexer.position;
  for (let character = peek(lexer); character !== undefined && allowed.test(character); character = peek(lexer)) {
    lexer.position++;
  }
  return lexer.characters.slice(start, lexer.position).join('');
}

function lookUp(lexer: Lexer, name: string): string | undefined {
  const value = lexer.env.get(name);
  (value === undefined ? lexer.unknown : lexer.used).add(name);
  return value;
}

/** Words as they grow: spaces end one where they were not quoted; quotes alone make no word. */
class Words {
  private readonly words: string[] = [];
  private word = '';

  addWhole(text: string): void {
    this.word += text;
  }

  addSplit(text: string): void {
    for (const character of text) {
      if (isSpace(character)) this.end();
      else this.word += character;
    }
  }

  done(): readonly string[] {
    this.end();
    return this.words;
  }

  private end(): void {
    if (this.word === '') return;
    this.words.push(this.word);
    this.word = '';
  }
}

function mistake(message: string): FanfoldError {
  return new FanfoldError('dockerfile.expansion', message);
}
