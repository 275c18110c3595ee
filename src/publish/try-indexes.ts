/** The index of destinations whose content the plan left unasked: written at once, and only where it is refused is the rest asked for. */
import { FanfoldError } from '../base/errors/error.ts';
import type { Cancel } from '../base/host/cancel.ts';
import { planDestination } from '../plan/plan-targets.ts';
import type { PlannedDestination } from '../plan/planned.ts';
import type { Destination } from '../source/project/model.ts';
import { writeIndex } from './content.ts';
import type { PreparedTarget } from './publication.ts';

/** What is known once the indexes were tried. */
export interface TriedIndexes {
  /** With what each destination needs that refused its index. */
  readonly planned: readonly PlannedDestination[];
  /** Destinations that took it, hence have all that it names. */
  readonly written: ReadonlySet<Destination>;
}

/** Tries each such destination, side by side. @throws what `leave` throws */
export async function tryIndexes(work: PreparedTarget, cancel: Cancel): Promise<TriedIndexes> {
  const written = new Set<Destination>();
  const tried = await Promise.allSettled(
    work.planned.map(async (planned) => {
      const { destination, unasked } = planned;
      if (unasked !== true || work.left.has(destination)) return planned;
      if (!(await isRefused(work, destination, cancel))) {
        written.add(destination);
        for (const change of planned.changes)
          if (change.kind === 'index') work.options.on?.({ kind: 'changed', destination, change });
        return planned;
      }
      const asked = await planDestination(work.desired, destination, { open: work.open }, cancel);
      if (asked.problem !== undefined) throw asked.problem;
      return asked;
    }),
  );
  const planned = work.planned.map((before, place) => {
    const result = tried[place];
    if (result?.status === 'fulfilled') return result.value;
    work.leave(before.destination, result?.reason);
    return before;
  });
  return { planned, written };
}

/** Writes the index; says whether it was refused for want of what it names. */
async function isRefused(
  { desired, open }: PreparedTarget,
  destination: Destination,
  cancel: Cancel,
): Promise<boolean> {
  try {
    await writeIndex(await open(destination.location, cancel), desired.merged, cancel);
    return false;
  } catch (error) {
    if (error instanceof FanfoldError && error.code === 'content.missing') return true;
    throw error;
  }
}
