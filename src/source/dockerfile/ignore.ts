/** .dockerignore's patterns, as moby/patternmatcher has them; `--exclude` uses the same. */

/** Compiled patterns, in order. */
export interface IgnorePatterns {
  readonly patterns: readonly IgnorePattern[];
}

/** One pattern. */
export interface IgnorePattern {
  readonly text: string;
  /** It began with `!`. */
  readonly negated: boolean;
  readonly matches: (path: string) => boolean;
}

/**
 * Reads a .dockerignore's text.
 * @throws FanfoldError `dockerfile.ignore` with the line
 */
export declare function readIgnore(text: string, file?: string): IgnorePatterns;

/**
 * Compiles patterns that do not come from a file (`--exclude`).
 * @throws FanfoldError `dockerfile.ignore`
 */
export declare function compileIgnore(patterns: readonly string[]): IgnorePatterns;

/** Whether the last pattern that matches the path, or a folder that it is in, ignores it. */
export declare function isIgnored(patterns: IgnorePatterns, path: string): boolean;

/** The files that may hold a Dockerfile's ignore patterns, the first that exists counts: relative to the Dockerfile's own root, then to the context's. */
export declare function ignoreFileNames(dockerfile: string): {
  readonly besideDockerfile: string;
  readonly inContext: string;
};
