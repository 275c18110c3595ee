/** Small content in memory: for tests, and for what is made before it is written. */
import { FanfoldError } from '../../base/errors/error.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { createHasher, type Digest, isDigest } from '../oci/digest.ts';
import { parseManifest } from '../oci/manifest.ts';
import { isManifestType } from '../oci/media-types.ts';
import { assertSize, collect, streamOf } from './bytes.ts';
import { referrerOf } from './referrer.ts';
import type { Mounts, Referrers, Sizes, Store, Tags, Untags, Upload, Uploads } from './store.ts';
import { markChecked, missing, wrongDigest } from './verify.ts';

/** Everything that a store can do. */
export type MemoryStore = Store & Uploads & Mounts & Referrers & Sizes & Tags & Untags;

interface Entry {
  readonly content: Descriptor;
  readonly bytes: Uint8Array;
}

/** A new, empty store of at most `maxBytes` in all; 64 MiB by default. */
export function memoryStore(maxBytes = 64 * 1024 * 1024): MemoryStore {
  const entries = new Map<Digest, Entry>();
  const tags = new Map<string, Descriptor>();
  let sizeBytes = 0;

  const keep = (content: Descriptor, bytes: Uint8Array): void => {
    if (isManifestType(content.mediaType)) parseManifest(bytes, content.mediaType);
    if (entries.get(content.digest) === undefined) {
      sizeBytes += bytes.length;
      assertSize({ ...content, size: sizeBytes }, maxBytes);
    }
    const { mediaType, digest, size } = content;
    entries.set(digest, { content: { mediaType, digest, size }, bytes });
  };
  const holds = (content: Descriptor): boolean => {
    const found = entries.get(content.digest);
    return found !== undefined && (!isManifestType(content.mediaType) || isManifestType(found.content.mediaType));
  };

  return {
    has: async (content, cancel) => {
      cancel?.signal?.throwIfAborted();
      return holds(content);
    },
    read: (content, cancel) => markChecked(content, readEntry(entries.get(content.digest), content, cancel?.signal)),
    async resolve(name) {
      if (!isDigest(name)) return tags.get(name);
      const found = entries.get(name)?.content;
      return found !== undefined && isManifestType(found.mediaType) ? found : undefined;
    },
    sizeOf: async (blob) => entries.get(blob)?.content.size,
    async write(content, bytes, cancel) {
      cancel?.signal?.throwIfAborted();
      if (holds(content)) return;
      assertSize(content, maxBytes);
      keep(content, await collect(content, bytes, cancel));
    },
    async tag(content, name) {
      const found = entries.get(content.digest);
      if (found === undefined) throw missing(content, 'the memory store');
      tags.set(name, found.content);
    },
    begin: async () => beginUpload(keep, maxBytes),
    mount: async () => false,
    async referrers(digest) {
      return [...entries.values()].flatMap((entry) => referrerOf(entry.content, entry.bytes, digest) ?? []);
    },
    async *tags() {
      yield* [...tags.keys()].sort();
    },
    untag: async (name) => {
      tags.delete(name);
    },
  };
}

async function* readEntry(
  entry: Entry | undefined,
  content: Descriptor,
  signal: AbortSignal | undefined,
): AsyncIterable<Uint8Array> {
  signal?.throwIfAborted();
  if (entry === undefined) throw missing(content, 'the memory store');
  // Checked again: the descriptor that asks may announce another size than the one that wrote.
  yield* streamOf(await collect(content, streamOf(entry.bytes)));
}

function beginUpload(keep: (content: Descriptor, bytes: Uint8Array) => void, maxBytes: number): Upload {
  let pieces: Uint8Array[] = [];
  let sizeBytes = 0;
  return {
    async append(bytes, cancel) {
      cancel?.signal?.throwIfAborted();
      sizeBytes += bytes.length;
      if (sizeBytes > maxBytes) {
        pieces = [];
        throw new FanfoldError('host.too-large', `an upload of more than ${maxBytes} bytes does not fit into memory`);
      }
      pieces.push(bytes);
    },
    async commit(digest) {
      const bytes = Buffer.concat(pieces);
      pieces = [];
      const hasher = createHasher(digest);
      hasher.update(bytes);
      const found = hasher.digest();
      if (found !== digest) throw wrongDigest(digest, found);
      const content = { mediaType: 'application/octet-stream', digest, size: bytes.length };
      keep(content, bytes);
      return content;
    },
    async cancel() {
      pieces = [];
    },
  };
}
