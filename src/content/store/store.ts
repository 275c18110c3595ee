/** Where content is read and written: one small interface, and one verb each for what only some can do. */
import type { Cancel } from '../../base/host/cancel.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import type { Platform } from '../oci/platform.ts';

/** Where content is read. Iteration ends only if size and digest held: keep nothing before it ends. */
export interface Source {
  /** Whether the content is there. Manifest types are asked for as manifests, all else as blobs. */
  has(content: Descriptor, cancel?: Cancel): Promise<boolean>;
  /** @throws FanfoldError `content.missing` (at the first step), `content.digest`, `content.size` */
  read(content: Descriptor, cancel?: Cancel): AsyncIterable<Uint8Array>;
  /** What a tag, or a digest of a manifest, names; undefined where nothing is. */
  resolve(name: string, cancel?: Cancel): Promise<Descriptor | undefined>;
}

/** A source that takes content, too. Writing what is there already changes nothing. */
export interface Store extends Source {
  /** Ends only when the store has it. @throws FanfoldError `content.digest`, `content.size` where the bytes are not what was announced */
  write(content: Descriptor, bytes: AsyncIterable<Uint8Array>, cancel?: Cancel): Promise<void>;
  /** Names content that is there. */
  tag(content: Descriptor, name: string, cancel?: Cancel): Promise<void>;
}

/** One blob on its way in, its digest known last. */
export interface Upload {
  /** Takes more; resolves when there is room for the next (backpressure). */
  append(bytes: Uint8Array, cancel?: Cancel): Promise<void>;
  /** Ends the upload. @throws FanfoldError `content.digest` where the bytes have another digest: nothing is kept then */
  commit(digest: Digest, cancel?: Cancel): Promise<Descriptor>;
  /** Lets go of it; never throws. */
  cancel(): Promise<void>;
}

/** What the caller sees to while it uploads. */
export interface UploadOptions {
  /** The caller hashes, and commits only the digest that its bytes have: the store need not hash them again. */
  readonly checked?: boolean;
}

/** A store that takes a blob whose digest comes last. */
export interface Uploads {
  begin(cancel?: Cancel, options?: UploadOptions): Promise<Upload>;
}

/** A store that can take a blob from a neighbour repository without its bytes. */
export interface Mounts {
  /** Whether it was mounted. `from` is a repository's name on the same registry. */
  mount(blob: Descriptor, from: string, cancel?: Cancel): Promise<boolean>;
}

/** A source that knows what refers to content (distribution specification 1.1, "Listing Referrers"). */
export interface Referrers {
  /** Descriptors whose `subject` is `digest`, with artifactType and annotations. */
  referrers(digest: Digest, cancel?: Cancel): Promise<readonly Descriptor[]>;
}

/** A source that can list its tags. */
export interface Tags {
  /** All tags, sorted by code unit. A list may lag: to decide that a tag is absent, resolve it. */
  tags(cancel?: Cancel): AsyncIterable<string>;
}

/** A manifest by its name: what the name names, and its bytes, checked. */
export interface NamedManifest {
  readonly content: Descriptor;
  readonly bytes: Uint8Array;
}

/** A source that reads what a name names in one step, where others are asked twice. */
export interface NamedReads {
  /** Undefined where the name names nothing. @throws FanfoldError `content.digest`, `content.size`, `host.too-large` past 4 MiB */
  readNamed(name: string, cancel?: Cancel): Promise<NamedManifest | undefined>;
}

/** A source that can say whether it is there at all: a repository that was pushed to or made, a folder that is a layout. */
export interface Existence {
  exists(cancel?: Cancel): Promise<boolean>;
}

/** A store that can take a tag away, leaving the manifest. */
export interface Untags {
  untag(name: string, cancel?: Cancel): Promise<void>;
}

/** A source that tells a blob's size from its digest alone: a server needs it to answer HEAD, and to read. */
export interface Sizes {
  /** The size in bytes; undefined where the blob is not there (of several members: not in each). */
  sizeOf(blob: Digest, cancel?: Cancel): Promise<number | undefined>;
}

/** A store that may refuse an index whose manifests it lacks: such an index need not be asked for piece by piece before it is written. */
export interface ChildChecks {
  /**
   * Whether it refuses an index that lacks a manifest of any of these platforms. Found out once by writing an index that nobody can have the manifest of:
   * a store that takes it keeps that index, a few hundred bytes without a tag.
   */
  checksChildren(platforms: readonly Platform[], cancel?: Cancel): Promise<boolean>;
}

/** Whether a store takes uploads whose digest comes last. */
export function takesUploads(store: object): store is Uploads {
  return 'begin' in store && typeof store.begin === 'function';
}

/** Whether a store can mount. */
export function canMount(store: object): store is Mounts {
  return 'mount' in store && typeof store.mount === 'function';
}

/** Whether a source lists referrers. */
export function hasReferrers(source: object): source is Referrers {
  return 'referrers' in source && typeof source.referrers === 'function';
}

/** Whether a source lists its tags. */
export function hasTags(source: object): source is Tags {
  return 'tags' in source && typeof source.tags === 'function';
}

/** Whether a source reads what a name names in one step. */
export function readsNamed(source: object): source is NamedReads {
  return 'readNamed' in source && typeof source.readNamed === 'function';
}

/** Whether a source tells sizes. */
export function tellsSizes(source: object): source is Sizes {
  return 'sizeOf' in source && typeof source.sizeOf === 'function';
}

/** Whether a store tells what it makes of an index whose manifests it lacks. */
export function tellsChildChecks(store: object): store is ChildChecks {
  return 'checksChildren' in store && typeof store.checksChildren === 'function';
}
