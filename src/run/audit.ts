/** A sample of built legs, built again: one whose key did not change and whose content did is a suspected miss. */
import { createHash } from 'node:crypto';
import { messageOf } from '../base/errors/error.ts';
import type { Cancel } from '../base/host/cancel.ts';
import { formatLocation } from '../content/oci/reference.ts';
import type { LegRecord } from '../ledger/leg-record.ts';
import { findRecords } from '../ledger/staging.ts';
import type { Key, KeyedLeg } from '../source/inputs/leg-inputs.ts';
import { type Difference, type ReproduceSetting, reproduceLeg } from './reproduce.ts';

/** Which legs are built again. */
export interface Sample {
  /** How many at the most. */
  readonly size: number;
  /** Another seed, another choice; the same one, the same. */
  readonly seed: string;
}

/** What came of one leg. */
export type Audited =
  | { readonly leg: string; readonly key: Key; readonly kind: 'same' }
  | {
      readonly leg: string;
      readonly key: Key;
      readonly kind: 'differs';
      readonly differences: readonly Difference[];
      /** Arguments that stay out of the key: other values of them differ by design. */
      readonly volatile: readonly string[];
    }
  /** It could not be built again. */
  | { readonly leg: string; readonly key: Key; readonly kind: 'failed'; readonly problem: string };

/** What came of an audit. */
export interface Audit {
  readonly audited: readonly Audited[];
  /** Legs whose key staging holds. */
  readonly built: number;
  readonly seed: string;
}

/** Builds a sample again, one leg after the other. */
export async function auditLegs(
  keyed: readonly KeyedLeg[],
  sample: Sample,
  setting: ReproduceSetting,
  cancel: Cancel,
): Promise<Audit> {
  const built = await builtLegs(keyed, setting, cancel);
  const audited: Audited[] = [];
  for (const { keyed: leg, record } of chosen(built, sample)) {
    cancel.signal?.throwIfAborted();
    audited.push(await auditLeg(leg, record, keyed, setting, cancel));
  }
  return { audited, built: built.length, seed: sample.seed };
}

interface Built {
  readonly keyed: KeyedLeg;
  readonly record: LegRecord;
}

async function builtLegs(
  keyed: readonly KeyedLeg[],
  { open }: ReproduceSetting,
  cancel: Cancel,
): Promise<readonly Built[]> {
  const byStaging = groupsByStaging(keyed);
  const found = new Map<KeyedLeg, LegRecord>();
  for (const legs of byStaging.values()) {
    const [first] = legs;
    if (first === undefined) continue;
    const staging = await open(first.leg.target.staging, cancel);
    const records = await findRecords(
      staging,
      legs.map(({ key }) => key),
      cancel,
    );
    for (const leg of legs) {
      const record = records.get(leg.key);
      if (record !== undefined) found.set(leg, record);
    }
  }
  return keyed.flatMap((leg) => {
    const record = found.get(leg);
    return record === undefined ? [] : [{ keyed: leg, record }];
  });
}

function groupsByStaging(keyed: readonly KeyedLeg[]): ReadonlyMap<string, readonly KeyedLeg[]> {
  const groups = new Map<string, KeyedLeg[]>();
  for (const one of keyed) {
    const name = formatLocation(one.leg.target.staging);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [one]);
    else group.push(one);
  }
  return groups;
}

/** A choice by hashes of the seed and the legs' names; legs of one key count once. */
function chosen(built: readonly Built[], { size, seed }: Sample): readonly Built[] {
  const rank = ({ keyed }: Built): string => createHash('sha256').update(`${seed}\0${keyed.leg.name}`).digest('hex');
  const once = [...new Map(built.map((one) => [one.keyed.key, one])).values()];
  return once.sort((a, b) => (rank(a) < rank(b) ? -1 : 1)).slice(0, size);
}

async function auditLeg(
  keyed: KeyedLeg,
  record: LegRecord,
  all: readonly KeyedLeg[],
  setting: ReproduceSetting,
  cancel: Cancel,
): Promise<Audited> {
  const named = { leg: keyed.leg.name, key: keyed.key };
  const { volatile, volatileLabels = [] } = keyed.leg.target;
  try {
    const on = (line: string): void => setting.on(`${keyed.leg.name}  ${line}`);
    const found = await reproduceLeg(keyed, record, all, { ...setting, on }, cancel);
    const meant = new Set(volatileLabels.map((name) => `config: config.Labels.${name}`));
    const rest = found.filter(({ what }) => !meant.has(what));
    if (rest.length === 0) return { ...named, kind: 'same' };
    return { ...named, kind: 'differs', differences: rest, volatile };
  } catch (error) {
    cancel.signal?.throwIfAborted();
    return { ...named, kind: 'failed', problem: messageOf(error) };
  }
}
