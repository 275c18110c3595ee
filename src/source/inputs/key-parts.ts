/** What a key's document is made of. */
import type { Leg } from '../project/model.ts';
import type { LegFiles } from './leg-files.ts';
import type { Key } from './leg-inputs.ts';
import type { KeyedGenerated } from './lock.ts';
import type { ReachedBuild } from './reach.ts';

/** A leg with all that decides its content. */
export interface KeyParts {
  readonly leg: Leg;
  /** Keys of the legs that it builds on, by target. */
  readonly below: ReadonlyMap<string, Key>;
  readonly generated: KeyedGenerated;
  readonly files: LegFiles;
  /** Absent where a command builds. */
  readonly build?: ReachedBuild;
}
