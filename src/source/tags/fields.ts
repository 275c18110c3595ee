/** Lines of rules to fields: comma-separated, a field in double quotes where it holds a comma, `#` before a comment. */

/** A field, trimmed, and the column (from 1) where it begins. */
export interface Field {
  readonly text: string;
  readonly column: number;
}

/** A line that says something; `line` counts from 1. */
export interface FieldLine {
  readonly text: string;
  readonly line: number;
  readonly column: number;
  readonly fields: readonly Field[];
  /** The column of a quote that is never closed. */
  readonly openQuote?: number;
}

/** The lines of `text` that are neither empty nor comments. */
export function readFieldLines(text: string): readonly FieldLine[] {
  return text.split(/\r\n|\n|\r/).flatMap((line, index) => {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) return [];
    const column = line.indexOf(trimmed) + 1;
    return [{ text: trimmed, line: index + 1, column, ...splitFields(trimmed, column) }];
  });
}

/** A field's key and value at its first `=`; without one (or with nothing before it) all of it is the value. */
export function splitField(field: Field): { key?: string; value: string; valueColumn: number } {
  const equals = field.text.indexOf('=');
  if (equals <= 0) return { value: field.text, valueColumn: field.column };
  const rest = field.text.slice(equals + 1);
  const value = rest.trim();
  const lead = value === '' ? 0 : rest.indexOf(value);
  return {
    key: field.text.slice(0, equals).trim().toLowerCase(),
    value,
    valueColumn: field.column + equals + 1 + lead,
  };
}

// A field in quotes (two quotes in it are one), or anything up to a comma.
const fieldForm = /\s*(?:"((?:[^"]|"")*)"([^,]*)|([^,]*))(,|$)/y;

function splitFields(line: string, column: number): { fields: readonly Field[]; openQuote?: number } {
  return line.includes('"') ? splitQuoted(line, column) : { fields: splitPlain(line, column) };
}

function splitPlain(line: string, column: number): readonly Field[] {
  const fields: Field[] = [];
  let at = column;
  for (const part of line.split(',')) {
    const text = part.trim();
    if (text !== '') fields.push({ text, column: at + part.indexOf(text) });
    at += part.length + 1;
  }
  return fields;
}

function splitQuoted(line: string, column: number): { fields: readonly Field[]; openQuote?: number } {
  const fields: Field[] = [];
  for (let at = 0; at <= line.length; ) {
    fieldForm.lastIndex = at;
    const match = fieldForm.exec(line);
    if (match === null) break;
    const [whole, quoted, trailing = '', plain = ''] = match;
    const lead = whole.length - whole.trimStart().length;
    if (quoted === undefined && plain.startsWith('"')) return { fields, openQuote: column + at + lead };
    const text = quoted === undefined ? plain.trim() : quoted.replaceAll('""', '"').trim() + trailing.trim();
    const start = quoted === undefined ? lead : lead + 1 + (quoted.length - quoted.trimStart().length);
    if (text !== '') fields.push({ text, column: column + at + start });
    at += whole.length;
    if (!whole.endsWith(',')) break;
  }
  return { fields };
}
