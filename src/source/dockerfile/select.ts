/** The entries of a tree that one COPY, ADD or bind mount takes, as BuildKit takes them. */
import type { Diagnostic } from '../../base/errors/diagnostic.ts';
import type { IgnorePatterns } from './ignore.ts';
import type { TextRange } from './instruction.ts';
import type { Tree, TreeEntry } from './tree.ts';

/** What to take: one instruction's sources. */
export interface CopySource {
  /** As `CopyStep.sources`: patterns of Go's filepath.Match; with `parents` also `**` and the pivot `./`. */
  readonly sources: readonly string[];
  readonly parents: boolean;
  readonly exclude: readonly string[];
  /** `mount`: one path, links followed, no patterns. */
  readonly kind: 'copy' | 'mount';
  readonly place: TextRange;
}

/** One entry to be copied. */
export interface Selected {
  readonly entry: TreeEntry;
  /** Its path below the destination; '' is the destination itself (the root of a copied folder). */
  readonly relative: string;
}

/** What one source (or one match of its pattern) gives. */
export interface SelectedSource {
  /** The source as written. */
  readonly source: string;
  /** `folder`: its content goes into the destination, `file`: it is the destination, or goes into it where that is a folder; with `--parents`, always `folder`. */
  readonly kind: 'file' | 'folder';
  /** The base name to use where a file goes into a folder. */
  readonly name: string;
  /** In order of paths; folders before what is in them. */
  readonly entries: readonly Selected[];
}

/** All that was selected. */
export interface Selection {
  readonly sources: readonly SelectedSource[];
  /** Links that were followed to find the sources: their entries decide what is selected, too. */
  readonly followed: readonly TreeEntry[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Selects from a tree. A source that is not there is a diagnostic with the instruction's place. Never throws. */
export declare function select(tree: Tree, ignore: IgnorePatterns, source: CopySource): Selection;
