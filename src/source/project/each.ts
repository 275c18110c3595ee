/** `each` of a source: a target as a template, read once, filled for every entry. */
import type { Diagnostic } from '../../base/errors/diagnostic.ts';
import type { Place } from '../../base/errors/error.ts';
import { fillTemplate, parseEntryTemplate, type TemplatePart } from './entry-template.ts';
import { type Entry, listNode, mapNode } from './nodes.ts';
import { mistake } from './source.ts';
import type { YamlNode } from './yaml.ts';

/** A template's tree. */
export type Template =
  | { readonly kind: 'constant'; readonly node: YamlNode }
  | { readonly kind: 'text'; readonly at: number; readonly parts: readonly TemplatePart[] }
  | { readonly kind: 'list'; readonly at: number; readonly items: readonly Template[] }
  | { readonly kind: 'map'; readonly at: number; readonly entries: readonly TemplateEntry[] };

interface TemplateEntry {
  readonly key: string;
  readonly keyAt: number;
  readonly template: Template;
}

/** Reads the templates in `node`; `place` tells where an offset is. */
export function readTemplate(node: YamlNode, place: (at: number) => Place, diagnostics: Diagnostic[]): Template {
  switch (node.kind) {
    case 'scalar': {
      if (typeof node.value !== 'string' || !/[{}]/.test(node.value)) return { kind: 'constant', node };
      const { parts, mistakes } = parseEntryTemplate(node.value);
      for (const { message, hint } of mistakes) {
        diagnostics.push(mistake('config.invalid', place(node.at), message, hint));
      }
      // A template with a mistake is told once, not for each entry.
      return mistakes.length > 0 ? { kind: 'constant', node } : { kind: 'text', at: node.at, parts };
    }
    case 'list': {
      const items = node.items.map((item) => readTemplate(item, place, diagnostics));
      return items.every(isConstant) ? { kind: 'constant', node } : { kind: 'list', at: node.at, items };
    }
    case 'map': {
      const entries = [...node.entries].map(([key, { keyAt, value }]) => ({
        key,
        keyAt,
        template: readTemplate(value, place, diagnostics),
      }));
      const same = entries.every(({ template }) => isConstant(template));
      return same ? { kind: 'constant', node } : { kind: 'map', at: node.at, entries };
    }
    default:
      return node satisfies never;
  }
}

function isConstant({ kind }: Template): boolean {
  return kind === 'constant';
}

/** A field that a template takes from entries. */
export interface TemplateField {
  readonly name: string;
  /** Where the template that names it begins. */
  readonly at: number;
  /** Whether an entry must have it. */
  readonly isNeeded: boolean;
}

/** All fields that a template takes. */
export function fieldsOf(template: Template): readonly TemplateField[] {
  switch (template.kind) {
    case 'constant':
      return [];
    case 'text':
      return template.parts.flatMap((part) =>
        part.kind === 'field'
          ? [{ name: part.name, at: template.at, isNeeded: !part.isOptional && part.fallback === undefined }]
          : [],
      );
    case 'list':
      return template.items.flatMap(fieldsOf);
    case 'map':
      return template.entries.flatMap((entry) => fieldsOf(entry.template));
    default:
      return template satisfies never;
  }
}

/** What one entry gives to templates. */
export interface EntryFields {
  readonly field: (name: string) => YamlNode | undefined;
  /** Hears of a field that the entry must have and has not. */
  readonly missing: (name: string) => void;
  /** Hears of a field that is no text. */
  readonly notText: (name: string, node: YamlNode) => void;
}

/** The tree of `template` for one entry; undefined where it is left out. Nothing in it is empty for being left out. */
export function fillTree(template: Template, entry: EntryFields): YamlNode | undefined {
  switch (template.kind) {
    case 'constant':
      return template.node;
    case 'text':
      return fillText(template.parts, template.at, entry);
    case 'list': {
      const items = template.items.flatMap((item) => fillTree(item, entry) ?? []);
      return items.length === 0 ? undefined : listNode(items, template.at);
    }
    case 'map': {
      const entries = new Map<string, Entry>();
      for (const { key, keyAt, template: inner } of template.entries) {
        const value = fillTree(inner, entry);
        if (value !== undefined) entries.set(key, { keyAt, value });
      }
      return entries.size === 0 ? undefined : mapNode(entries, template.at);
    }
    default:
      return template satisfies never;
  }
}

function fillText(parts: readonly TemplatePart[], at: number, entry: EntryFields): YamlNode | undefined {
  const filled = fillTemplate(parts, at, entry.field);
  switch (filled.kind) {
    case 'text':
      return filled.node;
    case 'absent':
      return undefined;
    case 'missing':
      entry.missing(filled.name);
      return undefined;
    case 'not-text':
      entry.notText(filled.name, filled.node);
      return undefined;
    default:
      return filled satisfies never;
  }
}
