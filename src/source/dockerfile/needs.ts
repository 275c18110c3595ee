/** What the steps of a stage need from outside: files, secrets, URLs; and whether it runs anything. */
import type { TextRange } from './instruction.ts';
import type { CopySource } from './select.ts';
import type { ReachedStage } from './stages.ts';
import type { CopyOrigin, RemoteSource } from './step.ts';

/** One source of COPY, ADD or a bind mount. */
export interface FileNeed {
  readonly by: 'COPY' | 'ADD' | 'mount';
  readonly origin: CopyOrigin;
  readonly source: CopySource;
  readonly place: TextRange;
  /** Why its sources are not certain, in words. */
  readonly undecided?: string;
}

/** What a stage needs, in the order of its steps. */
export interface StageNeeds {
  readonly files: readonly FileNeed[];
  readonly remotes: readonly { readonly remote: RemoteSource; readonly place: TextRange }[];
  readonly secrets: readonly string[];
  readonly ssh: readonly string[];
  readonly caches: readonly string[];
  /** The first RUN; undefined where there is none. */
  readonly run?: TextRange;
}

/** What a stage needs. */
export declare function stageNeeds(stage: ReachedStage): StageNeeds;
