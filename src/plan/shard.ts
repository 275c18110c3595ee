/** A share of a family's targets: which of several jobs does which. */
import { FanfoldError } from '../base/errors/error.ts';
import { digestOf } from '../content/oci/digest.ts';
import { contentOf } from '../ledger/leg-record.ts';
import type { Plan, PlannedTarget } from './planned.ts';

/** One share of so many: the first is 1. */
export interface Shard {
  readonly place: number;
  readonly count: number;
}

/** `2/8` as a share. @throws FanfoldError `usage.invalid` */
export function parseShard(text: string): Shard {
  const [, place, count] = /^([1-9]\d{0,3})\/([1-9]\d{0,3})$/.exec(text.trim()) ?? [];
  if (place !== undefined && count !== undefined && Number(place) <= Number(count))
    return { place: Number(place), count: Number(count) };
  throw new FanfoldError('usage.invalid', `${JSON.stringify(text.slice(0, 100))} is no share`, {
    hint: 'write which of how many: 2/8',
  });
}

/** The same share as text. */
export function formatShard({ place, count }: Shard): string {
  return `${place}/${count}`;
}

/** Whether a target is in a share. Its name alone decides, so that its legs stay together, in every run and whatever else is in the family. */
export function isInShard(target: string, { place, count }: Shard): boolean {
  const hash = digestOf(new TextEncoder().encode(target)).slice('sha256:'.length, 'sha256:'.length + hashDigits);
  return Number.parseInt(hash, 16) % count === place - 1;
}

/** As many as a number holds. */
const hashDigits = 12;

/** A job that starts for fewer legs takes longer to start than to copy. */
const legsPerShard = 50;

/**
 * The shares in which a plan's content is worth being copied, `most` at the most; none where there is nothing to copy. Legs that are still to be
 * built count, and those that a destination is known to lack. What a destination holds that could not be asked is not known, and does not count.
 */
export function contentShards(plan: Pick<Plan, 'targets'>, most: number): readonly Shard[] {
  const legs = plan.targets.reduce((sum, target) => sum + legsToCopy(target), 0);
  const count = Math.min(most, Math.ceil(legs / legsPerShard));
  return Array.from({ length: count }, (_, place) => ({ place: place + 1, count }));
}

function legsToCopy({ action, reason, desired, destinations }: PlannedTarget): number {
  if (action === 'fail') return 0;
  if (reason.kind === 'legs-to-build' || reason.kind === 'legs-to-test') return reason.legs.length;
  const lacked = new Set(
    destinations.flatMap(({ changes }) =>
      changes.flatMap((change) => (change.kind === 'content' ? [change.manifest.digest] : [])),
    ),
  );
  return desired?.legs.filter((leg) => contentOf(leg).some(({ digest }) => lacked.has(digest))).length ?? 0;
}
