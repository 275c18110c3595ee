/** What the legs that are to be built took when they were built last. */
import type { Cancel } from '../base/host/cancel.ts';
import type { Location } from '../content/oci/reference.ts';
import type { Source } from '../content/store/store.ts';
import { findLastBuild } from '../ledger/last-build.ts';
import type { LegRecord } from '../ledger/leg-record.ts';
import { type DiskNeed, diskNeed } from '../runners/needs.ts';
import type { PlannedLeg } from './planned.ts';

/** What the legs that are to be built need of a disk, by leg; of those that are not there nothing is known. */
export function needsOf(
  legs: readonly PlannedLeg[],
  last: ReadonlyMap<string, LegRecord>,
): ReadonlyMap<string, DiskNeed> {
  const needs = legs.flatMap(({ action, keyed: { leg } }) => {
    const need = action === 'build' ? diskNeed(leg, last.get(leg.name)?.peakDiskBytes) : undefined;
    return need === undefined ? [] : [[leg.name, need] as const];
  });
  return new Map(needs);
}

const lookupsAtOnce = 16;

/** Their last records, by leg: of legs that are reused, the very record; of those to build, one of an earlier key. */
export async function lastBuilds(
  legs: readonly PlannedLeg[],
  open: (location: Location, cancel?: Cancel) => Promise<Source>,
  cancel: Cancel = {},
): Promise<ReadonlyMap<string, LegRecord>> {
  const found = new Map<string, LegRecord>();
  const waiting = [...legs];
  const work = async (): Promise<void> => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
      const { leg } = one.keyed;
      const record =
        one.action === 'reuse' ? one.record : await findLastBuild(await open(leg.target.staging, cancel), leg, cancel);
      if (record !== undefined) found.set(leg.name, record);
    }
  };
  await Promise.all(Array.from({ length: lookupsAtOnce }, work));
  return found;
}
