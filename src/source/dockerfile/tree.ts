/** Tree: what a build context looks like, wherever it is kept (Git's objects, a work tree, a generated folder, a test's table). */

/** One entry. `path` is relative to the context, with `/` between its parts, without a leading or trailing one. */
export interface TreeEntry {
  readonly path: string;
  readonly kind: 'file' | 'link' | 'folder' | 'submodule';
  /** Files only: mode 0755, else 0644. */
  readonly executable: boolean;
  /** What names the content: `git:<blob id>`, `git-tree:<tree id>` or `sha256:<hex>`; empty for a folder whose content has no name. */
  readonly id: string;
  /** Links only: where it points, as written. */
  readonly linkTarget?: string;
}

/** A tree that can be asked by path. The root is the empty path. All answers are in order of names by UTF-8 bytes. */
export interface Tree {
  /** The entry at a path, links not followed; undefined where there is none. */
  find(path: string): TreeEntry | undefined;
  /** The entries directly in a folder; empty where it is no folder. */
  children(folder: string): readonly TreeEntry[];
}

/** A tree whose files can be read. */
export interface ReadableTree extends Tree {
  /** The bytes of a file, as stored. */
  read(file: TreeEntry, cancel?: { readonly signal?: AbortSignal | undefined }): AsyncIterable<Uint8Array>;
  /** The size of a file in bytes. */
  sizeBytes(file: TreeEntry, cancel?: { readonly signal?: AbortSignal | undefined }): Promise<number>;
}

/** All that is in a folder ('' is the root), folders before what is in them. */
export function everythingIn(tree: Tree, folder: string): readonly TreeEntry[] {
  const entries: TreeEntry[] = [];
  const walk = (path: string): void => {
    for (const entry of tree.children(path)) {
      entries.push(entry);
      if (entry.kind === 'folder') walk(entry.path);
    }
  };
  walk(folder);
  return entries;
}
