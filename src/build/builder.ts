/** Builder: makes one leg and hands its content to a store. */
import type { Cancel } from '../base/host/cancel.ts';
import type { Host } from '../base/host/host.ts';
import type { Descriptor } from '../content/oci/descriptor.ts';
import type { Location } from '../content/oci/reference.ts';
import type { Mounts, Source, Store, Uploads } from '../content/store/store.ts';
import type { ReadableTree } from '../source/dockerfile/tree.ts';
import type { KeyedLeg } from '../source/inputs/leg-inputs.ts';
import type { BuilderSetting } from '../source/project/model.ts';

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
  /** Opens where base images are read. */
  readonly open: (location: Location, cancel?: Cancel) => Promise<Source>;
  /** Hears what goes on. */
  readonly on: (event: BuildEvent) => void;
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
}

/** One way to build. */
export interface Builder {
  readonly kind: BuilderKind;
  /** @throws FanfoldError `build.*`, with the Dockerfile's place where one is known */
  build(request: BuildRequest, host: Host, cancel: Cancel): Promise<BuildOutcome>;
}
