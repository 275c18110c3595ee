/** Builds a leg again that staging holds, into a folder that is thrown away, and compares what came out. */
import type { Cancel } from '../base/host/cancel.ts';
import type { Host } from '../base/host/host.ts';
import type { Builder, BuildRequest } from '../build/builder.ts';
import type { Location } from '../content/oci/reference.ts';
import type { OpenedStore } from '../content/store/open.ts';
import type { LegRecord } from '../ledger/leg-record.ts';
import { findRecord } from '../ledger/staging.ts';
import { withGenerated } from '../source/inputs/generated.ts';
import type { KeyedLeg } from '../source/inputs/leg-inputs.ts';
import type { Family } from '../source/project/model.ts';
import { type ImageContent, imageContent } from './image-content.ts';

/** What building again takes. */
export interface ReproduceSetting {
  readonly family: Family;
  readonly host: Host;
  readonly open: (location: Location, cancel?: Cancel) => Promise<OpenedStore>;
  readonly choose: (keyed: KeyedLeg, cancel: Cancel) => Promise<{ readonly builder: Builder }>;
  /** Hears a builder's lines. */
  readonly on: (line: string) => void;
}

/** One thing that is not as it was. */
export interface Difference {
  /** A path of the root file system, or `config: NAME`. */
  readonly what: string;
  readonly change: 'added' | 'removed' | 'changed';
}

/**
 * Builds a leg without caches and compares its config and root file system with the record's, times left out.
 * @throws FanfoldError what the builder throws; `content.*` where staging does not hold what the record names
 */
export async function reproduceLeg(
  keyed: KeyedLeg,
  record: LegRecord,
  all: readonly KeyedLeg[],
  setting: ReproduceSetting,
  cancel: Cancel,
): Promise<readonly Difference[]> {
  const { host, open } = setting;
  await using folder = await host.files.temporaryFolder('audit');
  const store = await open({ kind: 'layout', path: `${folder.path}/layout` }, cancel);
  const uncached = withoutCaches(keyed);
  const { builder } = await setting.choose(uncached, cancel);
  await using context = await withGenerated(uncached, setting.family, host, cancel);
  const request: BuildRequest = {
    keyed: uncached,
    context,
    store,
    subjects: [],
    buildsOn: await recordsBelow(keyed, all, setting, cancel),
    fresh: true,
    open,
    on: (event) => setting.on(event.kind === 'log' ? event.line : event.message),
  };
  const { manifest } = await builder.build(request, host, cancel);
  if (manifest.digest === record.manifest.digest) return [];
  const staging = await open(keyed.leg.target.staging, cancel);
  const before = await imageContent(staging, record.manifest, cancel);
  return differences(before, await imageContent(store, manifest, cancel));
}

/** A cache would give back what the record holds, whatever it holds; and an audit writes none. */
function withoutCaches(keyed: KeyedLeg): KeyedLeg {
  const target = { ...keyed.leg.target, cacheFrom: [], cacheTo: [] };
  return { ...keyed, leg: { ...keyed.leg, target } };
}

async function recordsBelow(
  { leg, inputs }: KeyedLeg,
  all: readonly KeyedLeg[],
  { open }: ReproduceSetting,
  cancel: Cancel,
): Promise<BuildRequest['buildsOn']> {
  const platform = leg.name.slice(leg.target.name.length);
  const found = inputs.buildsOn.map(async (name) => {
    const below = all.find((one) => one.leg.name === `${name}${platform}`);
    if (below === undefined) return [];
    const location = below.leg.target.staging;
    const record = await findRecord(await open(location, cancel), below.key, cancel);
    return record === undefined ? [] : [[name, { location, manifest: record.manifest }] as const];
  });
  return new Map((await Promise.all(found)).flat());
}

/** What the second image has otherwise than the first, in the order of paths. */
export function differences(before: ImageContent, now: ImageContent): readonly Difference[] {
  return [
    ...differencesOf(before.config, now.config).map((one) => ({ ...one, what: `config: ${one.what}` })),
    ...differencesOf(before.files, now.files).map((one) => ({ ...one, what: `/${one.what}` })),
  ];
}

function differencesOf(before: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>): readonly Difference[] {
  const names = [...new Set([...before.keys(), ...now.keys()])].sort();
  return names.flatMap((what): readonly Difference[] => {
    const [first, second] = [before.get(what), now.get(what)];
    if (first === second) return [];
    if (first === undefined) return [{ what, change: 'added' }];
    return [{ what, change: second === undefined ? 'removed' : 'changed' }];
  });
}
