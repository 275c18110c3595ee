/** docker/metadata-action's `tags` input: one rule to a line, every mistake with its place. */
import type { Diagnostic } from '../../base/errors/diagnostic.ts';
import { type Field, type FieldLine, readFieldLines, splitField } from './fields.ts';
import { mistake, unknown } from './mistakes.ts';
import { groupsOf } from './pattern.ts';
import type { TagRule } from './rules.ts';
import { parseTemplate, type TemplateKind } from './template.ts';

/** What a type of rule takes beside the attributes that all take. */
export interface RuleForm {
  readonly priority: number;
  readonly attributes: readonly string[];
  readonly required?: string;
  readonly defaults: Readonly<Record<string, string>>;
}

/** What each type of rule takes, by its name. */
export const ruleForms: Readonly<Record<TagRule['type'], RuleForm>> = {
  schedule: { priority: 1000, attributes: ['pattern'], defaults: { pattern: 'nightly' } },
  semver: {
    priority: 900,
    attributes: ['pattern', 'value', 'match'],
    required: 'pattern',
    defaults: { value: '', match: '' },
  },
  pep440: {
    priority: 900,
    attributes: ['pattern', 'value', 'match'],
    required: 'pattern',
    defaults: { value: '', match: '' },
  },
  match: {
    priority: 800,
    attributes: ['pattern', 'group', 'value'],
    required: 'pattern',
    defaults: { group: '0', value: '' },
  },
  edge: { priority: 700, attributes: ['branch'], defaults: { branch: '' } },
  ref: { priority: 600, attributes: ['event'], required: 'event', defaults: {} },
  raw: { priority: 200, attributes: ['value'], required: 'value', defaults: {} },
  sha: { priority: 100, attributes: ['format'], defaults: { prefix: 'sha-', format: 'short' } },
};
const types = Object.keys(ruleForms);
const common = ['type', 'enable', 'priority', 'prefix', 'suffix'];

/** Values of an attribute that takes only some. */
const choices: Readonly<Record<string, readonly string[]>> = {
  event: ['branch', 'tag', 'pr'],
  format: ['short', 'long'],
};

/** The rules where none are given, as metadata-action has them. */
export const defaultRules = ['type=schedule', 'type=ref,event=branch', 'type=ref,event=tag', 'type=ref,event=pr'].join(
  '\n',
);

/** The most rules that a target can have. */
const maxRules = 500;
const maxRuleLength = 2000;

/**
 * The rules in the order in which they count (by priority, then as written), and every mistake, its place counted in `text`.
 * A rule with a mistake is left out. Without any line the default rules are taken.
 */
export function parseRules(text: string): { readonly rules: readonly TagRule[]; readonly diagnostics: Diagnostic[] } {
  const written = readFieldLines(text);
  const lines = written.length === 0 ? readFieldLines(defaultRules) : written.slice(0, maxRules);
  const read = lines.map(readRule);
  const diagnostics = read.flatMap((result) => result.mistakes);
  if (written.length > maxRules) {
    diagnostics.push(mistake(written[maxRules]?.line ?? 1, 1, `more than ${maxRules} tag rules`, 'write fewer'));
  }
  const rules = read.flatMap(({ rule }) => (rule === undefined ? [] : [rule]));
  return { rules: rules.sort((a, b) => priorityOf(b) - priorityOf(a)), diagnostics };
}

function priorityOf(rule: TagRule): number {
  return Number(rule.attributes['priority']);
}

interface Attribute {
  readonly key: string;
  readonly value: string;
  readonly column: number;
  readonly valueColumn: number;
}

function readRule(line: FieldLine): { rule?: TagRule; mistakes: Diagnostic[] } {
  const broken = brokenLine(line);
  if (broken !== undefined) return { mistakes: [broken] };
  const given = line.fields.map(readAttribute);
  const typeField = given.findLast(({ key }) => key === 'type');
  const type = typeOf(typeField?.value ?? 'raw');
  if (type === undefined) return { mistakes: [unknownType(line, typeField)] };
  const mistakes = [
    ...given.flatMap((attribute) => checkAttribute(line, type, attribute)),
    ...missingAttribute(line, type, given),
  ];
  const attributes = fillIn(type, given);
  mistakes.push(...checkGroups(line, type, given, attributes));
  if (mistakes.length > 0) return { mistakes };
  return { rule: { type, attributes, text: line.text, line: line.line, column: line.column }, mistakes };
}

function brokenLine(line: FieldLine): Diagnostic | undefined {
  if (line.text.length > maxRuleLength)
    return mistake(line.line, line.column, `a tag rule of more than ${maxRuleLength} characters`, 'write it shorter');
  if (line.openQuote === undefined) return undefined;
  return mistake(
    line.line,
    line.openQuote,
    'a quote is never closed',
    'close it, or write "" for a quote inside of one',
  );
}

function readAttribute(field: Field): Attribute {
  const { key = 'value', value, valueColumn } = splitField(field);
  return { key, value, column: field.column, valueColumn };
}

function typeOf(name: string): TagRule['type'] | undefined {
  return types.find((type): type is TagRule['type'] => type === name);
}

function unknownType(line: FieldLine, field: Attribute | undefined): Diagnostic {
  const name = field?.value ?? '';
  return unknown(
    line.line,
    field?.valueColumn ?? line.column,
    `${JSON.stringify(name)} is not a type of tag rule`,
    name,
    types,
  );
}

function checkAttribute(line: FieldLine, type: TagRule['type'], attribute: Attribute): readonly Diagnostic[] {
  const { key, value, column, valueColumn } = attribute;
  const known = [...common, ...ruleForms[type].attributes];
  if (!known.includes(key)) {
    const message = `a tag rule of type ${type} takes no attribute ${JSON.stringify(key)}`;
    return [unknown(line.line, column, message, key, known)];
  }
  const allowed = choices[key];
  if (allowed !== undefined && !allowed.includes(value)) {
    return [unknown(line.line, valueColumn, `${key} cannot be ${JSON.stringify(value)}`, value, allowed)];
  }
  const odd = checkValue(type, key, value);
  if (odd !== undefined) return [mistake(line.line, valueColumn, odd.message, odd.hint)];
  const kind = templateKind(type, key);
  if (kind === undefined) return [];
  return parseTemplate(value, kind).mistakes.map(({ offset, message, hint }) =>
    mistake(line.line, valueColumn + offset, message, hint),
  );
}

/** What stands in a value that is no template, or a template without an expression. */
function checkValue(type: TagRule['type'], key: string, value: string): { message: string; hint: string } | undefined {
  if (key === 'priority' && !/^-?\d{1,9}$/.test(value))
    return { message: `priority cannot be ${JSON.stringify(value)}`, hint: 'write a whole number' };
  if (key === 'group' && !/^\d{1,3}$/.test(value))
    return { message: `group cannot be ${JSON.stringify(value)}`, hint: 'write the number of a group of the pattern' };
  if (key === 'enable' && !value.includes('{{') && !['true', 'false'].includes(value)) {
    const hint = 'write true, false or {{is_default_branch}}';
    return { message: `enable cannot be ${JSON.stringify(value)}`, hint };
  }
  if (key === 'pattern' && value === '')
    return { message: 'the pattern is empty', hint: 'say what the tag is made of' };
  const isExpression = key === 'match' || (key === 'pattern' && type === 'match');
  if (!isExpression || groupsOf(value) !== undefined) return undefined;
  return { message: `${JSON.stringify(value)} is not a regular expression`, hint: 'write one as JavaScript takes it' };
}

function templateKind(type: TagRule['type'], key: string): TemplateKind | undefined {
  if (['enable', 'prefix', 'suffix', 'value'].includes(key)) return 'event';
  if (key !== 'pattern') return undefined;
  if (type === 'schedule') return 'schedule';
  return type === 'semver' || type === 'pep440' ? 'version' : undefined;
}

function missingAttribute(line: FieldLine, type: TagRule['type'], given: readonly Attribute[]): readonly Diagnostic[] {
  const { required } = ruleForms[type];
  if (required === undefined || given.some(({ key }) => key === required)) return [];
  const example = { pattern: 'pattern={{version}}', event: 'event=branch', value: 'value=NAME' }[required] ?? required;
  const shown = type === 'match' ? 'pattern=\\d+\\.\\d+' : example;
  return [
    mistake(line.line, line.column, `a tag rule of type ${type} needs ${required}`, `write type=${type},${shown}`),
  ];
}

/** A group that the pattern does not have would be found out only at the first tag. */
function checkGroups(
  line: FieldLine,
  type: TagRule['type'],
  given: readonly Attribute[],
  attributes: Readonly<Record<string, string>>,
): readonly Diagnostic[] {
  const key = type === 'match' ? 'pattern' : 'match';
  const pattern = attributes[key] ?? '';
  const groups = pattern === '' ? undefined : groupsOf(pattern);
  const wanted = type === 'match' ? Number(attributes['group']) : 1;
  if (groups === undefined || !(wanted > groups)) return [];
  const at = given.findLast((attribute) => attribute.key === (type === 'match' ? 'group' : 'match'));
  const message = `${JSON.stringify(pattern)} has no group ${wanted}`;
  return [
    mistake(line.line, at?.valueColumn ?? line.column, message, 'put (parentheses) around what the tag is made of'),
  ];
}

function fillIn(type: TagRule['type'], given: readonly Attribute[]): Readonly<Record<string, string>> {
  const { defaults, priority } = ruleForms[type];
  const own = Object.fromEntries(given.filter(({ key }) => key !== 'type').map(({ key, value }) => [key, value]));
  const pullRequest = type === 'ref' && own['event'] === 'pr' ? { prefix: 'pr-' } : {};
  return { enable: 'true', priority: String(priority), ...defaults, ...pullRequest, ...own };
}
