/** The last build of a leg, whatever its key: what it took then is what it will probably take now. A hint, and a second tag of a record. */
import type { Cancel } from '../base/host/cancel.ts';
import { describe } from '../content/oci/descriptor.ts';
import { ociTypes } from '../content/oci/media-types.ts';
import { formatLocation } from '../content/oci/reference.ts';
import { readNamed } from '../content/store/copy.ts';
import type { Source, Store } from '../content/store/store.ts';
import type { Leg } from '../source/project/model.ts';
import { lastBuildTag } from '../source/project/names.ts';
import { keyOfRecord, type LegRecord, parseLegRecord, serializeLegRecord } from './leg-record.ts';

/** Lets the leg's name lead to a record that staging holds. What cannot be written is left. @throws only the signal's reason */
export async function noteLastBuild(staging: Store, leg: Leg, record: LegRecord, cancel: Cancel = {}): Promise<void> {
  try {
    await staging.tag(describe(ociTypes.index, serializeLegRecord(record)), tagOf(leg), cancel);
  } catch {
    cancel.signal?.throwIfAborted();
  }
}

/** The record of the leg's last build; undefined where there is none that can be read. @throws only the signal's reason */
export async function findLastBuild(staging: Source, leg: Leg, cancel: Cancel = {}): Promise<LegRecord | undefined> {
  try {
    const named = await readNamed(staging, tagOf(leg), cancel);
    const key = named && keyOfRecord(named.manifest);
    return key && parseLegRecord(named.manifest, key);
  } catch {
    cancel.signal?.throwIfAborted();
    return undefined;
  }
}

function tagOf({ name, target }: Leg): string {
  const [first] = target.destinations;
  return lastBuildTag(name, first === undefined ? '' : formatLocation(first.location));
}
