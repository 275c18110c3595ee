/** The first part of a publication, which users do not see: content in every destination, then the index in every destination. */
import { FanfoldError, messageOf } from '../base/errors/error.ts';
import type { Cancel } from '../base/host/cancel.ts';
import { optional } from '../content/oci/descriptor.ts';
import { formatLocation } from '../content/oci/reference.ts';
import type { Store } from '../content/store/store.ts';
import type { DesiredTarget } from '../plan/desired.ts';
import type { Change } from '../plan/difference.ts';
import { type DestinationRequest, planDestination } from '../plan/plan-targets.ts';
import type { PlannedDestination } from '../plan/planned.ts';
import type { Destination } from '../source/project/model.ts';
import { writeContent, writeIndex } from './content.ts';
import type { Open, PreparedTarget, PublishOptions } from './publication.ts';
import { tryIndexes } from './try-indexes.ts';

/** The first part of a publication: all that users do not see. @throws FanfoldError `publish.failed` */
export async function prepareTarget(
  desired: DesiredTarget,
  open: Open,
  options: PublishOptions = {},
  cancel: Cancel = {},
): Promise<PreparedTarget> {
  const planned = options.planned ?? (await look(desired, { open, publishedAtOnce: options.dryRun !== true }, cancel));
  const left = new Map<Destination, unknown>();
  const leave = (destination: Destination, problem: unknown): void => {
    cancel.signal?.throwIfAborted();
    if (destination.required) throw refused(desired, destination, problem);
    left.set(destination, problem);
    options.on?.({ kind: 'behind', destination, problem });
  };
  for (const { destination, problem } of planned) if (problem !== undefined) leave(destination, problem);
  const prepared = { desired, planned, open, left, leave, options };
  if (options.dryRun === true) return prepared;
  const tried = await tryIndexes(prepared, cancel);
  const known = { ...prepared, planned: tried.planned };
  await writeMissingContent(known, cancel);
  const unwritten = tried.planned.filter(({ destination }) => !tried.written.has(destination));
  await inEach({ ...known, planned: unwritten }, 'index', cancel, (store) => writeIndex(store, desired.merged, cancel));
  return known;
}

/** What a destination needs, each destination of a target asked. */
export function look(
  desired: DesiredTarget,
  request: DestinationRequest,
  cancel: Cancel,
): Promise<readonly PlannedDestination[]> {
  return Promise.all(
    desired.target.destinations.map((destination) => planDestination(desired, destination, request, cancel)),
  );
}

async function writeMissingContent(work: PreparedTarget, cancel: Cancel): Promise<void> {
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
  const sharing = optional('sharing', options.sharing);
  const dropped = await writeContent(
    staging,
    desired.target.staging,
    members,
    [...manifests.values()],
    sharing,
    cancel,
  );
  for (const { destination, changes } of behind) {
    const problem = dropped.get(destination);
    if (problem !== undefined) work.leave(destination, problem);
    else for (const change of changes.filter(isContent)) options.on?.({ kind: 'changed', destination, change });
  }
}

/** Does the changes of one kind in every destination that is not left behind; ends when all have ended. @throws what `leave` throws */
export async function inEach(
  work: PreparedTarget,
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

function refused(desired: DesiredTarget, destination: Destination, problem: unknown): FanfoldError {
  const where = formatLocation(destination.location);
  return new FanfoldError('publish.failed', `${where} could not be brought up to date: ${messageOf(problem)}`, {
    place: { target: desired.target.name, repository: where },
    hint: 'mend the cause and publish again: what is there already is not sent twice',
    cause: problem,
  });
}
