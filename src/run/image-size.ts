/** How large an image is: what a client pulls of one platform. */
import type { Cancel } from '../base/host/cancel.ts';
import type { Descriptor } from '../content/oci/descriptor.ts';
import { readManifest } from '../content/store/copy.ts';
import type { Source } from '../content/store/store.ts';

/**
 * The bytes of an image's layers and config, compressed as they are. One that cannot be read has no size: that is no reason to fail.
 * @throws only the signal's reason
 */
export async function imageSize(store: Source, image: Descriptor, cancel: Cancel): Promise<number | undefined> {
  try {
    const { manifest } = await readManifest(store, image, cancel);
    if (manifest.kind !== 'manifest') return undefined;
    return [manifest.config, ...manifest.layers].reduce((sum, { size }) => sum + size, 0);
  } catch {
    cancel.signal?.throwIfAborted();
    return undefined;
  }
}
