/** The single steps of a copy: within bounds, each failure ending the rest, a blob mounted or sent. */
import { type Cancel, throwIfCancelled } from '../../base/host/cancel.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Pool } from './pool.ts';
import { isRetryable } from './retryable.ts';
import { canMount, type Source, type Store } from './store.ts';

/** What the steps of one copy share. */
export interface CopyState {
  readonly source: Source;
  readonly store: Store;
  readonly mountFrom: readonly string[];
  /** For questions, and manifests read: small, and many at once. */
  readonly looking: Pool;
  /** For bytes on their way. */
  readonly sending: Pool;
  readonly cancel: Cancel;
  /** The first failure ends all other work and stays the cause. */
  readonly fail: (error: unknown) => void;
}

/** Whether the store could take the blob from one of its neighbours. */
export async function mounted(copy: CopyState, content: Descriptor): Promise<boolean> {
  if (!canMount(copy.store)) return false;
  for (const from of copy.mountFrom) {
    if (await copy.store.mount(content, from, copy.cancel)) return true;
  }
  return false;
}

const sendTries = 3;

/** A store resumes by itself what it still holds; what it cannot is read again from the source. */
export async function sendBlob(copy: CopyState, content: Descriptor): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await copy.store.write(content, copy.source.read(content, copy.cancel), copy.cancel);
    } catch (error) {
      if (attempt === sendTries || !isRetryable(error)) throw error;
      throwIfCancelled(copy.cancel);
    }
  }
}

/**
 * A place in a pool for one step; never held while children are waited for, so that no pool can lock. A failure ends all other work
 * before the place goes to the next.
 */
export function step<T>(copy: CopyState, pool: Pool, work: () => Promise<T>): Promise<T> {
  return attempt(copy, pool, () =>
    work().catch((error: unknown) => {
      copy.fail(error);
      throw error;
    }),
  );
}

/** A step that may fail and be made good. */
export function attempt<T>(copy: CopyState, pool: Pool, work: () => Promise<T>): Promise<T> {
  return pool(() => {
    throwIfCancelled(copy.cancel);
    return work();
  });
}
