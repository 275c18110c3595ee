/** Whether each leg's disk can be had on the machine that it runs on: what cannot be is told before anything starts. */
import { FanfoldError } from '../base/errors/error.ts';
import { describeMachine, roomOf } from '../runners/catalog.ts';
import type { DiskNeed } from '../runners/needs.ts';
import { formatDiskSize } from '../source/project/disk-size.ts';
import type { TimedLeg } from './order.ts';

const namedAtMost = 5;

/**
 * Legs of a job run one after another, and a job's own builder drops what an earlier one left where the next needs the room: needs do not add up, and
 * how legs are packed changes nothing here. A machine that the catalog does not know may have any disk.
 * @throws FanfoldError `plan.limit` naming the legs, what they need, and their runners
 */
export function assertRoom(
  legs: readonly Pick<TimedLeg, 'name' | 'machine'>[],
  needs: ReadonlyMap<string, DiskNeed>,
): void {
  const tooLarge = legs.flatMap(({ name, machine }) => {
    const [need, room] = [needs.get(name), roomOf(machine)];
    if (need === undefined || room === undefined || need.leastBytes <= room) return [];
    const why = need.from === 'declared' ? 'needs' : 'took the last time';
    return [
      `${name} ${why} ${formatDiskSize(need.leastBytes)}, and ${describeMachine(machine)} has ${formatDiskSize(room)} at the most`,
    ];
  });
  if (tooLarge.length === 0) return;
  const more = tooLarge.length > namedAtMost ? `; and ${tooLarge.length - namedAtMost} more` : '';
  throw new FanfoldError(
    'plan.limit',
    `a runner’s disk is too small: ${tooLarge.slice(0, namedAtMost).join('; ')}${more}`,
    {
      hint: 'give the target a larger runner (runner:, and github.runners in fanfold.yaml), or say what it needs if that is less (disk:)',
    },
  );
}
