/** What an endpoint is made of. */
import type { Platform } from '../oci/platform.ts';
import type { Store, Uploads } from '../store/store.ts';
import type { EndpointEvent } from './events.ts';

/** Where what is pushed goes, and what is done with it on the way. */
export interface EndpointOptions {
  /** Takes all content: usually a fan-out. */
  readonly store: Store & Uploads;
  /** What the repository is for, as its path's last part: any text, made a valid name. */
  readonly name: string;
  readonly random: (sizeBytes: number) => Uint8Array;
  /** For a leg: a push of another platform, or of two, is refused. */
  readonly platform?: Platform;
  /** Destinations (`host/repository`, or a layout's name) that attestations' subjects are to name; absent: no byte is changed. */
  readonly subjects?: readonly string[];
  /** Writes the pushed tags to the store. Absent, they are told and no more: a leg moves no tag. */
  readonly tags?: boolean;
  /** Commits each manifest as it comes, by digest too. Absent, what is pushed by digest waits for its tag or for `finish`. */
  readonly eager?: boolean;
  /** The store of a path beside the own one (a cache export), which everything passes straight through to. */
  readonly other?: (repository: string) => (Store & Uploads) | undefined;
  readonly on?: (event: EndpointEvent) => void;
}
