/** What stands in a destination now, as far as a target's publication needs to know. */
import type { Cancel } from '../base/host/cancel.ts';
import type { Descriptor } from '../content/oci/descriptor.ts';
import type { Digest } from '../content/oci/digest.ts';
import type { Source } from '../content/store/store.ts';
import { contentOf } from '../ledger/leg-record.ts';
import type { DesiredTarget } from './desired.ts';

/** What a destination holds of a desired target. */
export interface Observed {
  /** Manifests of the target's legs that are not there. */
  readonly missing: readonly Descriptor[];
  /**
   * Whether the index itself is known to be there: one of the desired tags names it. It is asked for only where no tag is desired: an
   * index is small, so writing one that is there costs what asking would, and changes nothing.
   */
  readonly hasIndex: boolean;
  /** What each desired tag names now; absent where nothing is. */
  readonly tags: ReadonlyMap<string, Digest>;
}

/** Asks a destination, all at once. An index that stands there does not prove its children: each is asked for. */
export async function observe(desired: DesiredTarget, destination: Source, cancel: Cancel = {}): Promise<Observed> {
  const manifests = desired.legs.flatMap(contentOf);
  const index = desired.merged.descriptor;
  const [present, named, untagged] = await Promise.all([
    Promise.all(manifests.map((manifest) => destination.has(manifest, cancel))),
    Promise.all(desired.tags.map((tag) => destination.resolve(tag, cancel))),
    desired.tags.length === 0 && destination.has(index, cancel),
  ]);
  const hasIndex = untagged || named.some((found) => found?.digest === index.digest);
  const tags = desired.tags.flatMap((tag, place) => {
    const digest = named[place]?.digest;
    return digest === undefined ? [] : [[tag, digest] as const];
  });
  return { missing: manifests.filter((_, place) => present[place] === false), hasIndex, tags: new Map(tags) };
}
