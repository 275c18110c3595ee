/** Text after a keyword to words, as BuildKit splits it before any expansion: quotes and escapes stay in the words. */
import { FanfoldError } from '../../base/errors/error.ts';
import type { EscapeCharacter } from './instruction.ts';

/** Words separated by spaces, whatever quotes say (FROM, COPY, ADD, EXPOSE, VOLUME). */
export function splitSpaces(text: string): readonly string[] {
  const trimmed = text.trim();
  return trimmed === '' ? [] : trimmed.split(/[\t\v\f\r ]+/);
}

/** Words that quotes and the escape character can hold together (ENV, LABEL, ARG). */
export function splitWords(text: string, escapeCharacter: EscapeCharacter): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  const characters = [...text];
  for (let index = 0; index < characters.length; index++) {
    const character = characters[index] ?? '';
    if (quote === undefined && isBlank(character)) {
      if (word !== undefined && word !== '') words.push(word);
      word = undefined;
      continue;
    }
    word ??= '';
    if (character === escapeCharacter && quote !== "'") {
      const escaped = characters[++index];
      // A lone escape character at the end is dropped.
      if (escaped !== undefined) word += character + escaped;
      continue;
    }
    if (quote === undefined && (character === '"' || character === "'")) quote = character;
    else if (character === quote) quote = undefined;
    word += character;
  }
  if (word !== undefined && word !== '') words.push(word);
  return words;
}

/**
 * The fields of one CSV record (RFC 4180), as `--mount` has them.
 * @throws FanfoldError `dockerfile.syntax` for quotes that do not fit
 */
export function splitCsv(text: string): readonly string[] {
  const fields: string[] = [];
  let rest = text;
  for (;;) {
    const quoted = /^"((?:[^"]|"")*)"(?=,|$)/s.exec(rest);
    const plain = /^[^",]*(?=,|$)/s.exec(rest);
    const found = quoted ?? plain;
    if (found === null) {
      throw new FanfoldError('dockerfile.syntax', `quotes do not fit in ${JSON.stringify(text)}`, {
        hint: 'quote a whole field, and double the quotes inside it',
      });
    }
    fields.push(quoted?.[1]?.replaceAll('""', '"') ?? found[0]);
    if (found[0].length === rest.length) return fields;
    rest = rest.slice(found[0].length + 1);
  }
}

/** What Go calls a space (unicode.IsSpace). */
export function isBlank(character: string): boolean {
  return /^[\s\u0085]$/u.test(character) && character !== '\ufeff';
}

/**
 * The strings of a JSON array, or undefined where the text is no valid one: it is plain text then.
 * @throws FanfoldError `dockerfile.syntax` for a valid array that holds something else
 */
export function readStringArray(text: string): readonly string[] | undefined {
  if (!text.trimStart().startsWith('[')) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(parsed)) return undefined;
  if (parsed.every((item): item is string => typeof item === 'string')) return parsed;
  throw new FanfoldError('dockerfile.syntax', 'the JSON array holds something that is not a string', {
    hint: 'put every item into double quotes',
  });
}
