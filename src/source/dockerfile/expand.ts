/** Shell word expansion as BuildKit does it for Dockerfile instructions (Dockerfile reference, "Environment replacement"). */

/** An expanded word and the variables that it read. */
export interface Expansion {
  readonly value: string;
  /** Variables that were set. */
  readonly used: ReadonlySet<string>;
  /** Variables that were read and not set. */
  readonly unknown: ReadonlySet<string>;
}

/** Expanded text, split into words. */
export interface WordsExpansion {
  readonly words: readonly string[];
  readonly used: ReadonlySet<string>;
  readonly unknown: ReadonlySet<string>;
}

/**
 * Expands variables and takes quotes away; spaces stay.
 * @throws FanfoldError `dockerfile.expansion`
 */
export declare function expand(word: string, env: ReadonlyMap<string, string>, escape?: '\\' | '`'): Expansion;

/**
 * Expands variables, takes quotes away and splits at spaces that were not quoted.
 * @throws FanfoldError `dockerfile.expansion`
 */
export declare function expandWords(
  word: string,
  env: ReadonlyMap<string, string>,
  escape?: '\\' | '`',
): WordsExpansion;
