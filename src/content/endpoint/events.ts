/** What the endpoint tells while it serves. */
import type { Descriptor } from '../oci/descriptor.ts';

/** A graph that the store holds whole. */
export interface Committed {
  /** The tag that it was pushed by. */
  readonly tag?: string;
  /** As the client pushed it. */
  readonly pushed: Descriptor;
  /** As it is in the store: the same, unless attestations were put right. */
  readonly published: Descriptor;
}

/** All that can happen. */
export type EndpointEvent =
  | ({ readonly kind: 'committed' } & Committed)
  /** Something that who reads the log should know: it stops nothing. */
  | { readonly kind: 'notice'; readonly message: string }
  /** The store failed a request, of the own path or of another; the client was told, and may try again. */
  | { readonly kind: 'failed'; readonly error: unknown; readonly isOwn: boolean };
