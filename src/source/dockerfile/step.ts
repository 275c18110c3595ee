/** A step: one instruction of a reached stage with its variables expanded, in the form that a builder needs. */
import type { Instruction, TextRange } from './instruction.ts';

/** A name and its value, in the order of the file. */
export interface Pair {
  readonly name: string;
  readonly value: string;
}

/** Where COPY or a mount takes files from. */
export type CopyOrigin =
  | { readonly kind: 'context' }
  /** Another stage, by its index in `ReachedStages.stages`' `index`. */
  | { readonly kind: 'stage'; readonly stage: number }
  /** A named context that the build was given. */
  | { readonly kind: 'named'; readonly name: string }
  /** An image, as written. */
  | { readonly kind: 'image'; readonly reference: string }
  /** Nothing: `from=scratch`. */
  | { readonly kind: 'scratch' };

/** A file that a heredoc of COPY or ADD holds, variables expanded, tabs taken. */
export interface InlineFile {
  readonly name: string;
  readonly content: string;
}

/** COPY and ADD. Sources that are URLs or Git references are in `remotes`. */
export interface CopyStep {
  readonly kind: 'copy' | 'add';
  readonly origin: CopyOrigin;
  /** As written, expanded; patterns of Go's filepath.Match. */
  readonly sources: readonly string[];
  readonly remotes: readonly RemoteSource[];
  readonly inline: readonly InlineFile[];
  /** As written, expanded; relative to the working directory where it does not start with `/`. */
  readonly destination: string;
  readonly chown?: string;
  readonly chmod?: string;
  readonly link: boolean;
  readonly parents: boolean;
  readonly exclude: readonly string[];
  readonly checksum?: string;
  readonly keepGitDir?: boolean;
  readonly unpack?: boolean;
}

/** What ADD fetches. */
export type RemoteSource =
  | { readonly kind: 'url'; readonly url: string; readonly checksum?: string }
  | { readonly kind: 'git'; readonly url: string; readonly ref?: string; readonly checksum?: string };

/** RUN's `--mount`. */
export type Mount =
  | {
      readonly kind: 'bind';
      readonly origin: CopyOrigin;
      readonly source: string;
      readonly target: string;
      readonly writable: boolean;
    }
  | {
      readonly kind: 'cache';
      readonly id: string;
      readonly target: string;
      readonly origin?: CopyOrigin;
      readonly source?: string;
    }
  | { readonly kind: 'secret'; readonly id: string; readonly target?: string; readonly required: boolean }
  | { readonly kind: 'ssh'; readonly id: string; readonly required: boolean }
  | { readonly kind: 'tmpfs'; readonly target: string };

/** A command line: an argument list, or text for the stage's shell. */
export type CommandLine =
  | { readonly form: 'exec'; readonly argv: readonly string[] }
  | { readonly form: 'shell'; readonly text: string };

/** HEALTHCHECK. Durations in nanoseconds, as an image's config has them; 0 is "not given". */
export type Healthcheck =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'command';
      readonly command: CommandLine;
      readonly intervalNs: number;
      readonly timeoutNs: number;
      readonly startPeriodNs: number;
      readonly startIntervalNs: number;
      readonly retries: number;
    };

/** What a step does. */
export type StepAction =
  | CopyStep
  | {
      readonly kind: 'run';
      readonly command: CommandLine;
      readonly mounts: readonly Mount[];
      readonly network?: string;
      readonly security?: string;
    }
  | { readonly kind: 'arg'; readonly args: readonly { readonly name: string; readonly value: string | undefined }[] }
  | { readonly kind: 'env'; readonly pairs: readonly Pair[] }
  | { readonly kind: 'label'; readonly pairs: readonly Pair[] }
  | { readonly kind: 'cmd' | 'entrypoint'; readonly command: CommandLine }
  | { readonly kind: 'shell'; readonly argv: readonly string[] }
  | { readonly kind: 'expose'; readonly ports: readonly string[] }
  | { readonly kind: 'volume'; readonly paths: readonly string[] }
  | { readonly kind: 'user'; readonly user: string }
  | { readonly kind: 'workdir'; readonly path: string }
  | { readonly kind: 'stopsignal'; readonly signal: string }
  | { readonly kind: 'maintainer'; readonly name: string }
  | { readonly kind: 'healthcheck'; readonly healthcheck: Healthcheck }
  | { readonly kind: 'onbuild'; readonly expression: string };

/** One step of a stage. */
export interface Step {
  readonly action: StepAction;
  readonly instruction: Instruction;
  /** Where it stands; the FROM's place for what a base image's ONBUILD adds. */
  readonly place: TextRange;
  /** True where it comes from the base's ONBUILD. */
  readonly fromOnbuild: boolean;
  /** Names of the variables that its expansion read. */
  readonly used: ReadonlySet<string>;
  /** Why its expansion may differ in the build, in words (a variable that only the base image's config could give); undefined where it is exact. */
  readonly undecided?: string;
}
