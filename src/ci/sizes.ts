/** How large images are: what a client pulls of one platform. */
import type { Cancel } from '../base/host/cancel.ts';
import type { OpenAll } from '../call/open.ts';
import { readManifest } from '../content/store/copy.ts';
import type { Plan } from '../plan/planned.ts';
import type { RunOutcome } from '../run/events.ts';

const mostImages = 50;

/**
 * The bytes of layers and config of the images that were built here, by the digest of their manifest. An image that cannot be read has no size:
 * that is no reason to fail.
 */
export async function imageSizes(
  plan: Plan,
  outcome: RunOutcome,
  open: OpenAll,
  cancel: Cancel,
): Promise<ReadonlyMap<string, number>> {
  const sizes = new Map<string, number>();
  for (const { keyed } of plan.legs.slice(0, mostImages)) {
    const ended = outcome.legs.get(keyed.leg.name);
    if (ended?.kind !== 'built') continue;
    try {
      const staging = await open(keyed.leg.target.staging, cancel);
      const { manifest } = await readManifest(staging, ended.record.manifest, cancel);
      if (manifest.kind !== 'manifest') continue;
      const parts = [manifest.config, ...manifest.layers];
      sizes.set(
        ended.record.manifest.digest,
        parts.reduce((sum, { size }) => sum + size, 0),
      );
    } catch {
      cancel.signal?.throwIfAborted();
    }
  }
  return sizes;
}
