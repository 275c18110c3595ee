/** index.json of a layout (image-layout.md): read within bounds, changed under a lock, replaced as a whole; what others wrote into it stays. */
import { join } from 'node:path';
import { FanfoldError } from '../../../base/errors/error.ts';
import { replaceFile, systemFiles } from '../../../base/host/files.ts';
import { lockFile } from '../../../base/host/lock.ts';
import { asRecord, type Descriptor, parseDescriptor } from '../../oci/descriptor.ts';
import { parseJson } from '../../oci/json.ts';
import { ociTypes } from '../../oci/media-types.ts';
import { ensureLayout } from './marker.ts';

/** The annotation that names a manifest in index.json (annotations.md). */
export const refName = 'org.opencontainers.image.ref.name';

/** index.json as it stands: every field, also those that are not ours. */
export interface IndexFile {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly entries: readonly IndexEntry[];
}

/** One manifest of index.json: what was parsed of it, and its JSON, which is written back as it was. */
export interface IndexEntry {
  readonly content: Descriptor;
  readonly raw: Readonly<Record<string, unknown>>;
}

/** A change: the new entries, or the given ones where nothing is to be written. */
export type Edit = (entries: readonly IndexEntry[]) => readonly IndexEntry[] | Promise<readonly IndexEntry[]>;

const maxIndexBytes = 64 * 1024 * 1024;
const maxEntries = 100_000;
const lockWaitMs = 60_000;

/** @throws FanfoldError `content.invalid`, `host.too-large` */
export async function readIndexFile(folder: string): Promise<IndexFile> {
  const path = join(folder, 'index.json');
  if ((await systemFiles.kindOf(path)) === undefined) return { fields: {}, entries: [] };
  const fields = asRecord(parseJson(await systemFiles.readBytes(path, maxIndexBytes), path), path);
  const manifests = fields['manifests'] ?? [];
  if (!Array.isArray(manifests) || manifests.length > maxEntries) {
    throw new FanfoldError('content.invalid', `${path} has no list of at most ${maxEntries} manifests`, {
      place: { file: path },
    });
  }
  return { fields, entries: manifests.map((raw, place) => parseEntry(raw, `${path}: manifests[${place}]`)) };
}

/** An entry from its parts. */
export function makeEntry(content: Descriptor, name: string | undefined): IndexEntry {
  const { annotations, ...rest } = content;
  const named = name === undefined ? annotations : { ...annotations, [refName]: name };
  const whole = named === undefined ? rest : { ...rest, annotations: named };
  return { content: whole, raw: whole };
}

/** The tag that an entry stands for; undefined where it has none. */
export function tagOf(entry: IndexEntry): string | undefined {
  return entry.content.annotations?.[refName];
}

/**
 * Changes index.json, one writer at a time over all processes. Edits that come while one is under way are made together, in
 * their order, with one write. Nothing is written where no edit changes anything.
 */
export function indexEditor(folder: string): (edit: Edit) => Promise<void> {
  let waiting: Edit[] = [];
  let under: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  return (edit) => {
    waiting.push(edit);
    next ??= under
      .catch(() => undefined)
      .then(() => {
        const edits = waiting;
        waiting = [];
        next = undefined;
        under = applyEdits(folder, edits);
        return under;
      });
    return next;
  };
}

async function applyEdits(folder: string, edits: readonly Edit[]): Promise<void> {
  await ensureLayout(folder);
  await using _lock = await lockFile(join(folder, '.index.lock'), lockWaitMs);
  const { fields, entries } = await readIndexFile(folder);
  let changed = entries;
  for (const edit of edits) changed = await edit(changed);
  const isNew = fields['manifests'] === undefined;
  if (changed === entries && !isNew) return;
  const whole = {
    schemaVersion: 2,
    mediaType: ociTypes.index,
    ...fields,
    manifests: changed.map((entry) => entry.raw),
  };
  await replaceFile(join(folder, 'index.json'), JSON.stringify(whole));
}

function parseEntry(raw: unknown, where: string): IndexEntry {
  return { content: parseDescriptor(raw, where), raw: asRecord(raw, where) };
}
