/** Makes a target's destinations as they should be, in the safe order: content everywhere, the index everywhere, then tags. */
import { FanfoldError, messageOf } from '../base/errors/error.ts';
import type { Cancel } from '../base/host/cancel.ts';
import type { Digest } from '../content/oci/digest.ts';
import { formatLocation, type Location } from '../content/oci/reference.ts';
import type { Store } from '../content/store/store.ts';
import type { DesiredTarget } from '../plan/desired.ts';
import type { Change } from '../plan/difference.ts';
import { type PlannedDestination, planDestination } from '../plan/plan.ts';
import type { Destination } from '../source/project/model.ts';
import { writeContent, writeIndex } from './content.ts';

/** Opens where content lives. */
export type Open = (location: Location, cancel?: Cancel) => Promise<Store>;

/** What is told while a target is published. */
export type PublicationEvent =
  | { readonly kind: 'changed'; readonly destination: Destination; readonly change: Change }
  | { readonly kind: 'behind'; readonly destination: Destination; readonly problem: unknown };

/** How a publication ended in one destination. */
export interface PublishedDestination {
  readonly destination: Destination;
  /** What was changed (or would be, in a dry run), in order. */
  readonly changes: readonly Change[];
  /** Why a destination that is not required was left behind; the next publication heals it. */
  readonly problem?: unknown;
}

/** A target, published. */
export interface Publication {
  readonly desired: DesiredTarget;
  readonly digest: Digest;
  readonly destinations: readonly PublishedDestination[];
}

/** How to publish. */
export interface PublishOptions {
  /** Look, and change nothing. */
  readonly dryRun?: boolean;
  /** What the plan saw in the destinations just before; they are asked anew where absent. */
  readonly planned?: readonly PlannedDestination[];
  readonly on?: (event: PublicationEvent) => void;
}

/**
 * Publishes one target. Twice does no harm, a run that died is finished by the next. No tag moves anywhere before content and index are
 * in every required destination.
 * @throws FanfoldError `publish.failed` naming the required destination; no tag has moved then, unless a tag itself was refused
 */
export async function publishTarget(
  desired: DesiredTarget,
  open: Open,
  options: PublishOptions = {},
  cancel: Cancel = {},
): Promise<Publication> {
  const planned = options.planned ?? (await look(desired, open, cancel));
  const left = new Map<Destination, unknown>();
  const leave = (destination: Destination, problem: unknown): void => {
    cancel.signal?.throwIfAborted();
    if (destination.required) throw refused(desired, destination, problem);
    left.set(destination, problem);
    options.on?.({ kind: 'behind', destination, problem });
  };
  for (const { destination, problem } of planned) if (problem !== undefined) leave(destination, problem);
  if (options.dryRun !== true) await carryOut({ desired, planned, open, left, leave, options }, cancel);
  return {
    desired,
    digest: desired.merged.descriptor.digest,
    destinations: planned.map((one) => outcomeOf(one, left)),
  };
}

function look(desired: DesiredTarget, open: Open, cancel: Cancel): Promise<readonly PlannedDestination[]> {
  return Promise.all(
    desired.target.destinations.map((destination) => planDestination(desired, destination, open, cancel)),
  );
}

interface Work {
  readonly desired: DesiredTarget;
  readonly planned: readonly PlannedDestination[];
  readonly open: Open;
  readonly left: ReadonlyMap<Destination, unknown>;
  readonly leave: (destination: Destination, problem: unknown) => void;
  readonly options: PublishOptions;
}

async function carryOut(work: Work, cancel: Cancel): Promise<void> {
  await writeMissingContent(work, cancel);
  await inEach(work, 'index', cancel, (store) => writeIndex(store, work.desired.merged, cancel));
  await inEach(work, 'tag', cancel, (store, change) =>
    change.kind === 'tag' ? store.tag(change.index, change.tag, cancel) : Promise.resolve(),
  );
}

async function writeMissingContent(work: Work, cancel: Cancel): Promise<void> {
  const { desired, open, options } = work;
  const behind = work.planned.filter(
    ({ destination, changes }) => !work.left.has(destination) && changes.some(isContent),
  );
  if (behind.length === 0) return;
  const manifests = new Map(
    behind.flatMap(({ changes }) =>
      changes.flatMap((change) =>
        change.kind === 'content' ? [[change.manifest.digest, change.manifest] as const] : [],
      ),
    ),
  );
  const members = await Promise.all(
    behind.map(async ({ destination }) => ({ destination, store: await open(destination.location, cancel) })),
  );
  const staging = await open(desired.target.staging, cancel);
  const dropped = await writeContent(staging, desired.target.staging, members, [...manifests.values()], cancel);
  for (const { destination, changes } of behind) {
    const problem = dropped.get(destination);
    if (problem !== undefined) work.leave(destination, problem);
    else for (const change of changes.filter(isContent)) options.on?.({ kind: 'changed', destination, change });
  }
}

/** Does the changes of one kind in every destination that is not left behind; ends when all have ended. */
async function inEach(
  work: Work,
  kind: Change['kind'],
  cancel: Cancel,
  apply: (store: Store, change: Change) => Promise<void>,
): Promise<void> {
  const done = await Promise.allSettled(
    work.planned.map(async ({ destination, changes }) => {
      if (work.left.has(destination)) return;
      const store = await work.open(destination.location, cancel);
      for (const change of changes.filter((one) => one.kind === kind)) {
        cancel.signal?.throwIfAborted();
        await apply(store, change);
        work.options.on?.({ kind: 'changed', destination, change });
      }
    }),
  );
  done.forEach((result, place) => {
    const destination = work.planned[place]?.destination;
    if (result.status === 'rejected' && destination !== undefined) work.leave(destination, result.reason);
  });
}

function isContent(change: Change): boolean {
  return change.kind === 'content';
}

function outcomeOf(planned: PlannedDestination, left: ReadonlyMap<Destination, unknown>): PublishedDestination {
  const { destination, changes } = planned;
  return left.has(destination)
    ? { destination, changes: [], problem: left.get(destination) }
    : { destination, changes };
}

function refused(desired: DesiredTarget, destination: Destination, problem: unknown): FanfoldError {
  const where = formatLocation(destination.location);
  return new FanfoldError('publish.failed', `${where} could not be brought up to date: ${messageOf(problem)}`, {
    place: { target: desired.target.name, repository: where },
    hint: 'mend the cause and publish again: what is there already is not sent twice',
    cause: problem,
  });
}
