/** Colour where a person looks at a terminal, and nowhere else. */

/** Paints text, or leaves it as it is. */
export interface Style {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly cyan: (text: string) => string;
}

/** ANSI colours if `enabled`. */
export function createStyle(enabled: boolean): Style {
  const paint =
    (begin: number, end: number) =>
    (text: string): string =>
      enabled ? `\u001b[${begin}m${text}\u001b[${end}m` : text;
  return {
    bold: paint(1, 22),
    dim: paint(2, 22),
    red: paint(31, 39),
    green: paint(32, 39),
    yellow: paint(33, 39),
    cyan: paint(36, 39),
  };
}

/** Whether to colour: a terminal, and neither NO_COLOR nor TERM=dumb (no-color.org). */
export function wantsColour(isTerminal: boolean, env: Readonly<Record<string, string>>): boolean {
  return isTerminal && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const sequences = /\u001b\[[0-9;?]*[A-Za-z]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/**
 * Text from outside made safe to print: control characters, which could steer a terminal, are replaced, and no further line of it begins as a
 * command to GitHub's runner does (`::name::`).
 */
export function printable(text: string): string {
  return text
    .replace(sequences, '')
    .replace(controls, '\ufffd')
    .replace(/\n(?=\s*::)/g, '\n· ');
}

/** The same on one line, for names of files: what would end a line stands as it is escaped in code. */
export function printableLine(text: string): string {
  return printable(text.replace(/\r\n|[\r\n]/g, '\\n').replace(/[\u2028\u2029]/g, '\ufffd'));
}
