/** docker/metadata-action's `flavor` input: what all of a target's tags have in common. */
import type { Diagnostic } from '../../base/errors/diagnostic.ts';
import { type Field, type FieldLine, readFieldLines, splitField } from './fields.ts';
import { mistake, unknown } from './mistakes.ts';
import type { Flavor } from './rules.ts';
import { parseTemplate } from './template.ts';

const keys = ['latest', 'prefix', 'suffix', 'onlatest'];
const maxLines = 50;

/** The flavor where none is given. */
export const defaultFlavor: Flavor = {
  latest: 'auto',
  prefix: '',
  prefixLatest: false,
  suffix: '',
  suffixLatest: false,
};

/** The flavor, and every mistake, its place counted in `text`. `onlatest` speaks of the prefix or suffix before it on its line. */
export function parseFlavor(text: string): { readonly flavor: Flavor; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  let flavor = defaultFlavor;
  for (const line of readFieldLines(text).slice(0, maxLines)) {
    if (line.openQuote !== undefined)
      diagnostics.push(mistake(line.line, line.openQuote, 'a quote is never closed', 'close it'));
    let last: string | undefined;
    for (const field of line.fields) {
      const { key } = splitField(field);
      const read = readEntry(line, field, last);
      if ('code' in read) diagnostics.push(read);
      else flavor = { ...flavor, ...read };
      if (key === 'prefix' || key === 'suffix') last = key;
    }
  }
  return { flavor, diagnostics };
}

function readEntry(line: FieldLine, field: Field, last: string | undefined): Partial<Flavor> | Diagnostic {
  const { key = field.text, value, valueColumn } = splitField(field);
  switch (key) {
    case 'latest':
      if (value === 'auto' || value === 'true' || value === 'false') return { latest: value };
      return unknown(line.line, valueColumn, `latest cannot be ${JSON.stringify(value)}`, value, [
        'auto',
        'true',
        'false',
      ]);
    case 'prefix':
    case 'suffix': {
      const [wrong] = parseTemplate(value, 'event').mistakes;
      if (wrong !== undefined) return mistake(line.line, valueColumn + wrong.offset, wrong.message, wrong.hint);
      return { [key]: value };
    }
    case 'onlatest':
      if (value !== 'true' && value !== 'false')
        return unknown(line.line, valueColumn, `onlatest cannot be ${JSON.stringify(value)}`, value, ['true', 'false']);
      if (last === undefined)
        return mistake(
          line.line,
          field.column,
          'onlatest follows no prefix or suffix',
          'write suffix=-slim,onlatest=true',
        );
      return { [`${last}Latest`]: value === 'true' };
    default:
      return unknown(line.line, field.column, `${JSON.stringify(key)} is not part of a flavor`, key, keys);
  }
}
