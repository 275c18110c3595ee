/** What a build is asked for, and the stages that it reaches, as plain data. */
import type { Diagnostic } from '../../base/errors/diagnostic.ts';
import type { TextRange } from './instruction.ts';
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
  /** A stage's name; the last stage where absent. */
  readonly stage?: string;
  readonly platform: StagePlatform;
  readonly buildPlatform: StagePlatform;
  readonly args: Readonly<Record<string, string>>;
  /** Names of the named contexts that the build is given. */
  readonly contexts?: ReadonlySet<string>;
  /** Facts of base images, by reference as `StageBase` gives it (or by a named context's name); where one is missing, its variables are undecided. */
  readonly bases?: ReadonlyMap<string, BaseFacts>;
}

/** What a stage starts from. */
export type StageBase =
  | { readonly kind: 'scratch' }
  /** Another stage, by its index. */
  | { readonly kind: 'stage'; readonly stage: number }
  | { readonly kind: 'named'; readonly name: string }
  /** The reference as written, expanded. */
  | { readonly kind: 'image'; readonly reference: string };

/** One reached stage. */
export interface ReachedStage {
  /** Its place among all stages of the file, from 0. */
  readonly index: number;
  /** In lower case. */
  readonly name?: string;
  readonly base: StageBase;
  /** The platform that its base is taken for: FROM's `--platform`, else that of the stage it begins with, else the target's. */
  readonly platform: StagePlatform;
  readonly place: TextRange;
  /** What the base's ONBUILD adds comes first. */
  readonly steps: readonly Step[];
  /** Those of them that may take files: COPY, ADD, and RUN with mounts. */
  readonly takers: readonly Step[];
  /** Arguments that decide its content: declared in it, or read by its FROM; undefined: declared without a value. */
  readonly args: ReadonlyMap<string, string | undefined>;
  /** The environment at its end, what its base gives included (a base that is not known gives nothing). */
  readonly env: readonly Pair[];
  /** Why something in it could not be decided, in words; empty where all is exact. */
  readonly undecided: readonly string[];
}

/** What a build reaches. */
export interface ReachedStages {
  /** In the order in which they can be built; the target is the last one. */
  readonly stages: readonly ReachedStage[];
  /** The index of the target; -1 where there is none. */
  readonly target: number;
  /** Errors: the build would fail. `stages` then holds what could be made out. */
  readonly diagnostics: readonly Diagnostic[];
}
