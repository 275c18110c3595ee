/** .dockerignore's patterns, as moby/patternmatcher has them; `--exclude` and `--parents` use the same. */
import { FanfoldError } from '../../base/errors/error.ts';
import { isRefusedGlob } from './glob.ts';
import { compileExpression } from './go-expression.ts';
import { translatePattern } from './ignore-pattern.ts';
import { cleanPath } from './paths.ts';

/** A place in an ignore file. */
type Place = { readonly file?: string; readonly line?: number; readonly column?: number };

/** Compiled patterns, in order. */
export interface IgnorePatterns {
  readonly patterns: readonly IgnorePattern[];
}

/** One pattern. */
export interface IgnorePattern {
  /** Cleaned, without `!`. */
  readonly text: string;
  /** It began with `!`. */
  readonly negated: boolean;
  /** Where it stands, where it came from a file. */
  readonly place: Place;
  /** What every path that it matches begins with; '' where nothing is known of that. */
  readonly head: string;
  readonly matches: (path: string) => boolean;
}

/** What a walk knows of a folder: which patterns match it or a folder above it. */
export type IgnoreState = readonly boolean[];

/** Bounds of one set of patterns. */
const maxPatterns = 10_000;
const maxPatternLength = 4096;

/**
 * Reads a .dockerignore's text.
 * @throws FanfoldError `dockerfile.ignore` with the line
 */
export function readIgnore(text: string, file?: string): IgnorePatterns {
  const patterns: IgnorePattern[] = [];
  const lines = text.replace(/^\ufeff/, '').split('\n');
  for (const [index, line] of lines.entries()) {
    if (line.startsWith('#') || line.trim() === '') continue;
    const place = { ...(file !== undefined && { file }), line: index + 1, column: 1 };
    if (patterns.length >= maxPatterns) throw mistake(`there are more than ${maxPatterns} patterns`, place);
    const compiled = compile(normalizeLine(line.trim()), place);
    if (compiled !== undefined) patterns.push(compiled);
  }
  return { patterns };
}

/**
 * Compiles patterns that do not come from a file (`--exclude`).
 * @throws FanfoldError `dockerfile.ignore`
 */
export function compileIgnore(patterns: readonly string[]): IgnorePatterns {
  return { patterns: patterns.flatMap((pattern) => compile(pattern, {}) ?? []) };
}

/**
 * Whether a walk down to the path would leave it out. This is what BuildKit does (MatchesUsingParentResults): a pattern
 * counts for what is below a folder only if it was looked at for that folder, that is if it could change the result there.
 */
export function isIgnored(ignore: IgnorePatterns, path: string): boolean {
  let state: IgnoreState | undefined;
  let ignored = false;
  for (let end = path.indexOf('/'); ; end = path.indexOf('/', end + 1)) {
    ({ ignored, state } = walkIgnore(ignore, end < 0 ? path : path.slice(0, end), state));
    if (end < 0) return ignored;
  }
}

/** Like `isIgnored` for a path whose folder's state is known; the path must be directly in that folder. */
export function walkIgnore(
  ignore: IgnorePatterns,
  path: string,
  folder: IgnoreState | undefined,
): { ignored: boolean; state: IgnoreState } {
  let ignored = false;
  const state = ignore.patterns.map((pattern, index) => {
    const matched = folder?.[index] || (pattern.negated === ignored && pattern.matches(path));
    if (matched) ignored = !pattern.negated;
    return matched;
  });
  return { ignored, state };
}

/** A walk's stay in one folder. */
export interface IgnoreWalk {
  /** Whether a file directly in the folder is left out. */
  isIgnored(path: string): boolean;
  /** Whether a folder directly in it is, and what the walk then knows there. */
  enter(path: string): { readonly ignored: boolean; readonly state: IgnoreState };
}

/** Walks what is directly in a folder ('' is the root) whose state is known. Patterns that can match nothing in it are left aside. */
export function walkFolder(ignore: IgnorePatterns, folder: string, state: IgnoreState | undefined): IgnoreWalk {
  const within = folder === '' ? '' : `${folder}/`;
  const near = ignore.patterns.flatMap((pattern, index) => {
    const isMatched = state?.[index] ?? false;
    const isNear = isMatched || pattern.head.startsWith(within) || within.startsWith(pattern.head);
    return isNear ? [{ pattern, index, isMatched }] : [];
  });
  const nothing = ignore.patterns.map(() => false);
  return {
    isIgnored(path) {
      let ignored = false;
      for (const { pattern, isMatched } of near) {
        if (isMatched || (pattern.negated === ignored && pattern.matches(path))) ignored = !pattern.negated;
      }
      return ignored;
    },
    enter(path) {
      let ignored = false;
      const entered = [...nothing];
      for (const { pattern, index, isMatched } of near) {
        if (!isMatched && (pattern.negated !== ignored || !pattern.matches(path))) continue;
        ignored = !pattern.negated;
        entered[index] = true;
      }
      return { ignored, state: entered };
    },
  };
}

/** The text of the last pattern that decides a path's fate, for messages; undefined where none matches. */
export function decidingPattern(ignore: IgnorePatterns, path: string): string | undefined {
  const found = decidingLine(ignore, path);
  return found && (found.negated ? `!${found.text}` : found.text);
}

/** The last pattern that decides a path's fate; undefined where none matches. */
export function decidingLine(ignore: IgnorePatterns, path: string): IgnorePattern | undefined {
  const parts = path.split('/');
  const paths = parts.map((_, index) => parts.slice(0, index + 1).join('/'));
  return ignore.patterns.findLast((pattern) => paths.some((candidate) => pattern.matches(candidate)));
}

/** The files that may hold a Dockerfile's patterns; the first that exists counts. The first stands beside the Dockerfile, the second at the context's root. */
export function ignoreFileNames(dockerfile: string): { besideDockerfile: string; inContext: string } {
  return { besideDockerfile: `${dockerfile}.dockerignore`, inContext: '.dockerignore' };
}

function normalizeLine(line: string): string {
  const negated = line.startsWith('!');
  const bare = negated ? line.slice(1).trim() : line;
  const clean = bare === '' ? '' : cleanPath(bare);
  const relative = clean.length > 1 && clean.startsWith('/') ? clean.slice(1) : clean;
  return negated ? `!${relative}` : relative;
}

function compile(written: string, place: Place): IgnorePattern | undefined {
  const trimmed = written.trim();
  if (trimmed === '') return undefined;
  if (trimmed.length > maxPatternLength) throw mistake(`a pattern is longer than ${maxPatternLength}`, place);
  const clean = cleanPath(trimmed);
  const negated = clean.startsWith('!');
  const text = negated ? clean.slice(1) : clean;
  if (text === '') throw mistake('a lone ! excludes nothing', place);
  if (isRefusedGlob(text)) throw mistake(`the pattern ${JSON.stringify(text)} is malformed`, place);
  return { text, negated, place, head: headOf(text), matches: matcherOf(text, place) };
}

/** The plain text before the first character that may be special, in this language or in the expression that it becomes. */
function headOf(text: string): string {
  // With a bar, other alternatives begin otherwise; braces may take the character before them away.
  return /[|{}]/.test(text) ? '' : (/^[^*?[\]\\^]*/.exec(text)?.[0] ?? '');
}

function matcherOf(text: string, place: Place): (path: string) => boolean {
  const { kind, expression } = translatePattern(text);
  switch (kind) {
    case 'exact':
      return (path) => path === text;
    case 'prefix': {
      const prefix = text.slice(0, -2);
      return (path) => path.startsWith(prefix);
    }
    case 'suffix': {
      const suffix = text.slice(2);
      return (path) => path.endsWith(suffix) || (suffix.startsWith('/') && path === suffix.slice(1));
    }
    case 'expression': {
      const matches = compileExpression(expression);
      if (matches === undefined) throw mistake(`the pattern ${JSON.stringify(text)} is malformed`, place);
      return matches;
    }
  }
}

function mistake(message: string, place: Place): FanfoldError {
  return new FanfoldError('dockerfile.ignore', message, { place });
}
