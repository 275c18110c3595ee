/** `--name=value` between an instruction's keyword and its arguments. */

import type { EscapeCharacter, Flag } from './instruction.ts';
import { isBlank } from './words.ts';

/** The flags at the start of a text, and where what follows them begins. */
export interface SplitFlags {
  readonly flags: readonly Flag[];
  readonly restOffset: number;
}

/** Where an offset into the text stands. */
export type PlaceAt = (offset: number) => { readonly line: number; readonly column: number };

/** Splits the flags off. A word `--` ends them. Quotes hold a word together and are taken away. */
export function splitFlags(text: string, escapeCharacter: EscapeCharacter, placeAt: PlaceAt): SplitFlags {
  const flags: Flag[] = [];
  let offset = 0;
  for (;;) {
    while (offset < text.length && isBlank(text[offset] ?? '')) offset++;
    if (!text.startsWith('--', offset)) return { flags, restOffset: offset };
    const { word, end } = readWord(text, offset, escapeCharacter);
    if (word === '--') return { flags, restOffset: end };
    const equals = word.indexOf('=');
    const name = word.slice(2, equals < 0 ? undefined : equals);
    flags.push({ name, value: equals < 0 ? undefined : word.slice(equals + 1), ...placeAt(offset) });
    offset = end;
  }
}

function readWord(text: string, start: number, escapeCharacter: EscapeCharacter): { word: string; end: number } {
  let word = '';
  let quote: string | undefined;
  let end = start;
  for (; end < text.length; end++) {
    const character = text[end] ?? '';
    if (quote === undefined && isBlank(character)) break;
    if (character === escapeCharacter) word += text[++end] ?? '';
    else if (character === quote) quote = undefined;
    else if (quote === undefined && (character === '"' || character === "'")) quote = character;
    else word += character;
  }
  return { word, end: Math.min(end, text.length) };
}
