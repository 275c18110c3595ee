/** What refers to content in a layout: manifests with a subject are listed in index.json when they are written, so that they are found. */
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { maxManifestBytes, parseManifest } from '../../oci/manifest.ts';
import { isManifestType } from '../../oci/media-types.ts';
import { collect } from '../bytes.ts';
import { referrerOf } from '../referrer.ts';
import { hasBlob, readBlob } from './blobs.ts';
import { readIndexFile } from './index-file.ts';

/** Descriptors whose subject is `subject`, each once. Manifests that are damaged, or not there, refer to nothing. */
export async function listReferrers(folder: string, subject: Digest): Promise<readonly Descriptor[]> {
  const found = new Map<Digest, Descriptor>();
  for (const { content } of (await readIndexFile(folder)).entries) {
    if (found.has(content.digest)) continue;
    const bytes = await manifestBytes(folder, content);
    const referrer = bytes === undefined ? undefined : referrerOf(content, bytes, subject);
    if (referrer !== undefined) found.set(content.digest, referrer);
  }
  return [...found.values()];
}

/** The subject of a manifest; undefined where it has none or is no manifest. */
export async function subjectOf(folder: string, content: Descriptor): Promise<Digest | undefined> {
  const bytes = await manifestBytes(folder, content);
  return bytes === undefined ? undefined : parseManifest(bytes, content.mediaType).subject?.digest;
}

async function manifestBytes(folder: string, content: Descriptor): Promise<Uint8Array | undefined> {
  if (!isManifestType(content.mediaType) || content.size > maxManifestBytes) return undefined;
  if (!(await hasBlob(folder, content))) return undefined;
  return await collect(content, readBlob(folder, content, {}));
}
