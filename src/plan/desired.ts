/** What should stand in a target's destinations: a function of its legs' records and its tags. */
import { type MergedIndex, mergeLegs } from '../content/oci/image-index.ts';
import type { LegRecord } from '../ledger/leg-record.ts';
import type { Target } from '../source/project/model.ts';

/** A target as it should be published. */
export interface DesiredTarget {
  readonly target: Target;
  readonly legs: readonly LegRecord[];
  readonly merged: MergedIndex;
  /** Tags that name the index, no two equal. */
  readonly tags: readonly string[];
}

const indexPrefix = 'index:';

/**
 * The index of a target's legs, and its tags. Annotations named `index:NAME` (Buildx's form) stand on the index.
 * @throws FanfoldError `content.platform` where two legs have one platform
 */
export function desiredTarget(target: Target, legs: readonly LegRecord[], tags: readonly string[]): DesiredTarget {
  const annotations = Object.entries(target.annotations)
    .filter(([name]) => name.startsWith(indexPrefix))
    .map(([name, value]) => [name.slice(indexPrefix.length), value] as const);
  return { target, legs, merged: mergeLegs(legs, Object.fromEntries(annotations)), tags: [...new Set(tags)] };
}
