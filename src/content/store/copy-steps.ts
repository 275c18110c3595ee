/** The single steps of a copy: within bounds, each failure ending the rest, a blob mounted or sent. */
import { type Cancel, throwIfCancelled } from '../../base/host/cancel.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Pool } from './pool.ts';
import { isRetryable } from './retryable.ts';
import { canMount, type Source, type Store } from './store.ts';
import { markChecked, verify } from './verify.ts';

/** What the steps of one copy share. */
export interface CopyState {
  readonly source: Source;
  readonly store: Store;
  readonly mountFrom: readonly string[];
  /** For questions, and manifests read: small, and many at once. */
  readonly looking: Pool;
  /** For bytes on their way. */
  readonly sending: Pool;
  /** For blobs that are not there yet, those among them whose bytes are all sent and that only wait for the answer. */
  readonly writing: Pool;
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

/**
 * A store resumes by itself what it still holds; what it cannot is read again from the source. Once all is read, the next blob is:
 * registries write a blob to their disk before they answer.
 */
export async function sendBlob(copy: CopyState, content: Descriptor): Promise<void> {
  for (let tries = 1; ; tries++) {
    const isLast = (error: unknown): boolean => tries === sendTries || !isRetryable(error);
    const send = async (leave: () => void): Promise<void> => {
      const bytes = verify(content, copy.source.read(content, copy.cancel));
      await copy.store.write(content, markChecked(content, thenDo(bytes, leave)), copy.cancel);
    };
    try {
      return await step(copy, copy.sending, send, isLast);
    } catch (error) {
      if (isLast(error)) throw error;
      throwIfCancelled(copy.cancel);
    }
  }
}

async function* thenDo(bytes: AsyncIterable<Uint8Array>, last: () => void): AsyncIterable<Uint8Array> {
  yield* bytes;
  last();
}

/**
 * A place in a pool for one step; never held while children are waited for, so that no pool can lock. A failure ends all other work
 * before the place goes to the next.
 */
export function step<T>(
  copy: CopyState,
  pool: Pool,
  work: (leave: () => void) => Promise<T>,
  isFailure: (error: unknown) => boolean = () => true,
): Promise<T> {
  return attempt(copy, pool, (leave) =>
    work(leave).catch((error: unknown) => {
      if (isFailure(error)) copy.fail(error);
      throw error;
    }),
  );
}

/** A step that may fail and be made good. */
export function attempt<T>(copy: CopyState, pool: Pool, work: (leave: () => void) => Promise<T>): Promise<T> {
  return pool((leave) => {
    throwIfCancelled(copy.cancel);
    return work(leave);
  });
}
