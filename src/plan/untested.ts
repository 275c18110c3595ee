/** The test gate of a plan: which of the legs that staging holds have not passed their target's tests. */
import type { Cancel } from '../base/host/cancel.ts';
import type { Location } from '../content/oci/reference.ts';
import { createPool } from '../content/store/pool.ts';
import type { Source } from '../content/store/store.ts';
import type { LegRecord } from '../ledger/leg-record.ts';
import { hasPassed } from '../ledger/test-note.ts';
import type { KeyedLeg } from '../source/inputs/leg-inputs.ts';

const lookupsAtOnce = 16;

/** A leg that staging holds. */
interface StagedLeg {
  readonly keyed: KeyedLeg;
  readonly record: LegRecord;
}

type Gate = (legs: readonly StagedLeg[]) => Promise<ReadonlySet<string>>;

/** A gate that names the legs to test. A target without tests is asked nothing; each leg is asked once. */
export function createTestGate(open: (location: Location, cancel?: Cancel) => Promise<Source>, cancel: Cancel): Gate {
  const pool = createPool(lookupsAtOnce);
  const asked = new Map<string, Promise<boolean>>();
  const passed = ({ keyed: { leg, key }, record }: StagedLeg): Promise<boolean> => {
    const image = record.manifest.digest;
    const identity = `${leg.name} ${image}`;
    const tested = { key, leg: leg.name, commands: leg.target.test ?? [], image };
    const answer =
      asked.get(identity) ?? pool(async () => hasPassed(await open(leg.target.staging, cancel), tested, cancel));
    asked.set(identity, answer);
    return answer;
  };
  return async (legs) => {
    const gated = legs.filter(({ keyed }) => keyed.leg.target.test !== undefined);
    const names = await Promise.all(gated.map(async (one) => ((await passed(one)) ? [] : [one.keyed.leg.name])));
    return new Set(names.flat());
  };
}
