/** A folder that legs read from, as data. */
import type { IgnorePatterns } from '../dockerfile/ignore.ts';
import type { ReadableTree } from '../dockerfile/tree.ts';

/** A folder that a build reads from: the main context, or a named one. */
export interface SourceFolder {
  /** Its place in the source's tree. */
  readonly path: string;
  readonly tree: ReadableTree;
  readonly ignore: IgnorePatterns;
  /** What tells folders with their ignore rules apart. */
  readonly identity: string;
  /** What stands in it on disk and is not committed; undefined where that does not matter. */
  readonly uncommitted?: ReadableTree;
  /** Paths in it that a command brings. */
  readonly generated: readonly string[];
  /** Whether the file at a path in it is not as committed. */
  readonly isDirty: (path: string) => boolean;
  /** What the target says it reads of it; absent: all that is taken. */
  readonly declared?: DeclaredPaths;
}

/** Files of a folder that a target declares. */
export interface DeclaredPaths {
  /** What tells declarations apart. */
  readonly identity: string;
  /** Whether the file at a path in the folder is one. */
  readonly admits: (path: string) => boolean;
  readonly undecided: readonly string[];
  /** What the key takes as the content of a file, where that is not its own. */
  readonly standIn?: (path: string) => string | undefined;
}
