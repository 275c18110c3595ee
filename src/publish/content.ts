/** Blobs and manifests from staging to destinations, without a tag: may be done by many at once. */
import type { Cancel } from '../base/host/cancel.ts';
import type { Descriptor } from '../content/oci/descriptor.ts';
import type { MergedIndex } from '../content/oci/image-index.ts';
import type { Location } from '../content/oci/reference.ts';
import { copyGraph, writeBytes } from '../content/store/copy.ts';
import { fanOut } from '../content/store/fan-out.ts';
import type { Store } from '../content/store/store.ts';
import type { Destination } from '../source/project/model.ts';
import { mountable } from './copy.ts';

/** A destination with its open store. */
export interface OpenDestination {
  readonly destination: Destination;
  readonly store: Store;
}

/**
 * Copies manifests with all that they point to, each byte read once, to all destinations at the same time. Gives the destinations that
 * are not required and fell behind, with the reason.
 */
export async function writeContent(
  staging: Store,
  stagingLocation: Location,
  destinations: readonly OpenDestination[],
  manifests: readonly Descriptor[],
  cancel: Cancel = {},
): Promise<ReadonlyMap<Destination, unknown>> {
  const members = destinations.map(({ destination, store }, place) => ({
    name: String(place),
    store,
    required: destination.required,
    mountFrom: mountable(stagingLocation, destination.location),
  }));
  const all = fanOut(members);
  for (const manifest of manifests) await copyGraph(staging, all, manifest, {}, cancel);
  const dropped = [...all.dropped()].flatMap(([name, problem]) => {
    const destination = destinations[Number(name)]?.destination;
    return destination === undefined ? [] : [[destination, problem] as const];
  });
  return new Map(dropped);
}

/** Writes the index by its digest. */
export async function writeIndex(store: Store, merged: MergedIndex, cancel: Cancel = {}): Promise<void> {
  await writeBytes(store, merged.descriptor.mediaType, merged.bytes, cancel);
}
