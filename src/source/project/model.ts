/** The model that every kind of configuration is read into: a family, its targets and their legs, as plain data. */

import type { Place } from '../../base/errors/error.ts';
import type { Platform } from '../../content/oci/platform.ts';
import type { Location } from '../../content/oci/reference.ts';
import type { TagRules } from '../tags/rules.ts';
import type { GithubSetting } from './github-setting.ts';
import type { GitlabSetting } from './gitlab-schema.ts';

/** All that one fanfold.yaml describes. */
export interface Family {
  /** The configuration file, absolute. */
  readonly file: string;
  /** The folder that paths are relative to (the configuration file's own), absolute. */
  readonly root: string;
  /** In the order of the file. Names are unique. */
  readonly targets: readonly Target[];
  /** Files that decide targets though no Dockerfile shows it. */
  readonly shared?: readonly SharedRule[];
  /** Files that targets are read from in place (`sources`), relative to the root. */
  readonly sources?: readonly string[];
  /** Files that need not reach any leg, for `check --coverage` alone. */
  readonly ignore?: readonly InputRule[];
  /** How it runs on GitHub Actions; absent where it says nothing of that (`defaultGithub`). */
  readonly github?: GithubSetting;
  /** How it runs on GitLab CI; absent where it says nothing of that (`gitlabSetting`). */
  readonly gitlab?: GitlabSetting;
  /** A target is in one of them at the most. */
  readonly sets?: readonly TagSet[];
  /** Legs that a plan builds at the most because nothing but their refresh is due; absent: no bound. */
  readonly refreshBudget?: number;
}

/** Targets whose tags move together or not at all. */
export interface TagSet {
  readonly name: string;
  readonly place: Place;
  /** The names of its targets, in the order of the file. */
  readonly targets: readonly string[];
  /** Its first target's: where the record of its tags is. */
  readonly staging: Location;
  /** Its first target's first destination. */
  readonly image: string;
}

/** Which files count. Globs, and paths that resolvers take, are relative to the family's root. */
export type InputRule =
  | {
      readonly kind: 'glob';
      readonly glob: string /** Whether it takes out what it matches. */;
      readonly negated: boolean;
    }
  /** A main package, or a member of a workspace, by its folder: it counts with what it depends on. */
  | { readonly kind: 'go' | 'npm' | 'pnpm' | 'cargo'; readonly member: string }
  /** A .proto file: while it is an additive change of `baseline`, the key takes that one's content in place of its own. */
  | { readonly kind: 'protobuf'; readonly file: string; readonly baseline: string }
  /** An argument list, run in the family's root; prints a path to each line. */
  | { readonly kind: 'command'; readonly run: readonly string[] };

/** Files whose content enters the keys of some targets. */
export interface SharedRule {
  readonly place: Place;
  readonly paths: readonly InputRule[];
  /** Globs of targets' names. */
  readonly targets: readonly string[];
}

/** What stays out of the key. */
export interface Volatile {
  readonly args: readonly string[];
  readonly labels: readonly string[];
  /** Whether they count on a Git tag. */
  readonly exceptTags: boolean;
}

/** A repository (or OCI layout) that users pull from. */
export interface Destination {
  /** The target's own repository or layout folder (absolute), its name added already. */
  readonly location: Location;
  /** Whether publication fails where this one does. */
  readonly required: boolean;
}

/** One image that is published. Fields that Buildx Bake has carry Bake's names. */
export interface Target {
  readonly name: string;
  /** Where it is written, for messages. */
  readonly place: Place;
  /** Folder, relative to the family's root, `/` between its parts; '' is the root itself. */
  readonly context: string;
  /** The Dockerfile, relative to the family's root. */
  readonly dockerfile: string;
  /** Bake's `target`: the Dockerfile's stage; the last one where absent. */
  readonly stage?: string;
  readonly args: Readonly<Record<string, string>>;
  readonly contexts: Readonly<Record<string, NamedContext>>;
  /** At least one, normalized, no two equal. */
  readonly platforms: readonly Platform[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** BuildKit's `--secret` values, as `id=...` CSV; only ids enter the key. */
  readonly secret: readonly string[];
  readonly ssh: readonly string[];
  readonly network?: 'default' | 'none' | 'host';
  readonly cacheFrom: readonly string[];
  readonly cacheTo: readonly string[];
  /** Whether Buildx's steps are cached in staging, of which stages; absent: not. No part of the key. */
  readonly cache?: CacheMode;
  /** At least one; the first names the default staging. */
  readonly destinations: readonly Destination[];
  readonly staging: Location;
  /** How the tags of a publication follow from an event. */
  readonly tags: TagRules;
  /** Absent: chosen by what the Dockerfile needs and the machine has. */
  readonly builder?: BuilderSetting;
  readonly attestations: AttestationSetting;
  /** What the key takes of base images: their digest, a digest that must be written, or the reference alone. */
  readonly bases: 'resolve' | 'pinned' | 'ignore';
  /** Names of build arguments that stay out of the key. */
  readonly volatile: readonly string[];
  /** Labels that stay out of the key. */
  readonly volatileLabels?: readonly string[];
  /** `tags`: on a Git tag, volatile arguments and labels count like any other. */
  readonly volatileExcept?: 'tags';
  /** What it reads where its Dockerfile takes a folder; the last rule that matches a path decides. Absent: all. */
  readonly inputs?: readonly InputRule[];
  /** How often it is built again though nothing changed; absent: never. */
  readonly refresh?: Refresh;
  readonly generated: readonly Generated[];
  /** Argument lists that must pass on each leg before a tag names it; at least one. No part of the key. */
  readonly test?: readonly (readonly string[])[];
  /** The machine that its legs run on, by its label; absent: chosen by what a leg needs. */
  readonly runner?: string;
  /** How much disk a leg needs while it is built, in bytes, as it is written; absent: as it was measured. No part of the key. */
  readonly diskBytes?: number;
  /** What differs on a platform, by its name (`formatPlatform`); a leg's own target has it in place already. */
  readonly perPlatform?: Readonly<Record<string, PlatformFields>>;
}

/** A period after which a leg's key is another one. */
export type Refresh = 'daily' | 'weekly' | 'monthly' | 'never';

/** What may differ between the legs of one target. */
export interface PlatformFields {
  /** Over the target's own. */
  readonly args: Readonly<Record<string, string>>;
  readonly runner?: string;
  readonly diskBytes?: number;
  readonly cache?: CacheMode | 'off';
}

/** What a cache holds: the layers of the image, or those of every stage. */
export type CacheMode = 'min' | 'max';

/** Which builder makes a target's legs. */
export type BuilderSetting =
  | { readonly kind: 'direct' }
  /**
   * `name` is a builder of `docker buildx ls`, the one in use where absent. `remote` says what a BuildKit does that does not reach this
   * machine's loopback: its OCI export is read (where absent, too), or it pushes to the destinations itself, with the credentials for them.
   */
  | { readonly kind: 'buildx'; readonly name?: string; readonly remote?: 'export' | 'push' }
  | { readonly kind: 'buildah' }
  /**
   * Any program: an argument list, run in the target's context folder. It finds in its environment FANFOLD_REFERENCE (to push to), FANFOLD_LAYOUT (an empty
   * folder to leave an OCI layout in instead), FANFOLD_PLATFORM, FANFOLD_TARGET.
   */
  | { readonly kind: 'command'; readonly run: readonly string[] };

/** BuildKit's attestations: off, or at a mode; `sbom` may name the generator's image. */
export interface AttestationSetting {
  readonly provenance: false | 'min' | 'max';
  readonly sbom: false | true | string;
}

/** A named context (Bake's `contexts`). */
export type NamedContext =
  | { readonly kind: 'folder' /** Relative to the family's root. */; readonly path: string }
  | { readonly kind: 'image' /** As written after `docker-image://`. */; readonly reference: string }
  | { readonly kind: 'target' /** Another target's name, after `target:`. */; readonly target: string }
  | { readonly kind: 'layout' /** As written after `oci-layout://`. */; readonly reference: string }
  | { readonly kind: 'git'; readonly url: string };

/** Files that a command brings. The key takes the command and its lock files, never the bytes. */
export interface Generated {
  /** Paths (files or folders) that the command makes, relative to the family's root. */
  readonly paths: readonly string[];
  /** An argument list, run in the root of a clean export of the family's root; finds FANFOLD_TARGET and FANFOLD_PLATFORM in its environment. */
  readonly run: readonly string[];
  /** Files that decide what it brings (lock files, the script itself), relative to the family's root. */
  readonly lock: readonly string[];
}

/** One target on one platform: the unit that is built. */
export interface Leg {
  /** `target@os/architecture[/variant]`: unique in a family. */
  readonly name: string;
  /** With what holds on the leg's platform in place: its `args`, `runner` and `diskBytes` are the leg's. */
  readonly target: Target;
  readonly platform: Platform;
}
