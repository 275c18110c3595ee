/** A blob from a neighbour repository, without its bytes (distribution specification 1.1, "Mounting a blob from another repository"). */
import { isFanfoldError } from '../../../base/errors/error.ts';
import { type Cancel, throwIfCancelled } from '../../../base/host/cancel.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { isRetryable } from '../retryable.ts';
import { pushScope, type Repository, type Session, sessionOf } from './session.ts';

/** What a mount came to: done, or refused, with an upload that the registry opened instead. */
export type Mounted = { readonly done: true } | { readonly done: false; readonly session?: Session };

/** Asks the registry to take the blob from `from`. Where that is refused, for whatever reason, the blob can still be uploaded. */
export async function mountBlob(
  repository: Repository,
  content: Descriptor,
  from: string,
  cancel: Cancel,
): Promise<Mounted> {
  const query = new URLSearchParams({ mount: content.digest, from });
  try {
    const reply = await repository.transport.send(
      {
        method: 'POST',
        url: `/v2/${repository.name}/blobs/uploads/?${query}`,
        headers: { 'content-length': '0' },
        body: new Uint8Array(),
        scopes: [...pushScope(repository), { repository: from, actions: ['pull'] }],
        expect: [201, 202],
        repository: repository.name,
      },
      cancel,
    );
    if (reply.status === 202) return { done: false, session: await sessionOf(repository, reply, 0) };
    await reply.discard();
    return { done: true };
  } catch (error) {
    throwIfCancelled(cancel);
    if (isFanfoldError(error) && error.code.startsWith('registry.') && !isRetryable(error)) return { done: false };
    throw error;
  }
}
