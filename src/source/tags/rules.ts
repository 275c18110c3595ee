/** The rules of a target's tags as data (docker/metadata-action's `tags` and `flavor` inputs, parsed). */

/** Parsed by `parseTagRules`; extended in source/tags. */
export interface TagRules {
  readonly rules: readonly TagRule[];
  readonly flavor: Flavor;
}

/** One rule, as written: `type=semver,pattern={{version}},enable=true`. */
export interface TagRule {
  readonly type: 'schedule' | 'semver' | 'pep440' | 'match' | 'edge' | 'ref' | 'raw' | 'sha';
  /** Attributes by name, defaults filled in. */
  readonly attributes: Readonly<Record<string, string>>;
  /** The rule as written, for messages. */
  readonly text: string;
  /** Where it begins: line and column from 1, inside the rules' own text. */
  readonly line: number;
  readonly column: number;
}

/** metadata-action's flavor. */
export interface Flavor {
  readonly latest: 'auto' | 'true' | 'false';
  readonly prefix: string;
  readonly prefixLatest: boolean;
  readonly suffix: string;
  readonly suffixLatest: boolean;
}
