/** What a leg needs of a runner's disk: as its target declares it, else by what it took the last time. */
import type { Leg } from '../source/project/model.ts';

/** A need. */
export interface DiskNeed {
  /** What is to be free before it begins. */
  readonly bytes: number;
  /** With less it cannot be built, as far as is known. */
  readonly leastBytes: number;
  readonly from: 'declared' | 'measured';
}

/** A build takes a little more one day than another. */
const margin = 1.2;

/** A leg's need; undefined where nothing is known of it. `peakBytes` is what it took at the most when it was built last. */
export function diskNeed({ target }: Leg, peakBytes: number | undefined): DiskNeed | undefined {
  const { diskBytes } = target;
  if (diskBytes !== undefined) return { bytes: diskBytes, leastBytes: diskBytes, from: 'declared' };
  if (peakBytes === undefined) return undefined;
  return { bytes: Math.ceil(peakBytes * margin), leastBytes: peakBytes, from: 'measured' };
}
