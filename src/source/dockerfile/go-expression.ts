/** Go regular expressions of the kind that patternmatcher makes, matched whole against a path. */
import { readOne } from './go-class.ts';

interface Item {
  /** One character, as a JavaScript expression; nothing for `folders` and `start`. */
  readonly source: string;
  /** `folders`: any number of whole folders; `start`: no character, only at the path's start. */
  readonly repeat: '' | '*' | '?' | 'folders' | 'start';
}

/** One side of a `|`. The first alone is held at the path's start, the last alone at its end. */
interface Alternative {
  readonly items: readonly Item[];
  readonly fromStart: boolean;
  readonly toEnd: boolean;
}

const maxItems = 10_000;
const maxRepeat = 1000;

/** A test for paths of `^expression$`; undefined where Go would refuse the expression. */
export function compileExpression(expression: string): ((path: string) => boolean) | undefined {
  const sides = splitAlternatives([...expression]);
  const read = sides.map(itemsOf);
  const tests = read.flatMap((items, index) =>
    items === undefined ? [] : testOf({ items, fromStart: index === 0, toEnd: index === sides.length - 1 }),
  );
  return tests.length < sides.length ? undefined : (path) => tests.some((test) => test(path));
}

function splitAlternatives(characters: readonly string[]): readonly (readonly string[])[] {
  const sides: string[][] = [[]];
  for (let index = 0; index < characters.length; ) {
    const character = characters[index] ?? '';
    const isGroup = character === '(';
    const next = character === '|' || isGroup ? index + 1 : (readOne(characters, index)?.next ?? index + 1);
    if (character === '|') sides.push([]);
    else sides.at(-1)?.push(...characters.slice(index, next));
    index = next;
  }
  return sides;
}

function itemsOf(characters: readonly string[]): readonly Item[] | undefined {
  const items: Item[] = [];
  for (let index = 0; index < characters.length; ) {
    const read = readItem(characters, index);
    if (read === undefined) return undefined;
    const counted = /^\{(\d+)(,?)(\d*)\}/.exec(characters.slice(read.next, read.next + 16).join(''));
    const repeated = counted === null ? [read.item] : repeat(read.item, counted);
    if (repeated === undefined || (index === 0 && startsWithCount(characters))) return undefined;
    items.push(...repeated.filter((item) => !saysNothingNew(item, items.at(-1))));
    if (items.length > maxItems) return undefined;
    index = read.next + (counted?.[0].length ?? 0);
    // Two counts in a row are refused.
    if (counted !== null && /^\{\d+,?\d*\}/.test(characters.slice(index, index + 16).join(''))) return undefined;
  }
  return items;
}

// `**/**/` is `**/`: two equal repetitions are one.
function saysNothingNew(item: Item, before: Item | undefined): boolean {
  return (
    (item.repeat === '*' || item.repeat === 'folders') &&
    item.repeat === before?.repeat &&
    item.source === before.source
  );
}

function startsWithCount(characters: readonly string[]): boolean {
  return /^\{\d+,?\d*\}/.test(characters.slice(0, 16).join(''));
}

function readItem(characters: readonly string[], index: number): { item: Item; next: number } | undefined {
  const character = characters[index];
  if (character === '(') return { item: { source: '', repeat: 'folders' }, next: index + '(.*/)?'.length };
  if (character === '^') return { item: { source: '', repeat: 'start' }, next: index + 1 };
  const one = readOne(characters, index);
  if (one === undefined) return undefined;
  const isStarred = characters[one.next] === '*';
  return { item: { source: one.source, repeat: isStarred ? '*' : '' }, next: one.next + (isStarred ? 1 : 0) };
}

function repeat(item: Item, [, least, comma, most]: readonly string[]): readonly Item[] | undefined {
  const from = Number(least);
  const to = comma === '' ? from : most === '' ? undefined : Number(most);
  if (item.repeat === '*' || item.repeat === 'folders') return undefined;
  if (from > maxRepeat || (to ?? 0) > maxRepeat || (to ?? from) < from) return undefined;
  if (item.repeat === 'start') return from > 0 ? [item] : [];
  const optional = to === undefined ? [{ ...item, repeat: '*' as const }] : [];
  const more = to === undefined ? [] : Array.from({ length: to - from }, () => ({ ...item, repeat: '?' as const }));
  return [...Array.from({ length: from }, () => item), ...optional, ...more];
}

function testOf(alternative: Alternative): (path: string) => boolean {
  const { items, fromStart, toEnd } = alternative;
  // Backtracking takes time by the power of what can be long or short.
  if (items.filter((item) => ['*', '?', 'folders'].includes(item.repeat)).length > 3) return simulate(alternative);
  const sources = items.map(({ source, repeat: times }) => {
    if (times === 'folders') return '(?:[^\\n]*/)?';
    return times === 'start' ? '^' : source + times;
  });
  const compiled = new RegExp((fromStart ? '^' : '') + sources.join('') + (toEnd ? '$' : ''), 'u');
  return (path) => compiled.test(path);
}

/** All states at once: time by path times pattern, whatever the pattern. */
function simulate({ items, fromStart, toEnd }: Alternative): (path: string) => boolean {
  const bySource = new Map<string, CharacterTest>();
  const tests = items.map(({ source, repeat: times }) => {
    const one = times === 'folders' ? '[^\\n]' : times === 'start' ? '(?!)' : source;
    const test = bySource.get(one) ?? characterTest(one);
    bySource.set(one, test);
    return test;
  });
  return (path) => {
    let states = closure(new Set([0]), items, true);
    for (const character of path) {
      if (!toEnd && states.has(items.length)) return true;
      const following = new Set<number>(fromStart ? [] : [0]);
      for (const state of states) advance(state, character, items, tests, following);
      states = closure(following, items, false);
    }
    return states.has(items.length);
  };
}

type CharacterTest = (character: string) => boolean;

// Paths hold few different characters: each is asked once.
function characterTest(source: string): CharacterTest {
  const compiled = new RegExp(`^${source}$`, 'u');
  const known = new Map<string, boolean>();
  return (character) => {
    const before = known.get(character);
    if (before !== undefined) return before;
    const matched = compiled.test(character);
    if (known.size < 1000) known.set(character, matched);
    return matched;
  };
}

// State n stands before item n; state -1-n is inside the folders of item n.
function advance(
  state: number,
  character: string,
  items: readonly Item[],
  tests: readonly CharacterTest[],
  following: Set<number>,
): void {
  const index = state < 0 ? -1 - state : state;
  const item = items[index];
  if (item === undefined || !tests[index]?.(character)) return;
  if (item.repeat === 'folders') {
    following.add(-1 - index);
    if (character === '/') following.add(index + 1);
  } else following.add(item.repeat === '*' ? index : index + 1);
}

function closure(states: Set<number>, items: readonly Item[], atStart: boolean): Set<number> {
  for (const state of states) {
    const times = state < 0 ? undefined : items[state]?.repeat;
    if (times === '*' || times === '?' || times === 'folders' || (times === 'start' && atStart)) states.add(state + 1);
  }
  return states;
}
