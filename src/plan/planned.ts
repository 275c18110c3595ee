/** A plan as data: which legs to build, which to reuse, what to change in which destination, and what it is made from. */
import type { Cancel } from '../base/host/cancel.ts';
import type { Location } from '../content/oci/reference.ts';
import type { Store } from '../content/store/store.ts';
import type { LegRecord } from '../ledger/leg-record.ts';
import type { KeyedLeg } from '../source/inputs/leg-inputs.ts';
import type { Destination, Leg, TagSet, Target } from '../source/project/model.ts';
import type { DesiredTarget } from './desired.ts';
import type { Change } from './difference.ts';
import type { KeptTag } from './kept-tag.ts';
import type { Asking } from './observed.ts';
import type { LegReason, TargetReason } from './reason.ts';

/** What happens to a leg. */
export type PlannedLeg =
  | { readonly action: 'build'; readonly keyed: KeyedLeg; readonly reason: LegReason }
  | { readonly action: 'reuse'; readonly keyed: KeyedLeg; readonly record: LegRecord; readonly reason: LegReason };

/** A leg whose key could not be made; its target is neither built nor published. */
export interface UnkeyedLeg {
  readonly leg: Leg;
  readonly error: unknown;
}

/** What a destination needs; `problem` where it could not be asked. */
export interface PlannedDestination {
  readonly destination: Destination;
  readonly changes: readonly Change[];
  /** Whether content was left unasked, so that more may turn out to be missing: see `Observed`. */
  readonly unasked?: true;
  readonly problem?: unknown;
}

/** What happens to a target. */
export interface PlannedTarget {
  readonly target: Target;
  readonly tags: readonly string[];
  readonly action: 'publish' | 'nothing' | 'fail';
  readonly reason: TargetReason;
  /** Known once every leg is built. */
  readonly desired?: DesiredTarget;
  readonly destinations: readonly PlannedDestination[];
  /** Tags that the run would not take, where that was asked. */
  readonly kept?: readonly KeptTag[];
}

/** Which legs to build, which to reuse, and what to publish. */
export interface Plan {
  readonly legs: readonly PlannedLeg[];
  readonly unkeyed: readonly UnkeyedLeg[];
  readonly targets: readonly PlannedTarget[];
  readonly sets?: readonly PlannedSet[];
  /** Targets that are taken as they are although their refresh is due: `refresh-budget` has no room for them. */
  readonly deferred?: readonly string[];
}

/** A set of which a target is planned. */
export interface PlannedSet {
  readonly set: TagSet;
  /** Its targets that this run will not publish: not chosen, or without a key. Its tags stay until they are published with it. */
  readonly waitsFor: readonly string[];
}

/** What a plan is made from. */
export interface PlanRequest extends Asking {
  readonly targets: readonly Target[];
  readonly keyed: readonly KeyedLeg[];
  readonly unkeyed: readonly UnkeyedLeg[];
  /** The tags of each target, by its name. */
  readonly tags: ReadonlyMap<string, readonly string[]>;
  readonly sets?: readonly TagSet[];
  readonly open: (location: Location, cancel?: Cancel) => Promise<Store>;
  /** What is built whatever staging holds: every leg, or those of which each build may give another image. Nothing where absent. */
  readonly anew?: 'all' | 'moving' | undefined;
}
