/** What staging knows of keys: their records, and of those that have none, that they failed. */
import type { Cancel } from '../base/host/cancel.ts';
import { formatLocation, type Location } from '../content/oci/reference.ts';
import type { Source } from '../content/store/store.ts';
import { type FailureNote, findFailures } from '../ledger/failure-note.ts';
import type { LegRecord } from '../ledger/leg-record.ts';
import { findRecords } from '../ledger/staging.ts';
import type { Key, KeyedLeg } from '../source/inputs/leg-inputs.ts';

/** What one staging knows. */
export interface Known {
  readonly records: ReadonlyMap<Key, LegRecord>;
  /** Of keys without a record alone. */
  readonly failures: ReadonlyMap<Key, FailureNote>;
}

/** What each staging knows, by the staging's name as `formatLocation` has it. */
export type KnownByStaging = ReadonlyMap<string, Known>;

/** Asks each staging once for the keys of its legs. */
export async function lookUp(
  keyed: readonly KeyedLeg[],
  open: (location: Location, cancel?: Cancel) => Promise<Source>,
  cancel: Cancel,
): Promise<KnownByStaging> {
  const byStaging = new Map<string, { readonly location: Location; readonly keys: Key[] }>();
  for (const { leg, key } of keyed) {
    const location = leg.target.staging;
    const name = formatLocation(location);
    const known = byStaging.get(name);
    if (known === undefined) byStaging.set(name, { location, keys: [key] });
    else known.keys.push(key);
  }
  const found = [...byStaging].map(async ([name, { location, keys }]) => {
    return [name, await knownIn(await open(location, cancel), keys, cancel)] as const;
  });
  return new Map(await Promise.all(found));
}

async function knownIn(staging: Source, keys: readonly Key[], cancel: Cancel): Promise<Known> {
  const records = await findRecords(staging, keys, cancel);
  const missing = keys.filter((key) => !records.has(key));
  return { records, failures: await findFailures(staging, missing, cancel) };
}
