/** Keys the legs of a family: those that others build on first, each on its own, so that one that fails stops no other. */
import { FanfoldError, messageOf } from '../../base/errors/error.ts';
import type { Cancel } from '../../base/host/cancel.ts';
import type { Host } from '../../base/host/host.ts';
import { optional } from '../../content/oci/descriptor.ts';
import type { Commit } from '../git/repository.ts';
import { subtree } from '../git/subtree.ts';
import { legsOf } from '../project/legs.ts';
import type { Family, Leg } from '../project/model.ts';
import { createResolver, type OpenSource } from './bases.ts';
import { createDeclarer } from './declared.ts';
import { type FamilySource, openSource, type SourceOptions } from './family-source.ts';
import { createSelector } from './files.ts';
import { createLocator, type KeyingResult, type KeyingRun, keyLeg } from './key-leg.ts';
import type { KeyedLeg } from './leg-inputs.ts';
import { assertNoCycle, buildsOn, createLegFinder } from './legs.ts';
import type { Moment } from './moment.ts';
import { createDockerfileReader } from './read-dockerfile.ts';
import type { ResolverContext } from './resolvers/resolver.ts';
import { createSharedFinder } from './shared.ts';
import { createFolderOpener } from './source-folders.ts';

/** How a family is keyed. */
export interface KeyOptions extends SourceOptions {
  /** Opens where base images are read. */
  readonly open: OpenSource;
  /** Leave images as written, without the network: no digest in the key, no ENV or ONBUILD of theirs known (`plan --since`). */
  readonly bases?: 'as-written';
  /** What all jobs of a run must take alike: the time that decides periods of `refresh`, and bases that are resolved already. Now where absent. */
  readonly moment?: Moment;
  /** Whether the event is a Git tag: what is `volatile` except there then counts. */
  readonly onTag?: boolean;
  /** The legs that are asked for; all where absent. Those that they build on are keyed, too. */
  readonly only?: (leg: Leg) => boolean;
}

/** What keying needs of the machine. */
export type KeyingHost = Pick<Host, 'exec' | 'env' | 'clock'>;

/** A leg that has no key. */
export interface FailedLeg {
  readonly leg: Leg;
  /** A FanfoldError; a DiagnosticsError carries all mistakes of the leg's Dockerfile. */
  readonly error: unknown;
}

/** A family's legs, each with its key or with what is wrong with it. Both lists are in the order of the file. */
export interface KeyedFamily {
  readonly keyed: readonly KeyedLeg[];
  readonly failed: readonly FailedLeg[];
  /** What another job needs to come to the same keys. */
  readonly moment: Moment;
  /** The commit that was keyed, or that the work tree stands on; absent outside of Git. */
  readonly commit?: Commit;
}

/**
 * Keys a family's legs. What is wrong with a single leg is in `failed`, and stops no other but those that build on it.
 * @throws FanfoldError `inputs.repository`, `git.*` where no file of the family can be read; the signal's reason
 */
export async function keyLegs(
  family: Family,
  options: KeyOptions,
  host: KeyingHost,
  cancel: Cancel = {},
): Promise<KeyedFamily> {
  const source = await openSource(family, options, host, cancel);
  const { nowMs, bases, deferred }: Moment = options.moment ?? { nowMs: host.clock.now(), bases: new Map() };
  const resolver = createResolver(options.open, bases);
  const outcomes = await keyAll(
    family,
    options,
    { source, resolver, nowMs, deferred: new Set(deferred) },
    host,
    cancel,
  );
  cancel.signal?.throwIfAborted();
  return {
    moment: { nowMs, bases: resolver.resolved(), ...optional('deferred', deferred) },
    keyed: outcomes.flatMap((outcome) => ('keyed' in outcome ? [outcome.keyed] : [])),
    failed: outcomes.flatMap((outcome) => ('error' in outcome ? [outcome] : [])),
    ...optional('commit', source.commit),
  };
}

/** A large family's legs, all begun together, would all be held half done. */
const legsAtOnce = 64;

async function keyAll(
  family: Family,
  options: KeyOptions,
  shared: Pick<KeyingRun, 'source' | 'resolver' | 'nowMs' | 'deferred'>,
  host: KeyingHost,
  cancel: Cancel,
): Promise<readonly (KeyingResult | FailedLeg)[]> {
  const legs = legsOf(family);
  const { source } = shared;
  const run: KeyingRun = {
    ...shared,
    family,
    locate: createLocator(family.root),
    asWritten: options.bases === 'as-written',
    select: createSelector(),
    openFolders: createFolderOpener(source, createDeclarer(resolverContext(family, options, source, host))),
    readDockerfile: createDockerfileReader(source),
    shared: createSharedFinder(family, source),
    onTag: options.onTag ?? false,
  };
  const legBelow = createLegFinder(legs);
  const outcomes = new Map<Leg, Promise<KeyingResult | FailedLeg>>();
  const outcomeOf = (leg: Leg): Promise<KeyingResult | FailedLeg> => {
    const made = outcomes.get(leg) ?? keyWithBelow(leg).catch((error: unknown) => ({ leg, error }));
    outcomes.set(leg, made);
    return made;
  };
  const keyWithBelow = async (leg: Leg): Promise<KeyingResult> => {
    assertNoCycle(leg.target, family);
    const below = await Promise.all(
      buildsOn(leg.target).map(async (name) => [name, keyedOr(leg, await outcomeOf(legBelow(leg, name)))] as const),
    );
    return await keyLeg(leg, new Map(below), run, cancel);
  };
  // Those that a leg builds on are begun beside the others, so that none waits for another for ever.
  const waiting = legs.filter(options.only ?? (() => true)).values();
  const keyOneByOne = async (): Promise<void> => {
    for (const leg of waiting) await outcomeOf(leg);
  };
  await Promise.all(Array.from({ length: legsAtOnce }, keyOneByOne));
  return await Promise.all(legs.flatMap((leg) => outcomes.get(leg) ?? []));
}

function resolverContext(
  { root }: Family,
  { revision }: KeyOptions,
  source: FamilySource,
  host: KeyingHost,
): ResolverContext {
  return { tree: subtree(source.tree, source.root), ...(revision === undefined ? { folder: root } : {}), host };
}

function keyedOr(leg: Leg, below: KeyingResult | FailedLeg): KeyingResult {
  if ('keyed' in below) return below;
  throw new FanfoldError(
    'inputs.depends',
    `${leg.name} builds on ${below.leg.name}, which has no key: ${messageOf(below.error)}`,
    {
      place: { ...leg.target.place, target: leg.target.name },
      cause: below.error,
    },
  );
}
