/** The tags of a layout: entries of index.json under `org.opencontainers.image.ref.name`. */
import type { Descriptor } from '../../oci/descriptor.ts';
import { asRecord } from '../../oci/descriptor.ts';
import { type Digest, isDigest } from '../../oci/digest.ts';
import { parseJson } from '../../oci/json.ts';
import { maxManifestBytes } from '../../oci/manifest.ts';
import { isManifestType, ociTypes } from '../../oci/media-types.ts';
import { assertSize, collect } from '../bytes.ts';
import { missing } from '../verify.ts';
import { blobSize, hasBlob, readBlob } from './blobs.ts';
import { type Edit, type IndexEntry, makeEntry, readIndexFile, tagOf } from './index-file.ts';
import { subjectOf } from './referrers.ts';

/** What a tag, or a digest of a manifest, names. The last entry of a tag counts, as that of the last writer. */
export async function resolveName(folder: string, name: string): Promise<Descriptor | undefined> {
  const { entries } = await readIndexFile(folder);
  if (!isDigest(name)) return plain(entries.findLast((entry) => tagOf(entry) === name)?.content);
  const listed = entries.find((entry) => entry.content.digest === name)?.content;
  if (listed !== undefined && (await hasBlob(folder, listed))) return plain(listed);
  return await unlisted(folder, name);
}

/** Every tag, sorted by code unit. */
export async function* listTags(folder: string): AsyncIterable<string> {
  const { entries } = await readIndexFile(folder);
  yield* [...new Set(entries.map(tagOf).filter((tag) => tag !== undefined))].sort();
}

/** Names content that is there. Nothing is written where the name is right already. */
export async function setTag(
  folder: string,
  edit: (edit: Edit) => Promise<void>,
  content: Descriptor,
  name: string,
): Promise<void> {
  if (!(await hasBlob(folder, content))) throw missing(content, folder);
  const isRight = (entries: readonly IndexEntry[]): boolean => {
    const named = entries.filter((entry) => tagOf(entry) === name);
    return named.length === 1 && named[0]?.content.digest === content.digest;
  };
  if (isRight((await readIndexFile(folder)).entries)) return;
  await edit(async (entries) =>
    isRight(entries) ? entries : [...(await withoutTag(folder, entries, name)), makeEntry(bareOf(content), name)],
  );
}

/** Takes a tag away; the manifest stays. */
export async function removeTag(folder: string, edit: (edit: Edit) => Promise<void>, name: string): Promise<void> {
  const { entries } = await readIndexFile(folder);
  if (!entries.some((entry) => tagOf(entry) === name)) return;
  await edit(async (now) => (now.some((entry) => tagOf(entry) === name) ? await withoutTag(folder, now, name) : now));
}

/** A referrer that loses its last name stays listed without one: its subject's referrers are found by the list. */
async function withoutTag(
  folder: string,
  entries: readonly IndexEntry[],
  name: string,
): Promise<readonly IndexEntry[]> {
  const rest = entries.filter((entry) => tagOf(entry) !== name);
  const kept: IndexEntry[] = [];
  for (const { content } of entries.filter((entry) => tagOf(entry) === name)) {
    const listed = [...rest, ...kept].some((entry) => entry.content.digest === content.digest);
    if (!listed && (await subjectOf(folder, content)) !== undefined) kept.push(makeEntry(bareOf(content), undefined));
  }
  return [...rest, ...kept];
}

/** A manifest that index.json does not name: its type is read from its own bytes. */
async function unlisted(folder: string, digest: Digest): Promise<Descriptor | undefined> {
  const size = await blobSize(folder, digest);
  if (size === undefined || size > maxManifestBytes) return undefined;
  const content = { mediaType: ociTypes.manifest, digest, size };
  assertSize(content, maxManifestBytes);
  const bytes = await collect(content, readBlob(folder, content, {}));
  const mediaType = typeOf(bytes);
  return mediaType === undefined ? undefined : { ...content, mediaType };
}

function typeOf(bytes: Uint8Array): string | undefined {
  let fields: Readonly<Record<string, unknown>>;
  try {
    fields = asRecord(parseJson(bytes, 'the blob'), 'the blob');
  } catch {
    return undefined;
  }
  const { mediaType, manifests, layers } = fields;
  if (typeof mediaType === 'string') return isManifestType(mediaType) ? mediaType : undefined;
  if (Array.isArray(manifests)) return ociTypes.index;
  return Array.isArray(layers) ? ociTypes.manifest : undefined;
}

function bareOf(content: Descriptor): Descriptor {
  const { mediaType, digest, size } = content;
  return { mediaType, digest, size };
}

function plain(content: Descriptor | undefined): Descriptor | undefined {
  return content === undefined ? undefined : bareOf(content);
}
