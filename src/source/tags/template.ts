/** Templates of tag rules: Handlebars' plain expressions, `{{name}}` and `{{date 'FORMAT' tz='ZONE'}}`, and nothing more of it. */
import { nearestName } from '../../base/errors/nearest.ts';
import { badFormat, isZone, nearestZone } from './date-format.ts';

/** A template in order: text as it stands, and expressions. */
export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  | ({ readonly kind: 'expression' } & Expression);

/** One expression. */
export interface Expression {
  readonly name: ExpressionName;
  /** The format of a date; '' for all others. */
  readonly format: string;
  readonly zone: string;
  /** `{{x}}` escapes what HTML would take for its own, as Handlebars does; `{{{x}}}` does not. */
  readonly escaped: boolean;
}

/** What a template has wrong, `offset` characters into it. */
export interface TemplateMistake {
  readonly offset: number;
  readonly message: string;
  readonly hint: string;
}

const dates = ['date', 'commit_date'] as const;
const ofEvent = ['branch', 'tag', 'sha', 'base_ref', 'is_default_branch', 'is_not_default_branch', ...dates] as const;
const ofVersion = ['raw', 'version', 'major', 'minor', 'patch'] as const;

/** Every expression. */
export type ExpressionName = (typeof ofEvent | typeof ofVersion)[number];

/** Which expressions there are, by where a template stands: in `value`, `prefix`, `suffix`, `enable`; in a version's or a schedule's `pattern`. */
export const expressionNames = {
  event: ofEvent,
  version: ofVersion,
  schedule: dates,
} as const satisfies Record<string, readonly ExpressionName[]>;

/** Where a template stands. */
export type TemplateKind = keyof typeof expressionNames;

/** A template that was read. */
export interface ParsedTemplate {
  readonly parts: readonly TemplatePart[];
  readonly mistakes: readonly TemplateMistake[];
}

/** Whether a text has no expression, so that it is what it comes to. */
export function isPlain(text: string): boolean {
  return !text.includes('{{');
}

/** The parts of a template, and what is wrong with it; parts that are wrong are left out. */
export function parseTemplate(text: string, kind: TemplateKind): ParsedTemplate {
  if (isPlain(text)) return { parts: text === '' ? [] : [{ kind: 'text', text }], mistakes: [] };
  const parts: TemplatePart[] = [];
  const mistakes: TemplateMistake[] = [];
  let end = 0;
  for (const { start, stop, inner, escaped } of expressionsIn(text)) {
    if (start > end) parts.push({ kind: 'text', text: text.slice(end, start) });
    end = stop;
    const read = foreignSyntax(text, start, inner) ?? readExpression(inner, kind, escaped);
    if ('message' in read) mistakes.push({ offset: start, ...read });
    else parts.push({ kind: 'expression', ...read });
  }
  if (end < text.length) parts.push({ kind: 'text', text: text.slice(end) });
  return { parts, mistakes };
}

/** The text of a template, each expression replaced by what `value` says. */
export function renderTemplate(parts: readonly TemplatePart[], value: (expression: Expression) => string): string {
  return parts
    .map((part) => {
      if (part.kind === 'text') return part.text;
      return part.escaped ? escapeHtml(value(part)) : value(part);
    })
    .join('');
}

interface Found {
  readonly start: number;
  readonly stop: number;
  readonly inner: string;
  readonly escaped: boolean;
}

function expressionsIn(text: string): readonly Found[] {
  const found: Found[] = [];
  for (let start = text.indexOf('{{'); start >= 0; ) {
    const triple = text.startsWith('{{{', start);
    const close = text.indexOf(triple ? '}}}' : '}}', start);
    const width = triple ? 3 : 2;
    const stop = close < 0 ? text.length : close + width;
    const inner = close < 0 ? '' : text.slice(start + width, close);
    found.push({ start, stop, inner: close < 0 ? unclosed : inner, escaped: !triple });
    start = text.indexOf('{{', stop);
  }
  return found;
}

const unclosed = '\0';

type Mistake = Omit<TemplateMistake, 'offset'>;

function foreignSyntax(text: string, start: number, inner: string): Mistake | undefined {
  if (inner === unclosed) return { message: '`{{` is never closed', hint: 'close it with `}}`' };
  if (text[start - 1] === '$') {
    return {
      message: 'an expression of GitHub Actions (`$` before `{{`) is not worked out here',
      hint: 'use {{is_default_branch}}, {{branch}} and their kin, or write the value',
    };
  }
  if (/^[#/^&>!~*]|^else\b|~$|[()|]|^\s*\.|@/.test(inner.replace(/'[^']*'|"[^"]*"/g, '')) || text[start - 1] === '\\') {
    return {
      message: `{{${inner}}} is more of Handlebars than tag rules take`,
      hint: 'only plain expressions are worked out: no blocks, comments, partials, paths or escapes',
    };
  }
  return undefined;
}

const expressionForm = /^\s*([^\s='"]+)(?:\s+(?:'([^']*)'|"([^"]*)"))?((?:\s+[^\s='"]+=(?:'[^']*'|"[^"]*"))*)\s*$/;

function readExpression(inner: string, kind: TemplateKind, escaped: boolean): Expression | Mistake {
  const match = expressionForm.exec(inner);
  if (match === null) return malformed(inner);
  const [, written = '', single, double, options = ''] = match;
  const name = expressionNames[kind].find((candidate) => candidate === written);
  if (name === undefined) return unknownExpression(written, kind);
  const format = single ?? double;
  if (name === 'date' || name === 'commit_date') return readDate(name, format, options, escaped);
  if (format !== undefined || options !== '') {
    return { message: `{{${name}}} takes nothing beside its name`, hint: `write {{${name}}}` };
  }
  return { name, format: '', zone: 'UTC', escaped };
}

function readDate(
  name: 'date' | 'commit_date',
  format: string | undefined,
  options: string,
  escaped: boolean,
): Expression | Mistake {
  const hint = `write {{${name} 'YYYYMMDD'}} or {{${name} 'YYYYMMDD-HHmmss' tz='Asia/Tokyo'}}`;
  if (format === undefined) return { message: `{{${name}}} needs a format`, hint };
  const bad = badFormat(format);
  if (bad !== undefined) return { message: `the date format ${JSON.stringify(format)}: ${bad}`, hint };
  let zone = 'UTC';
  for (const [, option = '', value = ''] of options.matchAll(/([^\s=]+)=['"]([^'"]*)['"]/g)) {
    if (option !== 'tz') return { message: `{{${name}}} has no option ${JSON.stringify(option)}`, hint };
    if (!isZone(value)) return unknownZone(value);
    zone = value;
  }
  return { name, format, zone, escaped };
}

function unknownZone(zone: string): Mistake {
  const nearest = nearestZone(zone);
  const message = `${JSON.stringify(zone)} is not a time zone`;
  return {
    message,
    hint: nearest === undefined ? 'name it as the IANA database does: Europe/Berlin' : `did you mean ${nearest}?`,
  };
}

function unknownExpression(written: string, kind: TemplateKind): Mistake {
  const names = expressionNames[kind];
  const nearest = nearestName(written, names);
  const all = names.map((name) => `{{${name}}}`).join(', ');
  return {
    message: `{{${written}}} is not an expression that can stand here`,
    hint: nearest === undefined ? `there are ${all}` : `did you mean {{${nearest}}}?`,
  };
}

function malformed(inner: string): Mistake {
  return {
    message: `{{${inner}}} is not an expression`,
    hint: "write {{name}}, or {{date 'FORMAT' tz='ZONE'}} with quotes around the format",
  };
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#x27;',
  '`': '&#x60;',
  '=': '&#x3D;',
};

/** What metadata-action's templates do to a branch named `a=b`; its tag is `a-x3D-b` there, and so it is here. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"'`=]/g, (character) => entities[character] ?? character);
}
