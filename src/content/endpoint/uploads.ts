/** Uploads that are under way: bytes wait in memory while they may be held, and stream on to the store once they are too many. */
import type { Cancel } from '../../base/host/cancel.ts';
import { type Descriptor, describe } from '../oci/descriptor.ts';
import { createHasher, type Digest } from '../oci/digest.ts';
import { streamOf } from '../store/bytes.ts';
import { repack } from '../store/repack.ts';
import type { Store, Upload, Uploads } from '../store/store.ts';
import { markChecked, wrongDigest } from '../store/verify.ts';
import { ApiError } from './api-error.ts';
import type { Held } from './held.ts';

/** One blob on its way in. */
export interface OpenUpload {
  readonly id: string;
  sizeBytes(): number;
  /** Takes a request's body to its end. If that fails, the client's death included, nothing of the upload is kept. */
  take(body: AsyncIterable<Uint8Array>, cancel: Cancel): Promise<void>;
  /** @throws FanfoldError `content.digest`: nothing is kept then */
  commit(digest: Digest, cancel: Cancel): Promise<Descriptor>;
  /** Lets go of it; never throws. */
  cancel(): Promise<void>;
}

/** All that are under way on one path. */
export interface OpenUploads {
  /** A new one. Where there are too many, the one that stood still longest is let go. */
  open(): Promise<OpenUpload>;
  find(id: string): OpenUpload | undefined;
  cancelAll(): Promise<void>;
}

/** What uploads work on. */
export interface UploadsContext {
  readonly store: Store & Uploads;
  readonly held: Held;
  readonly known: Map<Digest, number>;
  readonly random: (sizeBytes: number) => Uint8Array;
}

const maxOpen = 256;

/** No upload yet. */
export function createOpenUploads(context: UploadsContext): OpenUploads {
  // In the order of last use: the first is the one that stood still longest.
  const open = new Map<string, OpenUpload>();
  return {
    async open() {
      if (open.size >= maxOpen) await open.values().next().value?.cancel();
      const id = Buffer.from(context.random(16)).toString('hex');
      const upload = createUpload(id, context, () => open.delete(id));
      open.set(id, upload);
      return upload;
    },
    find(id) {
      const upload = open.get(id);
      if (upload === undefined) return undefined;
      open.delete(id);
      open.set(id, upload);
      return upload;
    },
    async cancelAll() {
      await Promise.all([...open.values()].map((upload) => upload.cancel()));
    },
  };
}

function createUpload(id: string, context: UploadsContext, forget: () => void): OpenUpload {
  const { store, held, known } = context;
  let waiting: Uint8Array[] = [];
  let sizeBytes = 0;
  let sink: Upload | undefined;
  let isBusy = false;

  const append = async (bytes: Uint8Array, cancel: Cancel): Promise<void> => {
    sizeBytes += bytes.length;
    if (sink !== undefined) return await sink.append(bytes, cancel);
    waiting.push(bytes);
    if (held.blobs.fits(sizeBytes)) return;
    sink = await store.begin(cancel);
    for (const piece of waiting.splice(0)) await sink.append(piece, cancel);
  };
  const letGo = async (): Promise<void> => {
    forget();
    waiting = [];
    await sink?.cancel();
  };
  const keep = async (digest: Digest, cancel: Cancel): Promise<Descriptor> => {
    const blob =
      sink === undefined ? await keepSmall(context, digest, waiting, cancel) : await sink.commit(digest, cancel);
    if (sink !== undefined) known.set(digest, blob.size);
    forget();
    waiting = [];
    return blob;
  };
  /** One request at a time; what fails takes the upload with it. */
  const alone = async <T>(work: () => Promise<T>): Promise<T> => {
    if (isBusy) throw new ApiError(400, 'BLOB_UPLOAD_INVALID', 'another request is working on this upload');
    isBusy = true;
    try {
      return await work();
    } catch (error) {
      await letGo();
      throw error;
    } finally {
      isBusy = false;
    }
  };
  return {
    id,
    sizeBytes: () => sizeBytes,
    take: (body, cancel) =>
      alone(async () => {
        for await (const bytes of repack(body)) await append(bytes, cancel);
      }),
    commit: (digest, cancel) => alone(() => keep(digest, cancel)),
    cancel: letGo,
  };
}

async function keepSmall(
  { store, held, known }: UploadsContext,
  digest: Digest,
  pieces: readonly Uint8Array[],
  cancel: Cancel,
): Promise<Descriptor> {
  const bytes = Buffer.concat(pieces);
  const hasher = createHasher(digest);
  hasher.update(bytes);
  const found = hasher.digest();
  if (found !== digest) throw wrongDigest(digest, found);
  const blob: Descriptor = { ...describe('application/octet-stream', bytes), digest };
  if (held.blobs.fits(bytes.length)) {
    held.blobs.add(digest, bytes);
    return blob;
  }
  await store.write(blob, markChecked(blob, streamOf(bytes)), cancel);
  known.set(digest, blob.size);
  return blob;
}
