/** What was not there a moment ago: clients ask for a blob, then for a mount of it, then send it, and one answer does for all three. */
import { type Clock, systemClock } from '../../base/host/clock.ts';
import type { Digest } from '../oci/digest.ts';

/** Answers of "not there", each for a few seconds. Who trusts one that is no longer true sends bytes for nothing, and loses none. */
export interface Absences {
  note(blob: Digest): void;
  /** It is there now. */
  forget(blob: Digest): void;
  /** Whether it was not there, a few seconds ago at the most. */
  isRecent(blob: Digest): boolean;
}

const lastsMs = 10_000;
const maxBlobs = 4096;

/** Nothing noted yet. */
export function createAbsences(clock: Pick<Clock, 'monotonicMs'> = systemClock): Absences {
  const notedMs = new Map<Digest, number>();
  return {
    note(blob) {
      if (notedMs.size >= maxBlobs) notedMs.clear();
      notedMs.set(blob, clock.monotonicMs());
    },
    forget: (blob) => void notedMs.delete(blob),
    isRecent(blob) {
      const atMs = notedMs.get(blob);
      return atMs !== undefined && clock.monotonicMs() - atMs < lastsMs;
    },
  };
}
