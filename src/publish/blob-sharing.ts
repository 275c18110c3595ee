/** What the copies of one call share: a blob is sent to a registry once, and the registry's other repositories mount it from there. */
import { type Cancel, throwIfCancelled } from '../base/host/cancel.ts';
import type { Descriptor } from '../content/oci/descriptor.ts';
import type { Digest } from '../content/oci/digest.ts';
import type { Location } from '../content/oci/reference.ts';
import type { Store } from '../content/store/store.ts';
import { mountable } from './copy.ts';

/** What one call knows of blobs in registries. */
export interface BlobSharing {
  /** Repositories that `to` may mount the blob from: staging's, where it is on the same registry, else one that was seen to hold it. */
  mountFrom(blob: Descriptor, staging: Location, to: Location): readonly string[];
  /** Hears what came of a blob in a location. */
  note(kind: 'written' | 'mounted' | 'skipped', blob: Digest, location: Location): void;
  /** The store with writes of one blob one after another, as long as a registry of `locations` lets it be mounted. */
  inTurns<S extends Store>(store: S, locations: readonly Location[]): S;
}

/** Beyond this many, new ones are not remembered. */
const maxHolders = 100_000;
/** A registry that refused so many mounts, and took none, is not asked again. */
const maxRefusals = 3;

/** Knows nothing yet. */
export function createBlobSharing(): BlobSharing {
  const holders = new Map<string, string>();
  const refusals = new Map<string, number>();
  const turns = new Map<Digest, Promise<unknown>>();
  const mayMount = (location: Location): boolean =>
    location.kind === 'registry' && (refusals.get(location.host) ?? 0) < maxRefusals;
  const mountFrom: BlobSharing['mountFrom'] = (blob, staging, to) => {
    const own = mountable(staging, to);
    if (own.length > 0 || to.kind !== 'registry' || !mayMount(to)) return own;
    const holder = holders.get(`${to.host} ${blob.digest}`);
    return holder === undefined || holder === to.repository ? [] : [holder];
  };
  return {
    mountFrom,
    note(kind, blob, location) {
      if (location.kind !== 'registry') return;
      const name = `${location.host} ${blob}`;
      const isKnown = holders.has(name) && holders.get(name) !== location.repository;
      if (kind === 'mounted') refusals.set(location.host, Number.NEGATIVE_INFINITY);
      if (kind === 'written' && isKnown) refusals.set(location.host, (refusals.get(location.host) ?? 0) + 1);
      if (!holders.has(name) && holders.size < maxHolders) holders.set(name, location.repository);
    },
    inTurns: (store, locations) => ({
      ...store,
      async write(content: Descriptor, bytes: AsyncIterable<Uint8Array>, cancel: Cancel = {}) {
        if (!locations.some(mayMount)) return await store.write(content, bytes, cancel);
        const before = turns.get(content.digest);
        const own = (async () => {
          await before?.catch(() => undefined);
          throwIfCancelled(cancel);
          await store.write(content, bytes, cancel);
        })();
        turns.set(content.digest, own);
        try {
          await own;
        } finally {
          if (turns.get(content.digest) === own) turns.delete(content.digest);
        }
      },
    }),
  };
}
