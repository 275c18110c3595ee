/** The stages that a build reaches, with bases resolved and variables expanded as BuildKit does. */
import type { Diagnostic } from '../../base/errors/diagnostic.ts';
import type { Dockerfile, TextRange } from './instruction.ts';
import type { Pair, Step } from './step.ts';

/** A platform as `content/oci` has it; only these fields count here. */
export interface StagePlatform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

/** What a base image's config adds to a build on it. */
export interface BaseFacts {
  /** `NAME=value` as in an image's config. */
  readonly env: readonly string[];
  readonly onbuild: readonly string[];
}

/** What a build is asked for. */
export interface ReachOptions {
  /** A stage's name or index; the last stage where absent. */
  readonly stage?: string;
  readonly platform: StagePlatform;
  readonly buildPlatform: StagePlatform;
  readonly args: Readonly<Record<string, string>>;
  /** Names of the named contexts that the build is given. */
  readonly contexts?: ReadonlySet<string>;
  /** Facts of base images, by reference as `ReachedStage.base` gives it; where one is missing, its variables are undecided. */
  readonly bases?: ReadonlyMap<string, BaseFacts>;
}

/** What a stage starts from. */
export type StageBase =
  | { readonly kind: 'scratch' }
  | { readonly kind: 'stage'; readonly stage: number }
  | { readonly kind: 'named'; readonly name: string }
  /** The reference as written, expanded. */
  | { readonly kind: 'image'; readonly reference: string };

/** One reached stage. */
export interface ReachedStage {
  /** Its place among all stages of the file, from 0. */
  readonly index: number;
  readonly name?: string;
  readonly base: StageBase;
  /** The platform that its base is taken for: FROM's `--platform`, else the target's. */
  readonly platform: StagePlatform;
  readonly place: TextRange;
  /** The steps of the base's ONBUILD first. */
  readonly steps: readonly Step[];
  /** Arguments that decide its content: declared in it, or read by its FROM; name to value (undefined: declared without one). */
  readonly args: ReadonlyMap<string, string | undefined>;
  /** ENV at its end, what its base gives included (a base that is not known gives nothing). */
  readonly env: readonly Pair[];
  /** Why something in it could not be decided, in words; empty where all is exact. */
  readonly undecided: readonly string[];
}

/** What a build reaches. */
export interface ReachedStages {
  /** In the order in which they can be built; the target is the last one. */
  readonly stages: readonly ReachedStage[];
  readonly target: number;
  /** Errors: the build would fail. `stages` then holds what could be made out. */
  readonly diagnostics: readonly Diagnostic[];
}

/** The stages that the target needs, by FROM, COPY --from and RUN --mount from=. Never throws for what the file says. */
export declare function reachedStages(dockerfile: Dockerfile, options: ReachOptions): ReachedStages;
