/** What stands in a destination now, as far as a target's publication needs to know. */
import type { Cancel } from '../base/host/cancel.ts';
import type { Descriptor } from '../content/oci/descriptor.ts';
import type { Digest } from '../content/oci/digest.ts';
import { unknownPlatform } from '../content/oci/platform.ts';
import { type Source, tellsChildChecks } from '../content/store/store.ts';
import { contentOf, type LegRecord } from '../ledger/leg-record.ts';
import type { DesiredTarget } from './desired.ts';

/** What a destination holds of a desired target. */
export interface Observed {
  /** Manifests of the target's legs that are not there. */
  readonly missing: readonly Descriptor[];
  /** Whether the manifests were left unasked: the registry refuses an index that lacks one. */
  readonly unasked: boolean;
  /**
   * Whether the index itself is known to be there: one of the desired tags names it. It is asked for only where no tag is desired: an
   * index is small, so writing one that is there costs what asking would, and changes nothing.
   */
  readonly hasIndex: boolean;
  /** What each desired tag names now; absent where nothing is. */
  readonly tags: ReadonlyMap<string, Digest>;
}

/** What is not asked of a destination, by what comes after. */
export interface Asking {
  /** The plan is published as soon as it is made: what the publication itself finds out is then not asked. */
  readonly publishedAtOnce?: boolean;
  /** Content alone is copied, ahead of a publication: where every tag is right, its content is taken to be there. */
  readonly contentAlone?: boolean;
}

/**
 * Asks a destination. An index that stands there does not prove its children: each is asked for. Where the plan is `publishedAtOnce` and a tag
 * has to move, they are not: a registry that checks them refuses the index that the publication then writes, and is brought what it lacks.
 */
export async function observe(
  desired: DesiredTarget,
  destination: Source,
  { publishedAtOnce = false, contentAlone = false }: Asking = {},
  cancel: Cancel = {},
): Promise<Observed> {
  const index = desired.merged.descriptor;
  const missing = (): Promise<readonly Descriptor[]> => missingContent(desired.legs, destination, cancel);
  if (desired.tags.length === 0) {
    const [absent, hasIndex] = await Promise.all([missing(), destination.has(index, cancel)]);
    return { missing: absent, unasked: false, hasIndex, tags: new Map() };
  }
  const asked = publishedAtOnce || contentAlone ? undefined : missing();
  const named = await Promise.all(desired.tags.map((tag) => destination.resolve(tag, cancel)));
  const hasIndex = named.some((found) => found?.digest === index.digest);
  const tags = desired.tags.flatMap((tag, place) => {
    const digest = named[place]?.digest;
    return digest === undefined ? [] : [[tag, digest] as const];
  });
  const isRight = contentAlone && named.every((found) => found?.digest === index.digest);
  const unasked = publishedAtOnce && !hasIndex && (await checksChildren(desired, destination, cancel));
  const absent = isRight || unasked ? [] : await (asked ?? missing());
  return { missing: absent, unasked, hasIndex, tags: new Map(tags) };
}

/** The manifests of legs that a destination does not hold. */
export async function missingContent(
  legs: readonly LegRecord[],
  destination: Source,
  cancel: Cancel,
): Promise<readonly Descriptor[]> {
  const manifests = legs.flatMap(contentOf);
  const present = await Promise.all(manifests.map((manifest) => destination.has(manifest, cancel)));
  return manifests.filter((_, place) => present[place] === false);
}

async function checksChildren(desired: DesiredTarget, destination: Source, cancel: Cancel): Promise<boolean> {
  if (!tellsChildChecks(destination)) return false;
  const platforms = desired.merged.index.manifests.map(({ platform }) => platform ?? unknownPlatform);
  return await destination.checksChildren(platforms, cancel);
}
