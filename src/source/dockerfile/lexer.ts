/** What shell word expansion reads with: a place in a text, the variables, and the words that come of it. */
import { FanfoldError } from '../../base/errors/error.ts';
import type { EscapeCharacter } from './instruction.ts';
import { isBlank } from './words.ts';

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

/** Where reading stands. */
export interface Lexer {
  readonly characters: readonly string[];
  readonly env: ReadonlyMap<string, string>;
  readonly escapeCharacter: EscapeCharacter;
  readonly options: ExpandOptions;
  readonly used: Set<string>;
  readonly unknown: Set<string>;
  /** The words so far; undefined where only the text is wanted. */
  readonly words: Words | undefined;
  position: number;
}

/** The character that comes next, not taken. */
export const peek = (lexer: Lexer): string | undefined => lexer.characters[lexer.position];
/** Takes the next character. */
export const next = (lexer: Lexer): string | undefined => lexer.characters[lexer.position++];

/** A name of letters, digits and `_`; only digits where it begins with one; else a single special parameter. */
export function readName(lexer: Lexer): string {
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

/** A variable's value; notes whether it was set. */
export function lookUp(lexer: Lexer, name: string): string | undefined {
  const value = lexer.env.get(name);
  (value === undefined ? lexer.unknown : lexer.used).add(name);
  return value;
}

/** Words as they grow: spaces end one where they were not quoted; quotes alone make no word. */
export class Words {
  private readonly words: string[] = [];
  private word = '';

  addWhole(text: string): void {
    this.word += text;
  }

  addSplit(text: string): void {
    for (const character of text) {
      if (isBlank(character)) this.end();
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

/** An error `dockerfile.expansion` without a place. */
export function mistake(message: string): FanfoldError {
  return new FanfoldError('dockerfile.expansion', message);
}
