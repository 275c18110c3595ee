/** The manifests that passed lately, by digest, so that naming one does not read it again. */
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';

/** A bounded memory; what it holds was checked when it came. */
export interface Recent {
  add(content: Descriptor, bytes: Uint8Array): void;
  find(content: Descriptor): Uint8Array | undefined;
}

const maxTotalBytes = 4 * 1024 * 1024;
const maxEntries = 256;

/** An empty one: at most 256 manifests of 4 MiB in all, the oldest let go first. */
export function createRecent(): Recent {
  const entries = new Map<Digest, Uint8Array>();
  let totalBytes = 0;
  return {
    add(content, bytes) {
      if (entries.has(content.digest)) return;
      entries.set(content.digest, bytes);
      totalBytes += bytes.length;
      for (const [digest, old] of entries) {
        if (totalBytes <= maxTotalBytes && entries.size <= maxEntries) break;
        entries.delete(digest);
        totalBytes -= old.length;
      }
    },
    find: (content) => entries.get(content.digest),
  };
}
