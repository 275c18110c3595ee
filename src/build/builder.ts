/** Builder: makes one leg and hands its content to a store. */
import type { Cancel } from '../base/host/cancel.ts';
import type { Host } from '../base/host/host.ts';
import type { Descriptor } from '../content/oci/descriptor.ts';
import type { Location } from '../content/oci/reference.ts';
import type { Mounts, Source, Store, Uploads } from '../content/store/store.ts';
import type { TagView } from '../content/store/tag-view.ts';
import type { ReadableTree } from '../source/dockerfile/tree.ts';
import type { KeyedLeg } from '../source/inputs/leg-inputs.ts';
import type { BuilderSetting, CacheMode } from '../source/project/model.ts';

/** The kinds of builder. */
export type BuilderKind = BuilderSetting['kind'];

/** What a builder is given. */
export interface BuildRequest {
  readonly keyed: KeyedLeg;
  /** The keyed files with the generated ones: what the build may read, and nothing else. */
  readonly context: ReadableTree;
  /** Takes all content: a fan-out over staging and the destinations. */
  readonly store: Store & Uploads & Mounts;
  /** The repositories that attestations' subjects name, `host/repository` or a layout's name, destinations in order; the tag is not part of it. */
  readonly subjects: readonly string[];
  /** For each target that this leg builds on: where its leg of the same platform stands in staging, and its image manifest. */
  readonly buildsOn: ReadonlyMap<string, { readonly location: Location; readonly manifest: Descriptor }>;
  /** Nothing that an earlier build left in a cache may stand in: all is built anew. */
  readonly fresh?: boolean;
  /** The leg's cache of steps in staging; a builder that has no such caches leaves it. Absent: none is used. */
  readonly cache?: BuildCache;
  /** Opens where base images are read. */
  readonly open: (location: Location, cancel?: Cancel) => Promise<Source>;
  /** Hears what goes on. */
  readonly on: (event: BuildEvent) => void;
}

/** A cache of steps: one tag of a store. It never decides whether, or what, is built. */
export interface BuildCache {
  /** Sees that tag alone. */
  readonly store: TagView;
  readonly location: Location;
  readonly tag: string;
  /** Of which stages it is to hold the layers. */
  readonly mode: CacheMode;
  /** Whether there is anything to read. */
  readonly reads: boolean;
  readonly writes: boolean;
}

/** What a cache did for one build. */
export interface CacheUse {
  /** Steps that the build reached, FROM left out. */
  readonly steps: number;
  /** Of these, how many came out of a cache: the leg's, or what the builder itself remembers. */
  readonly cachedSteps: number;
  /** What was read of the leg's cache and written to it; undefined where the builder did it behind our back. */
  readonly readBytes?: number;
  readonly writtenBytes?: number;
  /** How long writing it took, as the builder tells; absent where nothing was written. */
  readonly exportMs?: number;
}

/** What a builder tells while it works. */
export type BuildEvent =
  | { readonly kind: 'log'; readonly line: string }
  | { readonly kind: 'notice'; readonly message: string };

/** What a builder made, all of it in the request's store. */
export interface BuildOutcome {
  /** The leg's image manifest. */
  readonly manifest: Descriptor;
  /** Attestation manifests of BuildKit's form that speak of it; may be empty. */
  readonly attestations: readonly Descriptor[];
  /** What the builder itself pushed, before subjects were put right. */
  readonly pushed: Descriptor;
  readonly builder: { readonly kind: BuilderKind; readonly version: string };
  /** Absent where no cache was used. */
  readonly cache?: CacheUse;
}

/** One way to build. */
export interface Builder {
  readonly kind: BuilderKind;
  /** @throws FanfoldError `build.*`, with the Dockerfile's place where one is known */
  build(request: BuildRequest, host: Host, cancel: Cancel): Promise<BuildOutcome>;
}
