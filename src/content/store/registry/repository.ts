/** A repository of a registry (distribution specification 1.1) as a store. */
import { type Cancel, throwIfCancelled } from '../../../base/host/cancel.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { type Digest, isDigest } from '../../oci/digest.ts';
import { maxManifestBytes, parseManifest } from '../../oci/manifest.ts';
import { isManifestType } from '../../oci/media-types.ts';
import type { RegistryRepository } from '../../oci/reference.ts';
import { assertSize, collect, streamOf } from '../bytes.ts';
import { listed } from '../referrer.ts';
import type {
  ChildChecks,
  Existence,
  Mounts,
  NamedManifest,
  NamedReads,
  Referrers,
  Sizes,
  Store,
  Tags,
  Uploads,
} from '../store.ts';
import { markChecked } from '../verify.ts';
import { blobSize, hasBlob, readBlob } from './blobs.ts';
import { checksChildren } from './child-checks.ts';
import { hasManifest, putManifest, read, readManifestBytes, resolveManifest } from './manifests.ts';
import { mountBlob } from './mount.ts';
import { createRecent, type Recent } from './recent.ts';
import { announce, createReferrersState, listReferrers, type ReferrersState } from './referrers.ts';
import { sendBlob } from './send-blob.ts';
import { cancelSession, type Repository, type Session } from './session.ts';
import { listTags, repositoryExists } from './tags.ts';
import type { Transport } from './transport.ts';
import { beginUpload } from './upload.ts';

/** Everything that a repository can do. No tag is ever taken away: on too many registries that takes the manifest, too. */
export type RepositoryStore = Store &
  Uploads &
  Mounts &
  Referrers &
  Sizes &
  Tags &
  NamedReads &
  ChildChecks &
  Existence & { readonly location: RegistryRepository };

interface Parts extends Repository {
  readonly recent: Recent;
  readonly referrers: ReferrersState;
  /** Uploads that a refused mount left open, by digest: the blob's own upload takes them over. */
  readonly opened: Map<Digest, Session>;
  /** What was asked for and not there: its write need not ask again. */
  readonly absent: Set<Digest>;
  /** Tags that were just seen to name something else, or nothing: their write need not ask again. */
  readonly seen: Map<string, Digest | undefined>;
}

/** The repository at `location`, by the way to its registry. */
export function repositoryStore(location: RegistryRepository, transport: Transport): RepositoryStore {
  const parts: Parts = {
    transport,
    name: location.repository,
    recent: createRecent(),
    referrers: createReferrersState(),
    opened: new Map(),
    absent: new Set(),
    seen: new Map(),
  };
  return {
    location,
    has: (content, cancel = {}) => has(parts, content, cancel),
    read: (content, cancel = {}) =>
      isManifestType(content.mediaType) ? readManifest(parts, content, cancel) : readBlob(parts, content, cancel),
    resolve: (name, cancel = {}) => resolve(parts, name, cancel),
    readNamed: (name, cancel = {}) => readNamed(parts, name, cancel),
    write: (content, bytes, cancel = {}) => write(parts, content, bytes, cancel),
    tag: (content, name, cancel = {}) => tag(parts, content, name, cancel),
    begin: async (cancel, options) => {
      throwIfCancelled(cancel);
      return beginUpload(parts, options);
    },
    mount: (blob, from, cancel = {}) => mount(parts, blob, from, cancel),
    sizeOf: (blob, cancel = {}) => blobSize(parts, blob, cancel),
    referrers: (digest, cancel = {}) => listReferrers(parts, parts.referrers, digest, cancel),
    tags: (cancel = {}) => listTags(parts, cancel),
    checksChildren: (platforms, cancel = {}) => checksChildren(parts, platforms, cancel),
    exists: (cancel = {}) => repositoryExists(parts, cancel),
  };
}

async function resolve(parts: Parts, name: string, cancel: Cancel): Promise<Descriptor | undefined> {
  const found = await resolveManifest(parts, name, cancel);
  see(parts, name, found?.digest);
  return found;
}

async function readNamed(parts: Parts, name: string, cancel: Cancel): Promise<NamedManifest | undefined> {
  const found = await read(parts, name, cancel);
  see(parts, name, found?.content.digest);
  if (found !== undefined) parts.recent.add(found.content, found.bytes);
  return found;
}

function see(parts: Parts, name: string, digest: Digest | undefined): void {
  if (parts.seen.size >= maxSeen) parts.seen.clear();
  if (!isDigest(name)) parts.seen.set(name, digest);
}

const maxSeen = 10_000;

async function has(parts: Parts, content: Descriptor, cancel: Cancel): Promise<boolean> {
  const found = await (isManifestType(content.mediaType) ? hasManifest : hasBlob)(parts, content, cancel);
  if (!found) parts.absent.add(content.digest);
  return found;
}

function readManifest(parts: Parts, content: Descriptor, cancel: Cancel): AsyncIterable<Uint8Array> {
  return markChecked(content, remembered(parts, content, cancel));
}

async function* remembered(parts: Parts, content: Descriptor, cancel: Cancel): AsyncIterable<Uint8Array> {
  const bytes = await collect(content, markChecked(content, readManifestBytes(parts, content, cancel)));
  parts.recent.add(content, bytes);
  yield bytes;
}

async function write(
  parts: Parts,
  content: Descriptor,
  bytes: AsyncIterable<Uint8Array>,
  cancel: Cancel,
): Promise<void> {
  throwIfCancelled(cancel);
  if (isManifestType(content.mediaType)) return await writeManifest(parts, content, bytes, cancel);
  if (!parts.absent.delete(content.digest) && (await hasBlob(parts, content, cancel))) return;
  const opened = parts.opened.get(content.digest);
  parts.opened.delete(content.digest);
  await sendBlob(parts, content, bytes, opened, cancel);
}

async function writeManifest(
  parts: Parts,
  content: Descriptor,
  bytes: AsyncIterable<Uint8Array>,
  cancel: Cancel,
): Promise<void> {
  assertSize(content, maxManifestBytes);
  const isAbsent = parts.absent.delete(content.digest);
  const whole = await collect(content, bytes, cancel);
  const manifest = parseManifest(whole, content.mediaType);
  // To put again what is there costs what asking would, and changes nothing; a referrer would be announced again.
  if (manifest.subject !== undefined && !isAbsent && (await hasManifest(parts, content, cancel))) return;
  await putManifest(parts, content, { bytes: whole, manifest }, content.digest, cancel);
  parts.recent.add(content, whole);
  if (manifest.subject === undefined) return;
  await announce(parts, parts.referrers, manifest.subject.digest, listed(content, manifest), cancel);
}

/** A tag that is right is not written: distribution 2.8 loses reads while a tag is rewritten. */
async function tag(parts: Parts, content: Descriptor, name: string, cancel: Cancel): Promise<void> {
  const differs = parts.seen.has(name) && parts.seen.get(name) !== content.digest;
  // Seen once is believed once: what it names after this write is asked anew.
  parts.seen.delete(name);
  if (!differs && (await resolveManifest(parts, name, cancel))?.digest === content.digest) return;
  const kept = parts.recent.find(content);
  const stream = kept === undefined ? readManifestBytes(parts, content, cancel) : streamOf(kept);
  const bytes = await collect(content, markChecked(content, stream));
  const manifest = parseManifest(bytes, content.mediaType);
  await putManifest(parts, content, { bytes, manifest }, name, cancel);
}

const maxOpened = 64;

async function mount(parts: Parts, blob: Descriptor, from: string, cancel: Cancel): Promise<boolean> {
  throwIfCancelled(cancel);
  const before = parts.opened.get(blob.digest);
  const mounted = await mountBlob(parts, blob, from, cancel);
  if (!mounted.done && mounted.session !== undefined) parts.opened.set(blob.digest, mounted.session);
  if (mounted.done || mounted.session !== undefined) {
    if (before !== undefined) await cancelSession(parts, before);
  }
  if (mounted.done) parts.opened.delete(blob.digest);
  const [oldest] = parts.opened;
  if (parts.opened.size > maxOpened && oldest !== undefined) {
    parts.opened.delete(oldest[0]);
    await cancelSession(parts, oldest[1]);
  }
  return mounted.done;
}
