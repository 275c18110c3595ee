/** What a publication is asked, and what it came to. */
import type { Cancel } from '../base/host/cancel.ts';
import type { Digest } from '../content/oci/digest.ts';
import type { Location } from '../content/oci/reference.ts';
import type { Store } from '../content/store/store.ts';
import type { DesiredTarget } from '../plan/desired.ts';
import type { Change } from '../plan/difference.ts';
import type { KeptTag } from '../plan/kept-tag.ts';
import type { PlannedDestination } from '../plan/planned.ts';
import type { Destination } from '../source/project/model.ts';
import type { BlobSharing } from './blob-sharing.ts';
import type { TagOrder } from './settle-tags.ts';

/** Opens where content lives. */
export type Open = (location: Location, cancel?: Cancel) => Promise<Store>;

/** What is told while a target is published. */
export type PublicationEvent =
  | { readonly kind: 'changed'; readonly destination: Destination; readonly change: Change }
  | { readonly kind: 'behind'; readonly destination: Destination; readonly problem: unknown }
  | { readonly kind: 'kept'; readonly kept: KeptTag };

/** How a publication ended in one destination. */
export interface PublishedDestination {
  readonly destination: Destination;
  /** What was changed (or would be, in a dry run), in order. */
  readonly changes: readonly Change[];
  /** Why a destination that is not required was left behind; the next publication heals it. */
  readonly problem?: unknown;
}

/** A target, published. */
export interface Publication {
  readonly desired: DesiredTarget;
  readonly digest: Digest;
  readonly destinations: readonly PublishedDestination[];
  /** Tags that this run did not take. */
  readonly kept: readonly KeptTag[];
}

/** How to publish. */
export interface PublishOptions {
  /** Look, and change nothing. */
  readonly dryRun?: boolean;
  /** What the plan saw in the destinations just before; they are asked anew where absent. */
  readonly planned?: readonly PlannedDestination[];
  /** What tags are ordered by; without it every tag is taken. */
  readonly order?: TagOrder;
  /** What is known of blobs from other publications of the call. */
  readonly sharing?: BlobSharing;
  readonly on?: (event: PublicationEvent) => void;
}

/** A target whose content and index are in every required destination (or would be, in a dry run); no tag has moved. */
export interface PreparedTarget {
  readonly desired: DesiredTarget;
  readonly planned: readonly PlannedDestination[];
  readonly open: Open;
  readonly left: ReadonlyMap<Destination, unknown>;
  readonly leave: (destination: Destination, problem: unknown) => void;
  readonly options: PublishOptions;
}
