/** Staging as the ledger: leg records under key tags and content tags; the first writer wins, unless a build anew is asked for. */
import type { Cancel } from '../base/host/cancel.ts';
import { ociTypes } from '../content/oci/media-types.ts';
import { readNamed, writeBytes } from '../content/store/copy.ts';
import type { Source, Store } from '../content/store/store.ts';
import type { Key } from '../source/inputs/leg-inputs.ts';
import { keepTag, keyTag, recordTag } from '../source/project/names.ts';
import { clearBundle } from './bundle.ts';
import { eachKey } from './each-key.ts';
import { contentOf, type LegRecord, parseLegRecord, serializeLegRecord } from './leg-record.ts';

/**
 * The record that a key names now; undefined where the key is not built.
 * @throws FanfoldError `ledger.invalid` where the tag names something else
 */
export async function findRecord(staging: Source, key: Key, cancel: Cancel = {}): Promise<LegRecord | undefined> {
  const named = await readNamed(staging, keyTag(key), cancel);
  return named === undefined ? undefined : parseLegRecord(named.manifest, key);
}

/** The records of many keys, looked up side by side; keys that are not built are absent. */
export async function findRecords(
  staging: Source,
  keys: Iterable<Key>,
  cancel: Cancel = {},
): Promise<ReadonlyMap<Key, LegRecord>> {
  return await eachKey(keys, (key) => findRecord(staging, key, cancel));
}

/**
 * Writes a record whose content staging holds already, unless the key has one: the first writer wins. Registries have no
 * compare-and-swap, so two may still write: each is kept by its content tag, and what the key names afterwards is the answer.
 * With `replaces` the key names this record from now on, which tells a later attempt of the run that it is done; the one before stays under its
 * content tag.
 */
export async function writeRecord(
  staging: Store,
  record: LegRecord,
  cancel: Cancel = {},
  { replaces = false }: { readonly replaces?: boolean } = {},
): Promise<LegRecord> {
  const first = await findRecord(staging, record.key, cancel);
  if (first !== undefined && !replaces) return first;
  for (const content of contentOf(record)) await staging.tag(content, keepTag(content.digest), cancel);
  const descriptor = await writeBytes(staging, ociTypes.index, serializeLegRecord(record), cancel);
  await staging.tag(descriptor, recordTag(descriptor.digest), cancel);
  const meanwhile = replaces ? undefined : await findRecord(staging, record.key, cancel);
  if (meanwhile !== undefined) return meanwhile;
  await staging.tag(descriptor, keyTag(record.key), cancel);
  if (first !== undefined) await clearBundle(staging, cancel);
  return (await findRecord(staging, record.key, cancel)) ?? record;
}
