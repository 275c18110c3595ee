/** Periods after which a leg is built again though nothing changed, each target's boundary at a time of its own. */
import { createHash } from 'node:crypto';
import type { Json } from '../../content/oci/json.ts';
import type { Refresh } from '../project/model.ts';

const dayMs = 24 * 60 * 60 * 1000;
/** Every month has them, so every target has a boundary in every month. */
const daysOfAnyMonth = 28;

/**
 * The period that a moment is in, for the key of a target's legs: another one each day, week (of seven days) or calendar month (UTC). Its
 * boundary is spread over the period by a hash of the target's name: no family is ever built all at once. A refresh that is `deferred` leaves
 * the target in the period before.
 */
export function refreshPeriod(
  refresh: Exclude<Refresh, 'never'>,
  targetName: string,
  nowMs: number,
  deferred = false,
): Json {
  return { every: refresh, period: periodOf(refresh, targetName, nowMs) - (deferred ? 1 : 0) };
}

function periodOf(refresh: Exclude<Refresh, 'never'>, targetName: string, nowMs: number): number {
  const share = shareOf(targetName);
  switch (refresh) {
    case 'daily':
      return Math.floor((nowMs - share * dayMs) / dayMs);
    case 'weekly':
      return Math.floor((nowMs - share * 7 * dayMs) / (7 * dayMs));
    case 'monthly': {
      const shifted = new Date(nowMs - Math.floor(share * daysOfAnyMonth * dayMs));
      return shifted.getUTCFullYear() * 12 + shifted.getUTCMonth();
    }
    default:
      return refresh satisfies never;
  }
}

/** A number from 0 up to 1, equal for equal names and spread evenly over others. */
function shareOf(name: string): number {
  return createHash('sha256').update(name).digest().readUIntBE(0, 6) / 2 ** 48;
}
