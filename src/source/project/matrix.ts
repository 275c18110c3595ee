/** A target's matrix, as Buildx Bake has it: one target for each combination of values, which stand in its texts as `${name}`. */
import { nearestName } from '../../base/errors/nearest.ts';
import type { WrittenTarget } from './schema.ts';

/** A combination: what each `${name}` and `${name.field}` stands for. */
export type Combination = ReadonlyMap<string, string>;

type Matrix = NonNullable<WrittenTarget['matrix']>;

/** The most targets that a matrix makes. */
export const maxCombinations = 10_000;

/** Every combination in the order of the file, the first name outermost; undefined where there are more than 10,000. */
export function combinations(matrix: Matrix): readonly Combination[] | undefined {
  let all: readonly Combination[] = [new Map()];
  for (const [name, values] of Object.entries(matrix)) {
    if (all.length * values.length > maxCombinations) return undefined;
    all = all.flatMap((combination) => values.map((value) => new Map([...combination, ...entriesOf(name, value)])));
  }
  return all;
}

function entriesOf(name: string, value: Matrix[string][number]): readonly (readonly [string, string])[] {
  if (typeof value !== 'object') return [[name, String(value)]];
  return Object.entries(value).map(([field, inner]) => [`${name}.${field}`, String(inner)] as const);
}

/** A `${name}` that stands for nothing. */
export interface UnknownVariable {
  readonly name: string;
  readonly hint: string;
}

/** `text` with every `${name}` replaced; `$${` is `${`. What stands for nothing is told to `unknown`. */
export function substitute(
  text: string,
  combination: Combination,
  unknown: (variable: UnknownVariable) => void,
): string {
  return text.replace(/\$\$\{|\$\{([^}]*)\}/g, (whole, inner?: string) => {
    if (inner === undefined) return whole.slice(1);
    const name = inner.trim();
    const value = combination.get(name);
    if (value !== undefined) return value;
    const nearest = nearestName(name.slice(0, 64), combination.keys());
    const hint =
      nearest === undefined ? `the matrix has ${[...combination.keys()].join(', ')}` : `did you mean ${nearest}?`;
    unknown({ name, hint: `${hint} ($$ before the brace keeps it as it is)` });
    return whole;
  });
}
