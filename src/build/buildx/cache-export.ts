/** A cache that BuildKit exported to a folder, brought to the leg's cache: for a BuildKit that does not reach this machine. */
import { messageOf } from '../../base/errors/error.ts';
import type { Cancel } from '../../base/host/cancel.ts';
import type { Host } from '../../base/host/host.ts';
import { copyGraph } from '../../content/store/copy.ts';
import { layoutStore } from '../../content/store/layout/layout.ts';
import type { BuildRequest } from '../builder.ts';
import { layoutRoots } from '../layout-result.ts';

/** Gives the bytes that were written; undefined where nothing was to be. What cannot be written is told, and no error. */
export async function takeCache(
  { cache, on }: BuildRequest,
  folder: string,
  host: Host,
  cancel: Cancel,
): Promise<number | undefined> {
  if (cache === undefined || !cache.writes) return undefined;
  try {
    const [root] = await layoutRoots(folder, host);
    if (root === undefined) return undefined;
    await copyGraph(layoutStore({ kind: 'layout', path: folder }, host), cache.store, root, { check: 'blobs' }, cancel);
    await cache.store.tag(root, cache.tag, cancel);
    return cache.store.traffic().writtenBytes;
  } catch (error) {
    cancel.signal?.throwIfAborted();
    on({ kind: 'notice', message: `the cache was not written (${messageOf(error)})` });
    return undefined;
  }
}
