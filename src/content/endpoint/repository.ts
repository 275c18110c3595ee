/** One path of the endpoint: a store, what is held back in front of it, and what is known to be in it. */
import { FanfoldError } from '../../base/errors/error.ts';
import type { Cancel } from '../../base/host/cancel.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import type { Platform } from '../oci/platform.ts';
import { type Absences, createAbsences } from '../store/absences.ts';
import { assertSize, collect, streamOf } from '../store/bytes.ts';
import { type Sizes, type Store, tellsSizes, type Uploads } from '../store/store.ts';
import { markChecked } from '../store/verify.ts';
import type { Committed, EndpointEvent } from './events.ts';
import { createHeld, type Held, heldBounds, straightThrough } from './held.ts';
import { createOpenUploads, type OpenUploads } from './uploads.ts';

/** How a path behaves. */
export interface RepositoryPolicy {
  /** Manifests and small blobs wait for their commit; else each goes straight on. */
  readonly holds: boolean;
  /** A manifest pushed by digest is committed as it comes, too. */
  readonly eager: boolean;
  /** Tags that are pushed are written to the store; else they are known here only. */
  readonly tags: boolean;
  /** The one platform that may be pushed. */
  readonly platform?: Platform;
  /** Whose names attestations' subjects are to bear; absent: nothing is changed. */
  readonly subjects?: readonly string[];
  /** `host/repository` as clients name this path. */
  readonly reference: string;
  readonly on: (event: EndpointEvent) => void;
}

/** One path's state. */
export interface Repository {
  readonly name: string;
  readonly store: Store & Uploads & Partial<Sizes>;
  readonly policy: RepositoryPolicy;
  readonly held: Held;
  readonly uploads: OpenUploads;
  /** Sizes of content that the store is known to have. */
  readonly known: Map<Digest, number>;
  /** Blobs that the store did not have when it was asked last. */
  readonly absent: Absences;
  /** What each tag that was pushed here names, as it was pushed. */
  readonly tags: Map<string, Descriptor>;
  /** Writes that are under way: two requests for one content write it once. */
  readonly writing: Map<Digest, Promise<void>>;
  /** What was committed, in order. */
  readonly committed: Committed[];
  /** Pushes that were refused, for the leg to fail by. */
  readonly refusals: FanfoldError[];
  /** Ends with the endpoint. */
  readonly cancel: Cancel;
}

/** The type that blobs are asked for with: none of a manifest. */
export const blobType = 'application/octet-stream';

/** A path that nothing was pushed to yet. */
export function createRepository(
  name: string,
  store: Store & Uploads,
  policy: RepositoryPolicy,
  random: (sizeBytes: number) => Uint8Array,
  cancel: Cancel,
): Repository {
  const held = createHeld(policy.holds ? heldBounds : straightThrough);
  const known = new Map<Digest, number>();
  const uploads = createOpenUploads({ store, held, known, random });
  const state = { absent: createAbsences(), tags: new Map(), writing: new Map(), committed: [], refusals: [] };
  return { name, store, policy, held, uploads, known, cancel, ...state };
}

/** The size of a blob that is held or in the store; undefined where it is in neither. */
export async function sizeOfBlob(repository: Repository, digest: Digest, cancel: Cancel): Promise<number | undefined> {
  const { held, known, store } = repository;
  const here = held.blobs.get(digest)?.length ?? known.get(digest);
  if (here !== undefined || !tellsSizes(store)) return here;
  const size = await store.sizeOf(digest, cancel);
  if (size === undefined) repository.absent.note(digest);
  else known.set(digest, size);
  return size;
}

/** Whether a blob is held or in the store, by an answer of a moment ago if there is one: for who sends it otherwise. */
export async function isBlobHere(repository: Repository, digest: Digest, cancel: Cancel): Promise<boolean> {
  const { held, known, absent } = repository;
  const isAbsent = absent.isRecent(digest) && !known.has(digest) && held.blobs.get(digest) === undefined;
  return !isAbsent && (await sizeOfBlob(repository, digest, cancel)) !== undefined;
}

/** A blob's bytes, from memory or from the store. */
export function readBlob(repository: Repository, blob: Descriptor, cancel: Cancel): AsyncIterable<Uint8Array> {
  const bytes = repository.held.blobs.get(blob.digest);
  return bytes === undefined ? repository.store.read(blob, cancel) : streamOf(bytes);
}

/**
 * A whole blob, from memory or from the store.
 * @throws FanfoldError `host.too-large` past `maxBytes`, and what the store throws
 */
export async function readWholeBlob(
  repository: Repository,
  blob: Descriptor,
  maxBytes: number,
  cancel: Cancel,
): Promise<Uint8Array> {
  const bytes = repository.held.blobs.get(blob.digest);
  if (bytes !== undefined) return bytes;
  assertSize(blob, maxBytes);
  return await collect(blob, repository.store.read(blob, cancel));
}

/** Whether what a manifest points to is here: held, known, or in the store. */
export async function isHere(repository: Repository, content: Descriptor, cancel: Cancel): Promise<boolean> {
  const { held, known, store } = repository;
  if (known.has(content.digest) || held.blobs.get(content.digest) !== undefined) return true;
  if (held.manifests.get(content.digest) !== undefined) return true;
  if (!(await store.has(content, cancel))) return false;
  known.set(content.digest, content.size);
  return true;
}

/** Writes content that is all there, once however many ask for it; held bytes are let go when the store has them. */
export function writeOnce(
  repository: Repository,
  content: Descriptor,
  bytes: Uint8Array,
  cancel: Cancel,
): Promise<void> {
  const { writing, known, held, store } = repository;
  if (known.has(content.digest)) return Promise.resolve();
  const underWay = writing.get(content.digest);
  if (underWay !== undefined) return underWay;
  const write = async (): Promise<void> => {
    await store.write(content, markChecked(content, streamOf(bytes)), cancel);
    known.set(content.digest, content.size);
    held.blobs.remove(content.digest);
  };
  const written = write().finally(() => writing.delete(content.digest));
  writing.set(content.digest, written);
  return written;
}

/** The error of a manifest that points to what was never pushed. */
export function missingChild(content: Descriptor): FanfoldError {
  return new FanfoldError('content.missing', `a manifest points to ${content.digest}, which was not pushed`, {
    place: { digest: content.digest },
    hint: 'push what a manifest points to before the manifest itself',
  });
}
