/** What the endpoint holds back, in memory: manifests, and blobs under a bound, until they are committed. */
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import type { Manifest } from '../oci/manifest.ts';

/** A manifest as it was pushed. */
export interface HeldManifest {
  readonly pushed: Descriptor;
  readonly bytes: Uint8Array;
  readonly manifest: Manifest;
  /** What it became in the store, once it is there. */
  published?: Descriptor;
}

/** Held content, by the digest that it was pushed with. */
export interface Held {
  readonly blobs: {
    get(digest: Digest): Uint8Array | undefined;
    /** Bytes of one blob that may be held: under the bound, and as long as there is room in all. */
    fits(sizeBytes: number): boolean;
    add(digest: Digest, bytes: Uint8Array): void;
    remove(digest: Digest): void;
  };
  readonly manifests: {
    get(digest: Digest): HeldManifest | undefined;
    /** Whether one of this size can be taken; where it cannot, no more can come before something is committed. */
    fits(sizeBytes: number): boolean;
    add(manifest: HeldManifest): void;
    remove(digest: Digest): void;
    all(): readonly HeldManifest[];
  };
}

/** Bounds in bytes. */
export interface HeldBounds {
  /** A blob of this size or more is never held. */
  readonly blobBytes: number;
  readonly allBlobsBytes: number;
  readonly allManifestsBytes: number;
}

/** A blob under 1 MiB is held; 64 MiB of blobs in all (what comes then goes on to the store); as much of manifests. */
export const heldBounds: HeldBounds = {
  blobBytes: 1024 * 1024,
  allBlobsBytes: 64 * 1024 * 1024,
  allManifestsBytes: 64 * 1024 * 1024,
};

/** Holds no blob: each goes straight on. */
export const straightThrough: HeldBounds = { ...heldBounds, blobBytes: 0, allBlobsBytes: 0 };

/** Holds nothing yet. */
export function createHeld(bounds: HeldBounds): Held {
  const blobs = new Map<Digest, Uint8Array>();
  const manifests = new Map<Digest, HeldManifest>();
  let blobsBytes = 0;
  let manifestsBytes = 0;
  const removeManifest = (digest: Digest): void => {
    manifestsBytes -= manifests.get(digest)?.bytes.length ?? 0;
    manifests.delete(digest);
  };
  const makeRoom = (sizeBytes: number): boolean => {
    for (const { pushed, published } of manifests.values()) {
      if (manifestsBytes + sizeBytes <= bounds.allManifestsBytes) break;
      if (published !== undefined) removeManifest(pushed.digest);
    }
    return manifestsBytes + sizeBytes <= bounds.allManifestsBytes;
  };
  return {
    blobs: {
      get: (digest) => blobs.get(digest),
      fits: (sizeBytes) => sizeBytes < bounds.blobBytes && blobsBytes + sizeBytes <= bounds.allBlobsBytes,
      add(digest, bytes) {
        if (blobs.has(digest)) return;
        blobs.set(digest, bytes);
        blobsBytes += bytes.length;
      },
      remove(digest) {
        blobsBytes -= blobs.get(digest)?.length ?? 0;
        blobs.delete(digest);
      },
    },
    manifests: {
      get: (digest) => manifests.get(digest),
      fits: makeRoom,
      add(manifest) {
        removeManifest(manifest.pushed.digest);
        manifests.set(manifest.pushed.digest, manifest);
        manifestsBytes += manifest.bytes.length;
      },
      remove: removeManifest,
      all: () => [...manifests.values()],
    },
  };
}
