/** The one way of a leg: look, build through a fan-out over staging and the destinations, look again, record. */
import { FanfoldError, messageOf } from '../base/errors/error.ts';
import { anyOf, type Cancel } from '../base/host/cancel.ts';
import type { Host } from '../base/host/host.ts';
import type { Builder, BuildOutcome, BuildRequest } from '../build/builder.ts';
import { type Descriptor, optional } from '../content/oci/descriptor.ts';
import { formatLocation, type Location } from '../content/oci/reference.ts';
import { subjectRepository } from '../content/oci/subject-name.ts';
import { type FanOut, fanOut } from '../content/store/fan-out.ts';
import type { OpenedStore } from '../content/store/open.ts';
import { noteFailure } from '../ledger/failure-note.ts';
import { noteLastBuild } from '../ledger/last-build.ts';
import type { LegRecord } from '../ledger/leg-record.ts';
import { findRecord, writeRecord } from '../ledger/staging.ts';
import type { DiskMeter, DiskUse } from '../runners/sampler.ts';
import { withGenerated } from '../source/inputs/generated.ts';
import type { KeyedLeg } from '../source/inputs/leg-inputs.ts';
import type { Family } from '../source/project/model.ts';
import type { CacheWorth, RunEvent } from './events.ts';
import { imageSize } from './image-size.ts';
import { openLegCache, weighCache } from './leg-cache.ts';
import { fullDiskNotice, measureLeg } from './leg-disk.ts';

/** What every leg of a run shares. */
export interface LegSetting {
  readonly family: Family;
  readonly host: Host;
  readonly open: (location: Location, cancel?: Cancel) => Promise<OpenedStore>;
  readonly choose: (keyed: KeyedLeg, cancel: Cancel) => Promise<{ readonly builder: Builder; readonly reason: string }>;
  /** What tells this run in records: a URL or a name. */
  readonly run: string;
  /** The commit; empty outside of Git. */
  readonly revision: string;
  /** Build whatever staging holds, but what this run has built itself; what comes out is then the key's result. */
  readonly all?: boolean;
  /** Send content to staging alone; publication brings it to the destinations. */
  readonly stagingOnly?: boolean;
  /** Measures what a leg takes of the disk; nothing does where absent. */
  readonly meter?: DiskMeter;
  /** Called before a leg is built: makes room for it, or throws where there can be none. */
  readonly makeRoom?: (keyed: KeyedLeg, cancel: Cancel) => Promise<void>;
  /** Whether caches of steps are written, as they are unless this says no. */
  readonly writesCaches?: boolean;
  readonly on: (event: RunEvent) => void;
}

/** A leg's record, and whether this call made it. */
export interface LegResult {
  readonly record: LegRecord;
  readonly built: boolean;
  readonly durationMs: number;
  /** Where the builder used one. */
  readonly cache?: CacheWorth;
}

/**
 * Builds a leg unless staging has it. `buildsOn` holds the records of the targets that it builds on, by target.
 * @throws FanfoldError what the builder or staging throws; `run.dirty` where uncommitted files would enter a shared staging
 */
export async function runLeg(
  keyed: KeyedLeg,
  buildsOn: ReadonlyMap<string, { readonly location: Location; readonly manifest: Descriptor }>,
  setting: LegSetting,
  cancel: Cancel,
): Promise<LegResult> {
  const { leg } = keyed;
  const staging = await setting.open(leg.target.staging, cancel);
  const before = await findRecord(staging, keyed.key, cancel);
  const isAnew = setting.all === true || keyed.inputs.moving.length > 0;
  if (before !== undefined && (!isAnew || isOwn(before, setting)))
    return { record: before, built: false, durationMs: 0 };
  refuseDirty(keyed);
  await setting.makeRoom?.(keyed, cancel);
  const started = setting.host.clock.monotonicMs();
  const { builder, reason } = await setting.choose(keyed, cancel);
  setting.on({ kind: 'leg-started', leg: leg.name, builder: builder.kind, reason });
  const store = await fanOutOf(keyed, staging, setting, cancel);
  const cache = await openLegCache(keyed, builder.kind, setting, cancel);
  const given = { store, buildsOn, ...optional('cache', cache?.build) };
  const measured = { root: setting.family.root, meter: setting.meter, host: setting.host };
  const disk = await measureLeg(leg, builder.kind, measured, cancel);
  const outcome = await build(builder, keyed, given, setting, cancel).catch(async (error: unknown) => {
    const message = fullDiskNotice(await disk.end());
    if (message !== undefined) setting.on({ kind: 'leg-notice', leg: leg.name, message });
    await noteFailed(keyed, staging, setting.host.clock.monotonicMs() - started, setting, cancel);
    throw error;
  });
  const use = await disk.end();
  const durationMs = setting.host.clock.monotonicMs() - started;
  const worth = await weighCache(outcome.cache, durationMs, cache, keyed, setting, cancel);
  const sizeBytes = await imageSize(staging, outcome.manifest, cancel);
  const made = recordOf(keyed, outcome, { durationMs, sizeBytes, use, worth }, setting);
  const record = await writeRecord(staging, made, cancel, { replaces: isAnew });
  await noteLastBuild(staging, leg, record, cancel);
  return { record, built: true, durationMs, ...optional('cache', worth) };
}

/** Whether an earlier attempt of this very run built it. */
function isOwn(record: LegRecord, { run }: LegSetting): boolean {
  return run !== '' && record.run === run;
}

/** That it failed is a hint for the next plan: whoever cannot leave it goes on without. What was stopped did not fail. */
async function noteFailed(
  keyed: KeyedLeg,
  staging: OpenedStore,
  durationMs: number,
  setting: LegSetting,
  cancel: Cancel,
): Promise<void> {
  if (cancel.signal?.aborted === true) return;
  const { run, revision, host } = setting;
  const leg = keyed.leg.name;
  const failure = { key: keyed.key, leg, failedMs: host.clock.now(), durationMs, run, revision };
  try {
    await noteFailure(staging, failure, anyOf(cancel, AbortSignal.timeout(noteMs)));
  } catch (problem) {
    setting.on({ kind: 'leg-notice', leg, message: `that it failed is not noted in staging (${messageOf(problem)})` });
  }
}

const noteMs = 20_000;

async function build(
  builder: Builder,
  keyed: KeyedLeg,
  given: Pick<BuildRequest, 'store' | 'buildsOn' | 'cache'>,
  setting: LegSetting,
  cancel: Cancel,
): Promise<BuildOutcome> {
  const { leg } = keyed;
  await using context = await withGenerated(keyed, setting.family, setting.host, cancel);
  const on: BuildRequest['on'] = (event) => {
    if (event.kind === 'log') setting.on({ kind: 'leg-log', leg: leg.name, line: event.line });
    else setting.on({ kind: 'leg-notice', leg: leg.name, message: event.message });
  };
  const subjects = [...new Set(leg.target.destinations.map(({ location }) => subjectRepository(location)))];
  const request: BuildRequest = { ...given, keyed, context, subjects, open: setting.open, on };
  return await builder.build(request, setting.host, cancel);
}

/** Staging alone decides whether a leg is built: a destination that fails or lags is dropped from it, and publication heals it. */
async function fanOutOf(keyed: KeyedLeg, staging: OpenedStore, setting: LegSetting, cancel: Cancel): Promise<FanOut> {
  const { target, name: leg } = keyed.leg;
  const notice = (location: Location, problem: unknown): void =>
    setting.on({
      kind: 'leg-notice',
      leg,
      message: `${formatLocation(location)} fell behind (${messageOf(problem)}); the publication will bring it up to date`,
    });
  const locations = setting.stagingOnly === true ? [] : target.destinations.map(({ location }) => location);
  const opened = await Promise.all(
    locations.map(async (location) => {
      try {
        return { name: formatLocation(location), store: await setting.open(location, cancel), required: false };
      } catch (problem) {
        cancel.signal?.throwIfAborted();
        notice(location, problem);
        return undefined;
      }
    }),
  );
  const members = [
    { name: formatLocation(target.staging), store: staging, required: true },
    ...opened.filter((member) => member !== undefined),
  ];
  return fanOut(members, {
    on: (event) => {
      const location = locations.find((one) => formatLocation(one) === event.member);
      if (event.kind === 'dropped' && location !== undefined) notice(location, event.problem);
    },
  });
}

/** What was measured of a build. */
interface Measured {
  readonly durationMs: number;
  readonly sizeBytes: number | undefined;
  readonly use: DiskUse | undefined;
  readonly worth: CacheWorth | undefined;
}

function recordOf(
  keyed: KeyedLeg,
  outcome: BuildOutcome,
  { durationMs, sizeBytes, use, worth }: Measured,
  setting: LegSetting,
): LegRecord {
  return {
    key: keyed.key,
    leg: keyed.leg.name,
    manifest: { ...outcome.manifest, platform: keyed.leg.platform },
    attestations: outcome.attestations,
    builder: `${outcome.builder.kind} ${outcome.builder.version}`,
    pushed: outcome.pushed.digest,
    durationMs,
    ...optional('sizeBytes', sizeBytes),
    ...optional('peakDiskBytes', use?.peakBytes),
    revision: setting.revision,
    run: setting.run,
    builtMs: setting.host.clock.now(),
    ...optional('steps', worth && { count: worth.steps, cached: worth.cachedSteps }),
    ...optional('fullMs', worth?.fullMs),
  };
}

function refuseDirty(keyed: KeyedLeg): void {
  const { target, name } = keyed.leg;
  if (!keyed.inputs.dirty || target.staging.kind === 'layout') return;
  throw new FanfoldError(
    'run.dirty',
    `${name} reads files that are not committed; such a leg never enters ${formatLocation(target.staging)}`,
    {
      place: { target: target.name },
      hint: 'commit the files, or give a local layout as `staging:`',
    },
  );
}
