/** What a resolver is: it knows which files of a source a member of a workspace, a package or a program depends on. */
import type { Cancel } from '../../../base/host/cancel.ts';
import type { Host } from '../../../base/host/host.ts';
import type { ReadableTree } from '../../dockerfile/tree.ts';

/** Where a resolver looks. */
export interface ResolverContext {
  /** The keyed files, from the family's root. */
  readonly tree: ReadableTree;
  /** The folder on disk that holds them; undefined where they are those of another revision. */
  readonly folder?: string;
  readonly host: Pick<Host, 'exec' | 'env'>;
}

/** Files that are taken, by a path from the family's root: the file itself, the files right in a folder, or all below it. */
export interface TakenPath {
  readonly path: string;
  readonly reach: 'file' | 'folder' | 'all';
}

/** What a resolver came to. */
export type Resolution =
  | { readonly kind: 'taken'; readonly paths: readonly TakenPath[] }
  /** It cannot decide: everything counts. In words, why. */
  | { readonly kind: 'undecided'; readonly reason: string };

/** Resolves a member or a package, given by its folder from the family's root. Throws nothing for what stands in files. */
export type Resolver = (member: string, context: ResolverContext, cancel: Cancel) => Promise<Resolution>;
