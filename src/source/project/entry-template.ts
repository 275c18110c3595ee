/** Templates over the fields of an entry: `{field}`, `{field|default}`, and `{field?}`, which leaves out what it stands in. */
import { textNode, textOf } from './nodes.ts';
import type { YamlNode, YamlScalar } from './yaml.ts';

/** A piece of a template. */
export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'field';
      readonly name: string;
      /** Stands for a field that an entry does not have. */
      readonly fallback?: string;
      readonly isOptional: boolean;
      /** Where it stands in the template, from 0. */
      readonly offset: number;
    };

/** A mistake in a template. */
export interface TemplateMistake {
  readonly offset: number;
  readonly message: string;
  readonly hint: string;
}

const placeholder = /\$\{\{[^}]*\}\}|\$\{[^}]*\}|\{\{[^}]*\}\}|\{([^{}]*)\}|[{}]/g;
const fieldName = /^([A-Za-z0-9_][\w.-]*)(?:(\?)|\|(.*))?$/s;

/** The parts of `text`. `{{...}}` (of tag rules) and `${...}` stay as they are; GitHub's own `${{ }}` is a mistake. */
export function parseEntryTemplate(text: string): {
  readonly parts: readonly TemplatePart[];
  readonly mistakes: readonly TemplateMistake[];
} {
  const parts: TemplatePart[] = [];
  const mistakes: TemplateMistake[] = [];
  let end = 0;
  const keep = (until: number): void => {
    if (until > end) parts.push({ kind: 'text', text: text.slice(end, until) });
  };
  for (const match of text.matchAll(placeholder)) {
    const [whole, inner] = match;
    const part = inner === undefined ? undefined : readField(inner, match.index);
    if (part === undefined) {
      const wrong = mistakeIn(whole, match.index);
      if (wrong !== undefined) mistakes.push(wrong);
      continue;
    }
    keep(match.index);
    parts.push(part);
    end = match.index + whole.length;
  }
  keep(text.length);
  return { parts, mistakes };
}

function readField(inner: string, offset: number): TemplatePart | undefined {
  const [, name, optional, fallback] = fieldName.exec(inner.trim()) ?? [];
  if (name === undefined) return undefined;
  return {
    kind: 'field',
    name,
    isOptional: optional !== undefined,
    offset,
    ...(fallback === undefined ? {} : { fallback }),
  };
}

function mistakeIn(whole: string, offset: number): TemplateMistake | undefined {
  const github = /^\$\{\{\s*matrix\.([\w.-]+)/.exec(whole);
  if (whole.startsWith('${{')) {
    const hint = github === null ? 'write {field}' : `write {${github[1]}}`;
    return { offset, message: `${whole.slice(0, 80)} is an expression of GitHub Actions`, hint };
  }
  if (/^(?:\$\{|\{\{)/.test(whole)) return undefined;
  const message = whole.length === 1 ? `this ${whole} stands alone` : `${whole.slice(0, 80)} names no field`;
  return { offset, message, hint: 'write {field}, {field|default} or {field?}' };
}

/** What filling a template came to. */
export type Filled =
  | { readonly kind: 'text'; readonly node: YamlScalar }
  | { readonly kind: 'absent' }
  | { readonly kind: 'missing'; readonly name: string }
  | { readonly kind: 'not-text'; readonly name: string; readonly node: YamlNode };

/** The text of `parts` for one entry, placed at the first field that it takes from it, else at `at`. */
export function fillTemplate(
  parts: readonly TemplatePart[],
  at: number,
  field: (name: string) => YamlNode | undefined,
): Filled {
  let text = '';
  let place: number | undefined;
  for (const part of parts) {
    if (part.kind === 'text') {
      text += part.text;
      continue;
    }
    const node = field(part.name);
    if (node === undefined || (node.kind === 'scalar' && node.value === null)) {
      if (part.isOptional) return { kind: 'absent' };
      if (part.fallback === undefined) return { kind: 'missing', name: part.name };
      text += part.fallback;
      continue;
    }
    const value = flatText(node);
    if (value === undefined) return { kind: 'not-text', name: part.name, node };
    text += value;
    place ??= node.at;
  }
  return { kind: 'text', node: textNode(text, place ?? at) };
}

/** A scalar's text; a list's texts with commas between. */
function flatText(node: YamlNode): string | undefined {
  if (node.kind !== 'list') return textOf(node);
  const texts = node.items.map(textOf);
  return texts.every((text) => text !== undefined) ? texts.join(',') : undefined;
}
