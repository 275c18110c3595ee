/** Patterns in `${x#p} ${x%p} ${x/p/r}`: `*` and `?` without brackets (POSIX shell, 2.6.2), matched in linear time per start. */
import { FanfoldError } from '../../base/errors/error.ts';

type Token = { readonly kind: 'star' } | { readonly kind: 'any' } | { readonly kind: 'literal'; readonly text: string };

interface Match {
  readonly start: number;
  readonly shortestEnd: number;
  readonly longestEnd: number;
}

const maxWork = 20_000_000;

/**
 * Takes the shortest or the longest match off the value's start or end.
 * @throws FanfoldError `dockerfile.expansion` for a pattern that cannot be
 */
export function trimPattern(value: string, pattern: string, side: 'start' | 'end', longest: boolean): string {
  const characters = [...value];
  const tokens = tokensOf(pattern);
  if (side === 'end') {
    characters.reverse();
    tokens.reverse();
  }
  const match = findMatch(tokens, characters, 0, true);
  if (match === undefined) return value;
  const rest = characters.slice(longest ? match.longestEnd : match.shortestEnd);
  return (side === 'end' ? rest.reverse() : rest).join('');
}

/**
 * Replaces the first match, or all of them.
 * @throws FanfoldError `dockerfile.expansion` for a pattern that cannot be
 */
export function replacePattern(value: string, pattern: string, replacement: string, all: boolean): string {
  const characters = [...value];
  const tokens = tokensOf(pattern);
  if (all) return replaceAll(characters, tokens, replacement);
  const match = findMatch(tokens, characters, 0, false);
  if (match === undefined) return value;
  return characters.slice(0, match.start).join('') + replacement + characters.slice(match.longestEnd).join('');
}

// As Go's Regexp.ReplaceAllString: no empty match directly after another match, `$` in the replacement is a template.
function replaceAll(characters: readonly string[], tokens: readonly Token[], replacement: string): string {
  let text = '';
  let copied = 0;
  let position = 0;
  while (position <= characters.length) {
    const match = findMatch(tokens, characters, position, false);
    if (match === undefined) break;
    const end = match.longestEnd;
    text += characters.slice(copied, match.start).join('');
    if (end > copied || match.start === 0) {
      text += fillTemplate(replacement, characters.slice(match.start, end).join(''));
    }
    copied = end;
    position = Math.max(position + 1, end);
  }
  return text + characters.slice(copied).join('');
}

function fillTemplate(template: string, whole: string): string {
  return template.replace(/\$(?:\$|(\w+)|\{(\w+)\})/g, (found, name?: string, braced?: string) => {
    if (found === '$$') return '$';
    return (name ?? braced) === '0' ? whole : '';
  });
}

function tokensOf(pattern: string): Token[] {
  const characters = [...pattern];
  const tokens: Token[] = [];
  for (let index = 0; index < characters.length; index++) {
    const character = characters[index] ?? '';
    if (character === '*') tokens.push({ kind: 'star' });
    else if (character === '?') tokens.push({ kind: 'any' });
    else if (character === '\\') {
      const escaped = characters[++index];
      // `}` and `/` are escaped for the substitution's sake; they are no part of the pattern's own syntax.
      if (escaped !== undefined && '*?\\}/'.includes(escaped)) tokens.push({ kind: 'literal', text: escaped });
      else
        throw new FanfoldError('dockerfile.expansion', `the pattern ${JSON.stringify(pattern)} has an invalid escape`);
    } else tokens.push({ kind: 'literal', text: character });
  }
  return tokens;
}

/**
 * The leftmost match from a position on, with its shortest and longest end. Each state of the simulation keeps the
 * leftmost start that reaches it, so no input makes it run longer than value times pattern.
 */
function findMatch(
  tokens: readonly Token[],
  characters: readonly string[],
  from: number,
  anchored: boolean,
): Match | undefined {
  if ((characters.length - from + 1) * (tokens.length + 1) > maxWork) {
    throw new FanfoldError('dockerfile.expansion', 'a pattern in a substitution is too long for its value');
  }
  const accepting = tokens.length;
  let states = new Map<number, number>();
  let best: Match | undefined;
  for (let position = from; position <= characters.length; position++) {
    if (best === undefined && (!anchored || position === from)) reach(states, tokens, 0, position);
    const start = states.get(accepting);
    if (start !== undefined && (best === undefined || start < best.start)) {
      best = { start, shortestEnd: position, longestEnd: position };
    } else if (start !== undefined && start === best?.start) best = { ...best, longestEnd: position };
    const character = characters[position];
    if (character === undefined) break;
    states = step(states, tokens, character, best?.start);
    if (states.size === 0 && (anchored || best !== undefined)) break;
  }
  return best;
}

function step(
  states: ReadonlyMap<number, number>,
  tokens: readonly Token[],
  character: string,
  bestStart = Number.POSITIVE_INFINITY,
): Map<number, number> {
  const following = new Map<number, number>();
  for (const [state, start] of states) {
    const token = tokens[state];
    if (token === undefined || start > bestStart) continue;
    if (token.kind === 'literal' ? token.text !== character : character === '\n') continue;
    reach(following, tokens, token.kind === 'star' ? state : state + 1, start);
  }
  return following;
}

function reach(states: Map<number, number>, tokens: readonly Token[], state: number, start: number): void {
  for (let current = state; ; current++) {
    if ((states.get(current) ?? Number.POSITIVE_INFINITY) > start) states.set(current, start);
    if (tokens[current]?.kind !== 'star') return;
  }
}
