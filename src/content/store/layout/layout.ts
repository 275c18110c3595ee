/** An OCI image layout (image-layout.md) as a store: blobs as files, tags in index.json. */

import { type Cancel, throwIfCancelled } from '../../../base/host/cancel.ts';
import type { Host } from '../../../base/host/host.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { maxManifestBytes, parseManifest } from '../../oci/manifest.ts';
import { isManifestType } from '../../oci/media-types.ts';
import type { LayoutFolder } from '../../oci/reference.ts';
import { assertSize, collect } from '../bytes.ts';
import type {
  Existence,
  Mounts,
  Referrers,
  Sizes,
  Store,
  Tags,
  Untags,
  Upload,
  UploadOptions,
  Uploads,
} from '../store.ts';
import { assertSha256, createUploadCheck, verify } from '../verify.ts';
import { blobSize, createBlobFile, hasBlob, readBlob, removeOldParts } from './blobs.ts';
import { indexEditor, makeEntry } from './index-file.ts';
import { isLayout } from './marker.ts';
import { listReferrers } from './referrers.ts';
import { listTags, removeTag, resolveName, setTag } from './tags.ts';

/** Everything that a layout can do. It mounts nothing. */
export type LayoutStore = Store &
  Uploads &
  Mounts &
  Referrers &
  Sizes &
  Tags &
  Existence &
  Untags & { readonly location: LayoutFolder };

type LayoutHost = Pick<Host, 'clock' | 'random'>;

/** The layout in the folder `location.path`, which is absolute; the folder is made with the first write. */
export function layoutStore(location: LayoutFolder, host: LayoutHost): LayoutStore {
  const folder = location.path;
  const edit = indexEditor(folder);
  let swept: Promise<void> | undefined;
  const create = async () => {
    swept ??= removeOldParts(folder, host.clock.now());
    await swept;
    return await createBlobFile(folder, Buffer.from(host.random(8)).toString('hex'));
  };
  return {
    location,
    has: async (content, cancel) => {
      throwIfCancelled(cancel);
      return await hasBlob(folder, content);
    },
    read: (content, cancel = {}) => readBlob(folder, content, cancel),
    resolve: (name) => resolveName(folder, name),
    async write(content, bytes, cancel = {}) {
      throwIfCancelled(cancel);
      if (await hasBlob(folder, content)) return;
      if (!isManifestType(content.mediaType)) return await writeFile(create, content, verify(content, bytes), cancel);
      assertSize(content, maxManifestBytes);
      const whole = await collect(content, bytes, cancel);
      const manifest = parseManifest(whole, content.mediaType);
      await writeFile(create, content, one(whole), cancel);
      if (manifest.subject === undefined) return;
      const entry = makeEntry({ mediaType: content.mediaType, digest: content.digest, size: content.size }, undefined);
      await edit((entries) =>
        entries.some((known) => known.content.digest === content.digest) ? entries : [...entries, entry],
      );
    },
    tag: (content, name) => setTag(folder, edit, content, name),
    begin: async (cancel, options) => {
      throwIfCancelled(cancel);
      return beginUpload(folder, await create(), options);
    },
    mount: async () => false,
    sizeOf: (blob) => blobSize(folder, blob),
    referrers: (digest) => listReferrers(folder, digest),
    tags: () => listTags(folder),
    exists: () => isLayout(folder),
    untag: (name) => removeTag(folder, edit, name),
  };
}

type Create = () => ReturnType<typeof createBlobFile>;

async function writeFile(
  create: Create,
  content: Descriptor,
  bytes: AsyncIterable<Uint8Array>,
  cancel: Cancel,
): Promise<void> {
  const file = await create();
  try {
    for await (const piece of bytes) {
      throwIfCancelled(cancel);
      await file.append(piece);
    }
    throwIfCancelled(cancel);
    await file.commit(content.digest);
  } catch (error) {
    await file.discard();
    throw error;
  }
}

async function* one(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

function beginUpload(folder: string, file: Awaited<ReturnType<Create>>, options: UploadOptions = {}): Upload {
  const check = createUploadCheck(options);
  return {
    async append(bytes, cancel) {
      throwIfCancelled(cancel);
      check.update(bytes);
      await file.append(bytes);
    },
    async commit(digest, cancel) {
      try {
        throwIfCancelled(cancel);
        assertSha256(digest);
        check.assert(digest);
        const content = { mediaType: 'application/octet-stream', digest, size: check.sizeBytes() };
        if (await hasBlob(folder, content)) await file.discard();
        else await file.commit(digest);
        return content;
      } catch (error) {
        await file.discard();
        throw error;
      }
    },
    cancel: () => file.discard(),
  };
}
