/** What a key's document is made of. */
import type { Json } from '../../content/oci/json.ts';
import type { Leg } from '../project/model.ts';
import type { LegFiles } from './leg-files.ts';
import type { Key } from './leg-inputs.ts';
import type { KeyedGenerated } from './lock.ts';
import type { ReachedBuild } from './reach.ts';
import type { SharedFiles } from './shared.ts';

/** What stays out of the key. */
export interface VolatileNames {
  readonly args: readonly string[];
  readonly labels: readonly string[];
}

/** A leg with all that decides its content. */
export interface KeyParts {
  readonly leg: Leg;
  /** Keys of the legs that it builds on, by target. */
  readonly below: ReadonlyMap<string, Key>;
  readonly generated: KeyedGenerated;
  readonly files: LegFiles;
  readonly volatile: VolatileNames;
  /** Absent where no rule of `shared` speaks of the target. */
  readonly shared: SharedFiles | undefined;
  /** Absent where the target is never built again by itself. */
  readonly refresh: Json | undefined;
  /** The Dockerfile's; empty where a command builds. */
  readonly text: string;
  /** Absent where a command builds. */
  readonly build: ReachedBuild | undefined;
}
