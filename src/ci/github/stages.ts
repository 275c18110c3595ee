/** What the jobs of a workflow are made of, whoever wrote it: each text is YAML, an expression where only the run knows. */

/** A job's way into registries. */
export interface Access {
  /** Lines of the action's `credentials`. */
  readonly credentials: readonly string[];
  /** What the job's own token may do with packages; absent: nothing. */
  readonly packages?: 'read' | 'write';
}

/** Plan, legs, content, publish and gate, in the order in which they run. */
export interface Stages {
  /** The steps before the action's own: checkout. `history` says why all of it is needed. */
  readonly checkout: (history?: string, depth?: string) => readonly string[];
  /** The `uses` line of Fanfold's action. */
  readonly action: string;
  /** The action's inputs that every job takes. */
  readonly common: readonly string[];
  /** The inputs of these names, as `workflow_dispatch` or a caller gives them. */
  readonly asked: {
    readonly only: string;
    readonly all: string;
    readonly dryRun: string;
    /** For the publishing job alone: one that is last, and has the tags to itself. */
    readonly takeTags: string;
  };
  /** False where the run may publish nothing. */
  readonly push: string;
  /** What plan, content, publish and gate run on. */
  readonly runner: readonly string[];
  readonly minutes: { readonly plan: string; readonly publish: string };
  /** How many jobs' matrices there may be. */
  readonly shards: number;
  readonly jobsMax?: string;
  readonly access: { readonly plan: Access; readonly legs: Access; readonly content: Access; readonly publish: Access };
  readonly legs: {
    /** Why a leg needs the whole history; absent where it needs none. */
    readonly history?: string;
    /** How much of it, where not all. */
    readonly depth?: string;
    /** Inputs of legs alone. */
    readonly inputs: readonly string[];
    /** Lines of `env`. */
    readonly env: readonly string[];
  };
  /** Jobs that copy what legs staged; absent where legs push it themselves. */
  readonly content?: {
    /** How many, at the most. */
    readonly jobs: string;
    readonly environment?: string;
  };
  readonly environment?: string;
  /** Outputs of the publishing job, for who calls the workflow. */
  readonly publishes?: readonly string[];
  /** The one family's publications wait for each other in it. */
  readonly publishGroup: string;
}
