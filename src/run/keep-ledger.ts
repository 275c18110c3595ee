/** Keeps the bundled ledgers of a plan's stagings, once its records are known. */
import type { Cancel } from '../base/host/cancel.ts';
import { formatLocation, type Location } from '../content/oci/reference.ts';
import { addToBundle, bundleFrom } from '../ledger/bundle.ts';
import type { LegRecord } from '../ledger/leg-record.ts';
import type { Open } from '../publish/publication.ts';
import type { Target } from '../source/project/model.ts';

/** A record and the target whose staging holds it. */
export interface StagedRecord {
  readonly target: Target;
  readonly record: LegRecord;
}

/**
 * Adds records to the bundled ledger of each registry that holds many of them. It is a cache that the next publication writes as well, so
 * whoever cannot write it, or is stopped, goes on. Never throws.
 */
export async function keepLedgers(staged: readonly StagedRecord[], open: Open, cancel: Cancel): Promise<void> {
  const byStaging = new Map<string, { readonly location: Location; readonly records: LegRecord[] }>();
  for (const { target, record } of staged) {
    if (target.staging.kind !== 'registry') continue;
    const name = formatLocation(target.staging);
    const known = byStaging.get(name) ?? { location: target.staging, records: [] };
    known.records.push(record);
    byStaging.set(name, known);
  }
  for (const { location, records } of byStaging.values()) {
    if (new Set(records.map(({ key }) => key)).size < bundleFrom) continue;
    try {
      await addToBundle(await open(location, cancel), records, cancel);
    } catch {
      if (cancel.signal?.aborted === true) return;
    }
  }
}
