/** A leg's cache of steps: one tag of its family's staging, lent to the builder; and what it was worth. It never decides whether a leg is built. */
import { messageOf } from '../base/errors/error.ts';
import { anyOf, type Cancel } from '../base/host/cancel.ts';
import type { Host } from '../base/host/host.ts';
import type { BuildCache, BuilderKind, CacheUse } from '../build/builder.ts';
import { optional } from '../content/oci/descriptor.ts';
import { formatLocation, type Location } from '../content/oci/reference.ts';
import type { OpenedStore } from '../content/store/open.ts';
import { tagView } from '../content/store/tag-view.ts';
import { findFullBuild, noteFullBuild } from '../ledger/full-build.ts';
import type { KeyedLeg } from '../source/inputs/leg-inputs.ts';
import type { Family } from '../source/project/model.ts';
import { type CacheOwner, cacheTag } from '../source/project/names.ts';
import type { CacheWorth, RunEvent } from './events.ts';

/** What it takes of a run. */
export interface CacheSetting {
  readonly family: Pick<Family, 'targets'>;
  readonly host: Pick<Host, 'clock'>;
  readonly open: (location: Location, cancel?: Cancel) => Promise<OpenedStore>;
  /** Build whatever staging holds: then nothing is read. */
  readonly all?: boolean;
  /** Whether caches are written, as they are unless this says no. */
  readonly writesCaches?: boolean;
  readonly on: (event: RunEvent) => void;
}

/** A cache, and whose. */
export interface LegCache {
  readonly build: BuildCache;
  readonly owner: CacheOwner;
  readonly staging: OpenedStore;
}

/**
 * The cache of a leg whose target asks for one, where its builder has such caches and there is something to read or to write. One that cannot
 * be looked up is told, and left.
 */
export async function openLegCache(
  keyed: KeyedLeg,
  builder: BuilderKind,
  setting: CacheSetting,
  cancel: Cancel,
): Promise<LegCache | undefined> {
  const mode = keyed.leg.target.cache;
  if (mode === undefined || builder !== 'buildx') return undefined;
  const writes = setting.writesCaches !== false;
  const owner = ownerOf(keyed);
  const tag = cacheTag(owner);
  const location = sharedStaging(keyed, setting);
  try {
    const staging = await setting.open(location, cancel);
    // Who builds what is built already wants it built, and not what was made of it before.
    const reads = setting.all !== true && (await staging.resolve(tag, cancel)) !== undefined;
    if (!reads && !writes) return undefined;
    return { build: { store: tagView(staging, { tag, writes }), location, tag, mode, reads, writes }, owner, staging };
  } catch (problem) {
    cancel.signal?.throwIfAborted();
    tell(keyed, setting, `its cache cannot be looked up (${messageOf(problem)}): built without it`);
    return undefined;
  }
}

/** The family's staging: a job that may push nothing builds into one of its own. */
function sharedStaging({ leg }: KeyedLeg, { family }: CacheSetting): Location {
  return family.targets.find(({ name }) => name === leg.target.name)?.staging ?? leg.target.staging;
}

function ownerOf({ leg, inputs }: KeyedLeg): CacheOwner {
  const [first] = leg.target.destinations;
  const image = first === undefined ? '' : formatLocation(first.location);
  return { target: leg.target.name, platform: leg.platform, image, unseen: inputs.unseen ?? '' };
}

/**
 * What a cache was worth: a build that took nothing from it is noted, one that did is held against the last that is noted. Whatever staging
 * makes of that, the leg is built.
 */
export async function weighCache(
  use: CacheUse | undefined,
  durationMs: number,
  cache: LegCache | undefined,
  keyed: KeyedLeg,
  setting: CacheSetting,
  cancel: Cancel,
): Promise<CacheWorth | undefined> {
  if (use === undefined || cache === undefined) return undefined;
  const { build, owner, staging } = cache;
  const worth = { ...use, wasThere: build.reads };
  const own = anyOf(cancel, AbortSignal.timeout(noteMs));
  try {
    if (use.cachedSteps > 0)
      return { ...worth, ...optional('fullMs', (await findFullBuild(staging, owner, own))?.durationMs) };
    const full = {
      leg: keyed.leg.name,
      durationMs: durationMs - (use.exportMs ?? 0),
      builtMs: setting.host.clock.now(),
    };
    if (use.steps > 0 && build.writes) await noteFullBuild(staging, owner, full, own);
  } catch (problem) {
    cancel.signal?.throwIfAborted();
    tell(keyed, setting, `what its cache is worth is not known (${messageOf(problem)})`);
  }
  return worth;
}

const noteMs = 20_000;

function tell({ leg }: KeyedLeg, { on }: CacheSetting, message: string): void {
  on({ kind: 'leg-notice', leg: leg.name, message });
}
