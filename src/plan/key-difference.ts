/** What two keys differ in: their documents, field by field, and the files behind a context's digest. */
import { canonicalJson, type Json } from '../content/oci/json.ts';
import type { KeyDocument } from '../source/inputs/key.ts';
import type { KeyedLeg } from '../source/inputs/leg-inputs.ts';
import { directivePlace } from './directive-place.ts';
import { fileChanges, type Sides } from './file-changes.ts';
import type { InputChange } from './input-change.ts';
import { generatedChanges, sharedChanges } from './rule-changes.ts';
import type { SettingPlace } from './setting-place.ts';
import { stageChanges } from './stage-changes.ts';

/** Where things stand, for what is set in the configuration. */
export interface Places {
  readonly setting: SettingPlace;
}

/** All that differs; empty where the keys are equal. What is set comes first, then what the Dockerfile says, then files. */
export function keyDifference(before: KeyedLeg, now: KeyedLeg, { setting }: Places): readonly InputChange[] {
  if (before.key === now.key) return [];
  const sides: Sides = { before, now };
  const documents = { before: documentOf(before), now: documentOf(now) };
  const fields = new Set([...Object.keys(documents.before), ...Object.keys(documents.now)] as (keyof KeyDocument)[]);
  return [...fields]
    .sort((a, b) => order(a) - order(b))
    .filter((field) => !isEqual(documents.before[field], documents.now[field]))
    .flatMap((field) => fieldChanges(field, documents, sides, setting));
}

/** A leg's document, as its key hashes it. */
export function documentOf({ document }: KeyedLeg): KeyDocument {
  return JSON.parse(document) as KeyDocument;
}

interface Documents {
  readonly before: KeyDocument;
  readonly now: KeyDocument;
}

const last: readonly string[] = ['stages', 'bases', 'contexts', 'generated', 'context'];

function order(field: string): number {
  return last.indexOf(field);
}

function fieldChanges(
  field: keyof KeyDocument,
  documents: Documents,
  sides: Sides,
  setting: SettingPlace,
): readonly InputChange[] {
  const { target } = sides.now.leg;
  switch (field) {
    case 'stages':
      return stageChanges(documents.before.stages, documents.now.stages, sides, setting);
    case 'context':
      return fileChanges(sides);
    case 'contexts':
      return entryChanges(documents.before.contexts, documents.now.contexts).flatMap((change) =>
        contextChanges(change, sides, setting),
      );
    case 'bases':
      return baseChanges(documents);
    case 'args':
      return entryChanges(documents.before.args, documents.now.args).map((change) => ({
        ...change,
        kind: 'argument',
        place: setting(target, ['args', change.name]),
      }));
    case 'labels':
    case 'annotations':
      return entryChanges(documents.before[field], documents.now[field]).map((change) => ({
        ...change,
        name: `${field}.${change.name}`,
        place: setting(target, [field, change.name]),
      }));
    case 'frontend':
    case 'escape': {
      const place = directivePlace(field === 'frontend' ? 'syntax' : field, sides.now, setting);
      return [{ ...valueChange(field, asJson(documents.before[field]), asJson(documents.now[field])), place }];
    }
    case 'shared':
      return sharedChanges(sides, setting);
    case 'generated':
      return generatedChanges(documents, setting(target, ['generated']));
    default:
      return [
        {
          ...valueChange(field, asJson(documents.before[field]), asJson(documents.now[field])),
          place: setting(target, [field]),
        },
      ];
  }
}

/** A document came out of JSON, so each of its fields is some. */
function asJson(value: KeyDocument[keyof KeyDocument]): Json {
  return value as Json;
}

/** Bases that a stage's own FROM does not show: those whose digest is another one now. */
function baseChanges({ before, now }: Documents): readonly InputChange[] {
  const old = new Map(before.bases.map(({ reference, digest }) => [reference, digest]));
  return now.bases.flatMap(({ reference, digest }) => {
    const was = old.get(reference);
    if (!old.has(reference) || was === digest) return [];
    return [{ ...valueChange(reference, was ?? null, digest ?? null), kind: 'base' as const }];
  });
}

function contextChanges(change: InputChange, sides: Sides, setting: SettingPlace): readonly InputChange[] {
  const { target } = sides.now.leg;
  const place = setting(target, ['contexts', change.name]);
  const kinds = [sides.before, sides.now].map(({ leg }) => leg.target.contexts[change.name]?.kind);
  const context = target.contexts[change.name];
  if (kinds.every((kind) => kind === 'folder')) return fileChanges(sides, change.name);
  if (context?.kind === 'target' && kinds[0] === 'target') {
    return [{ kind: 'target', how: 'changed', name: context.target, place, by: 'what it builds on' }];
  }
  return [{ ...change, name: `contexts.${change.name}`, place }];
}

/** Entries of two maps that differ, by name. */
export function entryChanges(
  before: Readonly<Record<string, Json>>,
  now: Readonly<Record<string, Json>>,
): readonly InputChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort();
  return names
    .filter((name) => !isEqual(before[name], now[name]))
    .map((name) => valueChange(name, before[name], now[name]));
}

function valueChange(name: string, was: Json | undefined, is: Json | undefined): InputChange {
  const how = isNothing(was) ? 'added' : isNothing(is) ? 'removed' : 'changed';
  return {
    kind: 'setting',
    how,
    name,
    ...(isNothing(was) ? {} : { was: textOf(was) }),
    ...(isNothing(is) ? {} : { is: textOf(is) }),
  };
}

function isNothing(value: Json | undefined): value is null | undefined {
  return value === undefined || value === null;
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : canonicalJson(value);
}

/** Whether two parts of documents say the same. */
export function isEqual(one: unknown, other: unknown): boolean {
  if (one === undefined || other === undefined) return one === other;
  return canonicalJson(one as Json) === canonicalJson(other as Json);
}
