/** Names of tags for many targets that have the same rules and differ in their suffix alone, as those of a large family do. */
import { isFanfoldError } from '../../base/errors/error.ts';
import type { GitEvent } from './event.ts';
import { resolveTags } from './resolve.ts';
import type { TagRule, TagRules } from './rules.ts';
import { isPlain } from './template.ts';

/** The names of the tags that rules give for an event. @throws FanfoldError as `resolveTags` does */
export type TagNamer = (tags: TagRules, event: GitEvent) => readonly string[];

/** Stands for a suffix while the rules are resolved: text that any tag may hold and none does. */
const mark = '.__suffix-that-comes-later__';
const maxLength = 128;

/** A namer that resolves the same rules once for each event, whatever suffix comes to them. */
export function createTagNamer(): TagNamer {
  const known = new Map<GitEvent, Map<readonly TagRule[], Map<string, MarkedNames>>>();
  const flavors = new WeakMap<TagRules['flavor'], ReadFlavor>();
  const readOnce = (flavor: TagRules['flavor']): ReadFlavor => {
    const read = flavors.get(flavor) ?? readFlavor(flavor);
    flavors.set(flavor, read);
    return read;
  };
  const markedNames = ({ rules, flavor }: TagRules, rest: string, event: GitEvent): MarkedNames => {
    const ofEvent = known.get(event) ?? new Map<readonly TagRule[], Map<string, MarkedNames>>();
    known.set(event, ofEvent);
    const ofRules = ofEvent.get(rules) ?? new Map<string, MarkedNames>();
    ofEvent.set(rules, ofRules);
    const names = ofRules.get(rest) ?? tryNames({ rules, flavor: { ...flavor, suffix: mark } }, event);
    ofRules.set(rest, names);
    return names;
  };
  return (tags, event) => {
    const { rest, isCommon } = readOnce(tags.flavor);
    const marked = isCommon ? markedNames(tags, rest, event) : 'none';
    const names = marked === 'none' ? [undefined] : marked.map((name) => withSuffix(name, tags.flavor.suffix));
    // A name that is nothing but its suffix, or too long with it, is judged as it is.
    return names.every((name) => name !== undefined) ? [...new Set(names)] : namesOf(tags, event);
  };
}

interface ReadFlavor {
  /** All of it but the suffix. */
  readonly rest: string;
  /** Whether the suffix comes through the rules as it is written. */
  readonly isCommon: boolean;
}

function readFlavor({ latest, prefix, prefixLatest, suffix, suffixLatest }: TagRules['flavor']): ReadFlavor {
  const isCommon = isPlain(suffix) && /^[a-zA-Z0-9._-]{1,100}$/.test(suffix);
  return { rest: JSON.stringify([latest, prefix, prefixLatest, suffixLatest]), isCommon };
}

/** `none` where the mark itself may be what is wrong. */
type MarkedNames = readonly string[] | 'none';

function tryNames(tags: TagRules, event: GitEvent): MarkedNames {
  try {
    return namesOf(tags, event);
  } catch (error) {
    if (isFanfoldError(error)) return 'none';
    throw error;
  }
}

function namesOf(tags: TagRules, event: GitEvent): readonly string[] {
  return resolveTags(tags, event).map(({ name }) => name);
}

function withSuffix(name: string, suffix: string): string | undefined {
  if (!name.endsWith(mark)) return name;
  const whole = `${name.slice(0, -mark.length)}${suffix}`;
  return whole.length > maxLength || whole.length === suffix.length ? undefined : whole;
}
