/** Tags of a set that waits: none is taken, but what an earlier run of the set began is completed. */
import type { Cancel } from '../base/host/cancel.ts';
import { findTagRecord } from '../ledger/tag-record.ts';
import type { Change } from '../plan/difference.ts';
import type { Destination, Target } from '../source/project/model.ts';
import { completingChanges } from './complete-tags.ts';
import type { Open, PublicationEvent } from './publication.ts';
import type { TagOrder } from './settle-tags.ts';
import type { TagOwner } from './tag-owner.ts';

/** How to hold. */
export interface HoldOptions {
  readonly order: TagOrder;
  readonly dryRun: boolean;
  readonly on: (target: string, event: PublicationEvent) => void;
}

/**
 * Lets the tags of a set's targets name what the set's record says: a run that died may have moved some of them. Gives what was changed
 * (or would be), by target's name; a destination that is not required is left as it is where it cannot be reached.
 * @throws FanfoldError `ledger.invalid`, or as a required destination does
 */
export async function completeSet(
  targets: readonly Target[],
  owner: TagOwner,
  open: Open,
  options: HoldOptions,
  cancel: Cancel = {},
): Promise<ReadonlyMap<string, ReadonlyMap<Destination, readonly Change[]>>> {
  const { record } = await findTagRecord(await open(owner.staging, cancel), owner, cancel);
  const completed = targets.map(async (target) => {
    const taken = record.get(target.name);
    const due = options.order.tagsOf(target.name).flatMap(({ name }) => {
      const one = taken?.get(name);
      return one === undefined ? [] : [{ tag: name, digest: one.digest }];
    });
    const changes = target.destinations.map(async (destination) => {
      const done = due.length === 0 ? [] : await complete(target, destination, due, open, options, cancel);
      return [destination, done] as const;
    });
    return [target.name, new Map(await Promise.all(changes))] as const;
  });
  return new Map(await Promise.all(completed));
}

async function complete(
  target: Target,
  destination: Destination,
  due: Parameters<typeof completingChanges>[0],
  open: Open,
  { dryRun, on }: HoldOptions,
  cancel: Cancel,
): Promise<readonly Change[]> {
  try {
    const changes = await completingChanges(due, destination.location, open, cancel);
    if (dryRun || changes.length === 0) return changes;
    const store = await open(destination.location, cancel);
    for (const change of changes) {
      if (change.kind === 'tag') await store.tag(change.index, change.tag, cancel);
      on(target.name, { kind: 'changed', destination, change });
    }
    return changes;
  } catch (problem) {
    cancel.signal?.throwIfAborted();
    if (destination.required) throw problem;
    on(target.name, { kind: 'behind', destination, problem });
    return [];
  }
}
