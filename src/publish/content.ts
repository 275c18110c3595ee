/** Blobs and manifests from staging to destinations, without a tag: may be done by many at once. */
import type { Cancel } from '../base/host/cancel.ts';
import type { Descriptor } from '../content/oci/descriptor.ts';
import { isForeign } from '../content/oci/graph.ts';
import type { MergedIndex } from '../content/oci/image-index.ts';
import type { Location } from '../content/oci/reference.ts';
import { type CopyEvent, copyGraph, writeBytes } from '../content/store/copy.ts';
import { type FanOutEvent, fanOut } from '../content/store/fan-out.ts';
import type { Store } from '../content/store/store.ts';
import type { Destination } from '../source/project/model.ts';
import { type BlobSharing, createBlobSharing } from './blob-sharing.ts';

/** A destination with its open store. */
export interface OpenDestination {
  readonly destination: Destination;
  readonly store: Store;
}

/** How content is copied. */
export interface ContentOptions {
  /** What is known of blobs from other copies of the call; nothing where absent. */
  readonly sharing?: BlobSharing;
  /** Hears of each content that was sent, mounted or found. */
  readonly on?: (event: Exclude<FanOutEvent, { readonly kind: 'dropped' }>) => void;
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
  { sharing = createBlobSharing(), on = () => undefined }: ContentOptions = {},
  cancel: Cancel = {},
): Promise<ReadonlyMap<Destination, unknown>> {
  const members = destinations.map(({ destination, store }, place) => ({
    name: String(place),
    store,
    required: destination.required,
    mountFrom: (blob: Descriptor) => sharing.mountFrom(blob, stagingLocation, destination.location),
  }));
  const locations = destinations.map(({ destination }) => destination.location);
  const all = fanOut(members, {
    on(event) {
      const location = locations[Number(event.member)];
      if (event.kind === 'dropped' || location === undefined) return;
      sharing.note(event.kind, event.content.digest, location);
      on(event);
    },
  });
  const onCopy = ({ kind, content }: CopyEvent): void => {
    if (kind !== 'skipped' || isForeign(content)) return;
    const dropped = all.dropped();
    for (const [place, location] of locations.entries())
      if (!dropped.has(String(place))) sharing.note('skipped', content.digest, location);
  };
  const store = sharing.inTurns(all, locations);
  for (const manifest of manifests) await copyGraph(staging, store, manifest, { on: onCopy }, cancel);
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
