/** Copies content of a plan's targets from staging, ahead of their publication: no leg is built, no index written, no tag moved. */
import type { Cancel } from '../base/host/cancel.ts';
import type { Descriptor } from '../content/oci/descriptor.ts';
import { createPool, type Pool } from '../content/store/pool.ts';
import { contentOf, type LegRecord } from '../ledger/leg-record.ts';
import { missingContent } from '../plan/observed.ts';
import type { Plan, PlannedLeg, PlannedTarget } from '../plan/planned.ts';
import { type BlobSharing, createBlobSharing } from '../publish/blob-sharing.ts';
import { copyContent, type Lacking } from '../publish/copy-content.ts';
import type { Open } from '../publish/publication.ts';
import type { Destination } from '../source/project/model.ts';

/** What one destination came to. */
export interface CopiedDestination {
  readonly destination: Destination;
  /** Manifests that it lacked and has now, with all that they name (or would have, in a dry run). */
  readonly manifests: readonly Descriptor[];
  /** Why it lacks something still. The publication brings it. */
  readonly problem?: unknown;
}

/** What one target came to. */
export interface CopiedTarget {
  readonly target: string;
  readonly destinations: readonly CopiedDestination[];
  /** Legs that are not built, or have not passed their tests: nothing of them is copied. */
  readonly waitsFor: readonly string[];
  /** Why a leg has no key, so that nothing of the target is known. */
  readonly error?: unknown;
}

/** What blobs and manifests cost, over all destinations. */
export interface CopyTally {
  readonly sent: number;
  readonly sentBytes: number;
  readonly mounted: number;
}

/** How a copy of content ended. */
export interface ContentOutcome {
  readonly targets: readonly CopiedTarget[];
  readonly tally: CopyTally;
}

/** How content is copied. */
export interface ContentSetting {
  readonly open: Open;
  readonly dryRun: boolean;
  /** Hears of each target as it ends. */
  readonly on: (target: CopiedTarget) => void;
}

/** More would only wait for the same connections. */
const legsAtOnce = 8;

/** Copies what the destinations of these targets lack, side by side, legs that are built of a target whose others are not among them. */
export async function copyPlan(
  plan: Plan,
  names: ReadonlySet<string>,
  setting: ContentSetting,
  cancel: Cancel,
): Promise<ContentOutcome> {
  const tally = { sent: 0, sentBytes: 0, mounted: 0 };
  const work: Work = { plan, setting, tally, pool: createPool(legsAtOnce), sharing: createBlobSharing(), cancel };
  const targets = plan.targets
    .filter(({ target }) => names.has(target.name))
    .map(async (planned) => {
      const copied = await copyTarget(planned, work);
      setting.on(copied);
      return copied;
    });
  await Promise.allSettled(targets);
  return { targets: await Promise.all(targets), tally };
}

/** Whether everything that could be copied is in every destination that is required. */
export function isCopied({ targets }: ContentOutcome): boolean {
  return targets.every(
    ({ error, destinations }) =>
      error === undefined &&
      destinations.every(({ destination, problem }) => problem === undefined || !destination.required),
  );
}

interface Work {
  readonly plan: Plan;
  readonly setting: ContentSetting;
  readonly tally: { -readonly [N in keyof CopyTally]: CopyTally[N] };
  /** For legs, whatever target they are of. */
  readonly pool: Pool;
  readonly sharing: BlobSharing;
  readonly cancel: Cancel;
}

async function copyTarget(planned: PlannedTarget, work: Work): Promise<CopiedTarget> {
  const { name } = planned.target;
  const unkeyed = work.plan.unkeyed.find(({ leg }) => leg.target.name === name);
  if (unkeyed !== undefined) return { target: name, destinations: [], waitsFor: [], error: unkeyed.error };
  const own = work.plan.legs.filter(({ keyed }) => keyed.leg.target.name === name);
  const isReady = ({ action, reason }: PlannedLeg): boolean => action === 'reuse' && reason.kind !== 'untested';
  const waitsFor = own.filter((leg) => !isReady(leg)).map(({ keyed }) => keyed.leg.name);
  const records = own.flatMap((leg) => (leg.action === 'reuse' && isReady(leg) ? [leg.record] : []));
  const asked = await lackingOf(planned, records, work);
  const lacking = asked.filter(({ problem }) => problem === undefined);
  const problems = work.setting.dryRun ? [] : await copyLegs(planned, records, lacking, work);
  const destinations = asked.map(({ destination, manifests, problem: before }): CopiedDestination => {
    const problem = before ?? problems.find((some) => some.has(destination))?.get(destination);
    return problem === undefined ? { destination, manifests } : { destination, manifests: [], problem };
  });
  return { target: name, destinations, waitsFor };
}

/** What each destination lacks: as the plan saw it, or asked now where a leg was missing then. */
function lackingOf(
  { target, desired, destinations }: PlannedTarget,
  records: readonly LegRecord[],
  { setting, pool, cancel }: Work,
): Promise<readonly CopiedDestination[]> {
  if (desired !== undefined) {
    return Promise.resolve(
      destinations.map(({ destination, changes, problem }) => {
        const manifests = changes.flatMap((change) => (change.kind === 'content' ? [change.manifest] : []));
        return { destination, manifests, ...(problem === undefined ? {} : { problem }) };
      }),
    );
  }
  return Promise.all(
    target.destinations.map((destination) =>
      pool(async (): Promise<CopiedDestination> => {
        try {
          const store = await setting.open(destination.location, cancel);
          return { destination, manifests: await missingContent(records, store, cancel) };
        } catch (problem) {
          cancel.signal?.throwIfAborted();
          return { destination, manifests: [], problem };
        }
      }),
    ),
  );
}

/** Copies leg by leg, side by side; all are waited for. */
async function copyLegs(
  { target }: PlannedTarget,
  records: readonly LegRecord[],
  lacking: readonly Lacking[],
  { setting, tally, pool, sharing, cancel }: Work,
): Promise<readonly ReadonlyMap<Destination, unknown>[]> {
  const options: Parameters<typeof copyContent>[3] = {
    sharing,
    on({ kind, content }) {
      if (kind === 'mounted') tally.mounted += 1;
      if (kind !== 'written') return;
      tally.sent += 1;
      tally.sentBytes += content.size;
    },
  };
  const copies = records.map((record) => {
    const own = new Set(contentOf(record).map(({ digest }) => digest));
    const ofLeg = lacking.map(({ destination, manifests }) => ({
      destination,
      manifests: manifests.filter(({ digest }) => own.has(digest)),
    }));
    return pool(() => copyContent(target, ofLeg, setting.open, options, cancel));
  });
  const ended = await Promise.allSettled(copies);
  return ended.map((end) => {
    if (end.status === 'fulfilled') return end.value;
    throw end.reason;
  });
}
