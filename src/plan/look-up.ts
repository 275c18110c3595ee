/** What staging knows of keys: their records, and of those that have none, that they failed. */
import type { Cancel } from '../base/host/cancel.ts';
import { formatLocation, type Location } from '../content/oci/reference.ts';
import type { Source } from '../content/store/store.ts';
import { bundleFrom, readBundle } from '../ledger/bundle.ts';
import { type FailureNote, findFailures } from '../ledger/failure-note.ts';
import type { LegRecord } from '../ledger/leg-record.ts';
import { findRecords } from '../ledger/staging.ts';
import type { Key, KeyedLeg } from '../source/inputs/leg-inputs.ts';

/** What one staging knows. */
export interface Known {
  readonly records: ReadonlyMap<Key, LegRecord>;
  /** Of keys without a record alone. */
  readonly failures: ReadonlyMap<Key, FailureNote>;
  /** Keys whose record was read from the bundled ledger, and not by their own tags: before one is acted on, it is confirmed. */
  readonly bundled: ReadonlySet<Key>;
}

/** What each staging knows, by the staging's name as `formatLocation` has it. */
export type KnownByStaging = ReadonlyMap<string, Known>;

type Open = (location: Location, cancel?: Cancel) => Promise<Source>;

/** Asks each staging once for the keys of its legs. */
export async function lookUp(keyed: readonly KeyedLeg[], open: Open, cancel: Cancel): Promise<KnownByStaging> {
  const found = [...keysByStaging(keyed)].map(async ([name, { location, keys }]) => {
    const staging = await open(location, cancel);
    const isWorth = location.kind === 'registry' && keys.length >= bundleFrom;
    const bundle = isWorth ? await readBundle(staging, cancel) : new Map<Key, LegRecord>();
    const bundled = new Map(keys.flatMap((key) => optionalPair(key, bundle.get(key))));
    const asked = await askFor(
      staging,
      keys.filter((key) => !bundled.has(key)),
      cancel,
    );
    const records = new Map([...bundled, ...asked.records]);
    return [name, { records, failures: asked.failures, bundled: new Set(bundled.keys()) }] as const;
  });
  return new Map(await Promise.all(found));
}

/** Asks for the keys of legs by their own tags, whatever the bundled ledger said of them. */
export async function confirm(
  known: KnownByStaging,
  keyed: readonly KeyedLeg[],
  open: Open,
  cancel: Cancel,
): Promise<KnownByStaging> {
  const changed = [...keysByStaging(keyed)].map(async ([name, { location, keys }]) => {
    const before = known.get(name);
    const asked = await askFor(await open(location, cancel), keys, cancel);
    const isAsked = new Set(keys);
    const kept = [...(before?.records ?? [])].filter(([key]) => !isAsked.has(key));
    const one: Known = {
      records: new Map([...kept, ...asked.records]),
      failures: new Map([...(before?.failures ?? []), ...asked.failures]),
      bundled: new Set([...(before?.bundled ?? [])].filter((key) => !isAsked.has(key))),
    };
    return [name, one] as const;
  });
  return new Map([...known, ...(await Promise.all(changed))]);
}

function keysByStaging(keyed: readonly KeyedLeg[]) {
  const byStaging = new Map<string, { readonly location: Location; readonly keys: Key[] }>();
  const seen = new Set<string>();
  for (const { leg, key } of keyed) {
    const location = leg.target.staging;
    const name = formatLocation(location);
    if (seen.has(`${key} ${name}`)) continue;
    seen.add(`${key} ${name}`);
    const known = byStaging.get(name);
    if (known === undefined) byStaging.set(name, { location, keys: [key] });
    else known.keys.push(key);
  }
  return byStaging;
}

async function askFor(staging: Source, keys: readonly Key[], cancel: Cancel): Promise<Omit<Known, 'bundled'>> {
  const records = await findRecords(staging, keys, cancel);
  const missing = keys.filter((key) => !records.has(key));
  return { records, failures: await findFailures(staging, missing, cancel) };
}

function optionalPair<V>(key: Key, value: V | undefined): readonly (readonly [Key, V])[] {
  return value === undefined ? [] : [[key, value]];
}
