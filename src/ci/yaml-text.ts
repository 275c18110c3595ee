/** Text that is put into a workflow by hand: YAML scalars that no name can break out of, and lines set in. */
import { stringify } from 'yaml';

/** What YAML, in either version, reads as itself and as nothing but text. */
const plain = /^[A-Za-z_./][A-Za-z0-9_./-]*$/;
const words = /^(?:true|false|null|yes|no|on|off|y|n)$/i;

/** One line of text as a YAML scalar, for a block or inside of brackets. */
export function scalar(text: string): string {
  if (plain.test(text) && !words.test(text) && !/^\.\d|^\.(?:inf|nan)$/i.test(text)) return text;
  const quoted = { defaultStringType: 'QUOTE_SINGLE', lineWidth: 0, blockQuote: false } as const;
  return unseen.test(text) ? escaped(text) : stringify(text, quoted).trimEnd();
}

/** What ends a line for some reader, or is not seen. */
const unseen = /[\p{Cc}\p{Cs}\u2028\u2029\ufeff]/u;

/** A text in a comment: it ends no line. */
export function commented(text: string): string {
  return unseen.test(text) ? escaped(text).slice(1, -1) : text;
}

/** In double quotes, where JSON's escapes are YAML's. */
function escaped(text: string): string {
  const hex = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(text).replace(/[\u007f-\u009f\u2028\u2029\ufeff]/g, hex);
}

/** A list of texts in brackets. */
export function flowList(texts: readonly string[]): string {
  return `[${texts.map(scalar).join(', ')}]`;
}

/** Text as a scalar where GitHub would look for expressions: what looks like one is kept from being read as one. */
export function literal(text: string): string {
  return text.includes('${{') ? scalar(`\${{ '${text.replaceAll("'", "''")}' }}`) : scalar(text);
}

/** Lines, each set in by two blanks for each level; empty ones stay empty. What is no text is left out. */
export function indented(level: number, lines: readonly (string | false | undefined)[]): readonly string[] {
  const blanks = ' '.repeat(2 * level);
  return lines
    .filter((line) => typeof line === 'string')
    .flatMap((line) => line.split('\n'))
    .map((line) => (line === '' ? line : `${blanks}${line}`));
}
