/** RunEvent: all that can happen in a run, one union; terminal, lines and JSON are readers of it. */

import type { CacheUse } from '../build/builder.ts';
import type { LegRecord } from '../ledger/leg-record.ts';
import type { Publication, PublicationEvent } from '../publish/publication.ts';

/** What a cache of steps did for a leg that was built, and what that can be held against. */
export interface CacheWorth extends CacheUse {
  /** Whether there was one to read. */
  readonly wasThere: boolean;
  /** How long the last build took that took nothing from it, writing it left out; absent where that is not known, or this is one. */
  readonly fullMs?: number;
}

/** How a leg ended. */
export type LegOutcome =
  | { readonly kind: 'built'; readonly record: LegRecord; readonly durationMs: number; readonly cache?: CacheWorth }
  | { readonly kind: 'reused'; readonly record: LegRecord }
  | { readonly kind: 'failed'; readonly error: unknown };

/** How a target ended. */
export type TargetOutcome =
  | { readonly kind: 'built' }
  | { readonly kind: 'published'; readonly publication: Publication }
  | { readonly kind: 'unchanged'; readonly publication: Publication }
  /** Its content and index are out; its tags wait for other targets of its set. */
  | {
      readonly kind: 'waiting';
      readonly set: string;
      readonly waitsFor: readonly string[];
      readonly publication: Publication;
    }
  | { readonly kind: 'failed'; readonly error: unknown };

/** What happens in a run. `leg` and `target` are names. */
export type RunEvent =
  | { readonly kind: 'run-started'; readonly legs: readonly string[]; readonly targets: readonly string[] }
  | { readonly kind: 'leg-started'; readonly leg: string; readonly builder: string; readonly reason: string }
  | { readonly kind: 'leg-log'; readonly leg: string; readonly line: string }
  | { readonly kind: 'leg-notice'; readonly leg: string; readonly message: string }
  | { readonly kind: 'leg-ended'; readonly leg: string; readonly outcome: LegOutcome }
  | { readonly kind: 'target-changed'; readonly target: string; readonly event: PublicationEvent }
  | { readonly kind: 'target-ended'; readonly target: string; readonly outcome: TargetOutcome }
  | { readonly kind: 'run-ended'; readonly outcome: RunOutcome };

/** How a run ended: every leg and target by name. */
export interface RunOutcome {
  readonly legs: ReadonlyMap<string, LegOutcome>;
  readonly targets: ReadonlyMap<string, TargetOutcome>;
}

/** The tags that name what a target's run made of it: without those that stay with what took them, or wait. */
export function tagsGiven(outcome: Extract<TargetOutcome, { readonly publication: Publication }>): readonly string[] {
  const { desired, kept } = outcome.publication;
  const stay = new Set(kept.map(({ tag }) => tag));
  return outcome.kind === 'waiting' ? [] : desired.tags.filter((tag) => !stay.has(tag));
}

/** Whether everything that was to be done is done. */
export function succeeded(outcome: RunOutcome): boolean {
  return [...outcome.legs.values(), ...outcome.targets.values()].every(({ kind }) => kind !== 'failed');
}
