/** A graph from one source to a store, children before parents; and the small content that others read and write whole. */
import { isFanfoldError } from '../../base/errors/error.ts';
import { anyOf, type Cancel, throwIfCancelled } from '../../base/host/cancel.ts';
import { type Descriptor, describe } from '../oci/descriptor.ts';
import { assertCount, assertDepth, type GraphBounds, graphBounds, isForeign, successors } from '../oci/graph.ts';
import { type Manifest, maxManifestBytes, parseManifest } from '../oci/manifest.ts';
import { isIndexType, isManifestType } from '../oci/media-types.ts';
import type { Location } from '../oci/reference.ts';
import { assertSize, collect, streamOf } from './bytes.ts';
import { attempt, type CopyState, mounted, sendBlob, step } from './copy-steps.ts';
import { createPool } from './pool.ts';
import { type NamedManifest, readsNamed, type Source, type Store } from './store.ts';
import { markChecked } from './verify.ts';

/** What a copy tells of each content: its bytes went over, it was mounted, or nothing had to be done. */
export interface CopyEvent {
  readonly kind: 'copied' | 'mounted' | 'skipped';
  readonly content: Descriptor;
}

/** Enough to keep two registries busy while some blobs end. */
const blobsAtOnce = 4;

/** How a graph is copied. */
export interface CopyOptions {
  /** Contents whose bytes are on their way at once; 4 by default. As many again may wait for a last answer. */
  readonly concurrency?: number;
  readonly bounds?: GraphBounds;
  /**
   * What is looked at below a manifest that is there already: `manifests` (default) looks at the manifests of an index, since some
   * registries collect them, and takes an image's blobs on trust; `blobs` looks at everything.
   */
  readonly check?: 'manifests' | 'blobs';
  /** Repositories on the store's own registry that may hold the blobs, beside the source itself. */
  readonly mountFrom?: readonly string[];
  readonly on?: (event: CopyEvent) => void;
}

/** A manifest and the bytes that it was read from. */
export interface ReadManifest {
  readonly bytes: Uint8Array;
  readonly manifest: Manifest;
}

/**
 * Makes the store hold all that `root` reaches; what is there already is not read from the source. Parents are written after their
 * children, so that an end at any point leaves only whole graphs. Foreign layers, and subjects that the source does not hold, are left out.
 * @throws FanfoldError `content.missing`, `content.digest`, `content.size`, `content.invalid`, `content.too-deep`, `registry.*`
 */
export async function copyGraph(
  source: Source,
  store: Store,
  root: Descriptor,
  options: CopyOptions = {},
  cancel: Cancel = {},
): Promise<void> {
  const failure = new AbortController();
  const places = options.concurrency ?? blobsAtOnce;
  const copy: Copy = {
    source,
    store,
    root,
    bounds: options.bounds ?? graphBounds,
    check: options.check ?? 'manifests',
    mountFrom: [...neighbours(source, store), ...(options.mountFrom ?? [])],
    on: options.on ?? (() => undefined),
    looking: createPool(lookingAtOnce),
    sending: createPool(places),
    writing: createPool(2 * places),
    done: new Map(),
    cancel: anyOf(cancel, failure.signal),
    fail: (error) => failure.abort(error),
  };
  await copyOnce(copy, root, 1);
}

/**
 * The manifest that `content` points to.
 * @throws FanfoldError `content.missing`, `content.invalid`, `content.digest`, `content.size`, `host.too-large` past 4 MiB
 */
export async function readManifest(
  source: Pick<Source, 'read'>,
  content: Descriptor,
  cancel: Cancel = {},
): Promise<ReadManifest> {
  const bytes = await readBytes(source, content, maxManifestBytes, cancel);
  return { bytes, manifest: parseManifest(bytes, content.mediaType) };
}

/**
 * The manifest that a tag or a digest names, by one question where the source can; undefined where the name names nothing.
 * @throws FanfoldError `content.missing`, `content.invalid`, `content.digest`, `content.size`, `host.too-large` past 4 MiB
 */
export async function readNamed(
  source: Source,
  name: string,
  cancel: Cancel = {},
): Promise<(ReadManifest & NamedManifest) | undefined> {
  if (!readsNamed(source)) {
    const content = await source.resolve(name, cancel);
    return content === undefined ? undefined : { content, ...(await readManifest(source, content, cancel)) };
  }
  const found = await source.readNamed(name, cancel);
  return found === undefined ? undefined : { ...found, manifest: parseManifest(found.bytes, found.content.mediaType) };
}

/**
 * All bytes of `content`, which has `maxBytes` at the most.
 * @throws FanfoldError `content.missing`, `content.digest`, `content.size`, `host.too-large`
 */
export async function readBytes(
  source: Pick<Source, 'read'>,
  content: Descriptor,
  maxBytes: number,
  cancel: Cancel = {},
): Promise<Uint8Array> {
  assertSize(content, maxBytes);
  throwIfCancelled(cancel);
  return await collect(content, source.read(content, cancel), cancel);
}

/** Writes bytes that are all there and gives their descriptor. */
export async function writeBytes(
  store: Pick<Store, 'write'>,
  mediaType: string,
  bytes: Uint8Array,
  cancel: Cancel = {},
): Promise<Descriptor> {
  const content = describe(mediaType, bytes);
  await store.write(content, markChecked(content, streamOf(bytes)), cancel);
  return content;
}

const lookingAtOnce = 8;

interface Copy extends CopyState, Required<Omit<CopyOptions, 'concurrency'>> {
  readonly root: Descriptor;
  /** By role and digest: the work on each content, so that none is done twice. */
  readonly done: Map<string, Promise<void>>;
  readonly mountFrom: readonly string[];
}

function copyOnce(copy: Copy, content: Descriptor, depth: number): Promise<void> {
  const known = copy.done.get(roleOf(content));
  if (known !== undefined) return known;
  const owned = copyContent(copy, content, depth).catch((error: unknown) => {
    copy.fail(error);
    throw copy.cancel.signal?.aborted ? copy.cancel.signal.reason : error;
  });
  copy.done.set(roleOf(content), owned);
  return owned;
}

/** One digest may be named as a manifest and as a blob: a registry keeps the two apart. */
function roleOf(content: Descriptor): string {
  return `${isManifestType(content.mediaType) ? 'manifest' : 'blob'} ${content.digest}`;
}

async function copyContent(copy: Copy, content: Descriptor, depth: number): Promise<void> {
  assertCount(copy.done.size + 1, copy.root, copy.bounds);
  return isManifestType(content.mediaType) ? copyManifest(copy, content, depth) : copyBlob(copy, content);
}

async function copyManifest(copy: Copy, content: Descriptor, depth: number): Promise<void> {
  assertDepth(depth, content, copy.bounds);
  const present = await step(copy, copy.looking, () => copy.store.has(content, copy.cancel));
  const trusted = copy.check === 'manifests' && !isIndexType(content.mediaType);
  if (present && trusted) return copy.on({ kind: 'skipped', content });
  const from = present ? copy.store : copy.source;
  const read = await step(copy, copy.looking, () => readManifest(from, content, copy.cancel));
  await copyChildren(copy, successors(read.manifest), read.manifest, depth);
  if (!present) await writeParent(copy, content, read, depth);
  copy.on({ kind: present ? 'skipped' : 'copied', content });
}

async function writeParent(copy: Copy, content: Descriptor, read: ReadManifest, depth: number): Promise<void> {
  const write = (): Promise<unknown> => writeBytes(copy.store, content.mediaType, read.bytes, copy.cancel);
  try {
    await attempt(copy, copy.sending, write);
  } catch (error) {
    // The store says that it lost a child in the meantime, or never had what it said it had: once more, believing nothing.
    if (!isFanfoldError(error) || error.code !== 'content.missing') throw error;
    const anew = { ...copy, check: 'blobs' as const, done: new Map() };
    await copyChildren(anew, successors(read.manifest), read.manifest, depth);
    await step(copy, copy.sending, write);
  }
}

/** All children are waited for, also after a failure: no work is left without an owner. */
async function copyChildren(
  copy: Copy,
  children: readonly Descriptor[],
  parent: Manifest,
  depth: number,
): Promise<void> {
  const works = children.map((child) => {
    if (child === parent.subject) return copySubject(copy, child, depth + 1);
    return copyOnce(copy, child, depth + 1);
  });
  for (const ended of await Promise.allSettled(works)) {
    if (ended.status === 'rejected') throw ended.reason;
  }
}

/** A subject need not exist (image specification 1.1, manifest.md): it is copied where the source has it. */
async function copySubject(copy: Copy, subject: Descriptor, depth: number): Promise<void> {
  const known =
    copy.done.has(roleOf(subject)) || (await step(copy, copy.looking, () => copy.source.has(subject, copy.cancel)));
  if (known) await copyOnce(copy, subject, depth);
}

async function copyBlob(copy: Copy, content: Descriptor): Promise<void> {
  if (isForeign(content)) return copy.on({ kind: 'skipped', content });
  if (await step(copy, copy.looking, () => copy.store.has(content, copy.cancel))) {
    return copy.on({ kind: 'skipped', content });
  }
  const kind = await step(copy, copy.writing, async () => {
    if (await mounted(copy, content)) return 'mounted';
    await sendBlob(copy, content);
    return 'copied';
  });
  copy.on({ kind, content });
}

/** The source's repository, where it stands on the store's own registry. */
function neighbours(source: Source, store: Store): readonly string[] {
  const [from, to] = [locationOf(source), locationOf(store)];
  if (from?.kind !== 'registry' || to?.kind !== 'registry' || from.host !== to.host) return [];
  return from.repository === to.repository ? [] : [from.repository];
}

function locationOf(store: Source & { readonly location?: Location }): Location | undefined {
  return store.location;
}
