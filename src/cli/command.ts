/** What a command is: data and one call; help, completion and the reference page come from it. */
import type { Host } from '../base/host/host.ts';
import type { Style } from '../report/style.ts';

/** One option. `flags` and the value's type follow from it. */
export type Option =
  | { readonly kind: 'boolean'; readonly description: string; readonly short?: string }
  | {
      readonly kind: 'string';
      readonly description: string;
      readonly value: string;
      readonly short?: string;
      readonly choices?: readonly string[];
    }
  | { readonly kind: 'strings'; readonly description: string; readonly value: string; readonly short?: string }
  | { readonly kind: 'integer'; readonly description: string; readonly value: string; readonly short?: string };

/** The value that an option parses to. */
type ValueOf<O extends Option> = O extends { readonly kind: 'boolean' }
  ? boolean
  : O extends { readonly kind: 'string' }
    ? string | undefined
    : O extends { readonly kind: 'strings' }
      ? readonly string[]
      : number | undefined;

/** Options by their name in camel case: `dryRun` is `--dry-run`. */
export type Options = Readonly<Record<string, Option>>;

/** The values of parsed options. */
export type Values<O extends Options> = { readonly [N in keyof O]: ValueOf<O[N]> };

/** A positional argument. */
export interface Argument {
  readonly name: string;
  readonly description: string;
  readonly required?: boolean;
  readonly many?: boolean;
}

/** What a command finds when it runs. */
export interface Call<O extends Options> {
  readonly options: Values<O>;
  /** Positional arguments in order. */
  readonly args: readonly string[];
  /** What stood behind `--`. */
  readonly rest: readonly string[];
  readonly host: Host;
  readonly signal: AbortSignal;
  readonly output: Output;
}

/** Where a command's progress goes; data is returned, not written. */
export interface Output {
  /** A line on stderr. */
  readonly note: (line: string) => void;
  readonly style: Style;
  /** stderr, where a live list may be drawn; undefined where it is no terminal, or in CI. */
  readonly screen?: Screen;
  /** Whether `--json` was given. */
  readonly json: boolean;
}

/** A terminal's face. */
export interface Screen {
  write(text: string): void;
  columns(): number;
  rows(): number;
}

/** One command. */
export interface Command<O extends Options = Options, R = unknown> {
  readonly name: string;
  readonly summary: string;
  /** Paragraphs below the summary in the help. */
  readonly details?: string;
  readonly examples: readonly string[];
  readonly arguments?: readonly Argument[];
  /** Whether all behind `--` is taken as another program's argument list. */
  readonly takesRest?: boolean;
  readonly options: O;
  /** Whether `--json` prints the returned data. */
  readonly printsData: boolean;
  readonly run: (call: Call<O>) => Promise<R>;
  /** The result as text for stdout; empty where there is nothing to say. */
  readonly text: (result: R, style: Style) => string;
  /** The result as plain data for --json; the result itself where absent. */
  readonly data?: (result: R) => unknown;
  /** The exit status of a result; 0 where absent. */
  readonly status?: (result: R) => number;
}

/** Gives a command its types. */
export function defineCommand<const O extends Options, R>(command: Command<O, R>): Command<O, R> {
  return command;
}

/** Makers of options. */
export const option = {
  boolean: (description: string, short?: string) => ({ kind: 'boolean', description, ...shortOf(short) }) as const,
  string: (
    description: string,
    value: string,
    more: { readonly short?: string; readonly choices?: readonly string[] } = {},
  ) => ({ kind: 'string', description, value, ...more }) as const,
  strings: (description: string, value: string, short?: string) =>
    ({ kind: 'strings', description, value, ...shortOf(short) }) as const,
  integer: (description: string, value: string, short?: string) =>
    ({ kind: 'integer', description, value, ...shortOf(short) }) as const,
};

function shortOf(short: string | undefined): { readonly short?: string } {
  return short === undefined ? {} : { short };
}

/** `dryRun` as `dry-run`. */
export function kebabCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
