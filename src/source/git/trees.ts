/** What a commit holds, as a tree: paths, modes and blob ids from Git's objects, with no file of the work tree read. */
import type { Cancel } from '../../base/host/cancel.ts';
import type { ReadableTree, TreeEntry } from '../dockerfile/tree.ts';
import { type Blobs, openBlobs } from './blobs.ts';
import { childrenOf, countOf, entryAt, indexListing, indexOf, type ListedEntry, type Listing } from './listing.ts';
import { commitAt, type Repository } from './repository.ts';
import { sortedByPath, subtree } from './subtree.ts';

/** No path that a link points to is longer (PATH_MAX). */
const maxLinkBytes = 4096;

/**
 * The tree of a revision, or of the folder `prefix` in it. Submodules are entries of kind `submodule`; Git LFS's files are their pointers.
 * @throws FanfoldError `git.revision`, `git.shallow`
 */
export async function treeAt(
  repository: Repository,
  revision: string,
  prefix = '',
  cancel: Cancel = {},
): Promise<ReadableTree> {
  const commit = await commitAt(repository, revision, cancel);
  return subtree(await treeOf(repository, commit.tree, cancel), prefix);
}

/** A tree of Git's objects, with the listing that it answers from. */
export interface GitTree extends ReadableTree {
  readonly listing: Listing;
  readonly blobs: Blobs;
}

/** The tree of a tree's id. */
export async function treeOf(repository: Repository, id: string, cancel: Cancel = {}): Promise<GitTree> {
  const { stdout } = await repository.git.run(['ls-tree', '-r', '-t', '-z', '--full-tree', id], {}, cancel);
  const listing = indexListing(stdout);
  const blobs = openBlobs(repository.git);
  return gitTree(id, listing, blobs, await readLinks(listing, blobs, cancel));
}

/** Links' targets are read at once: a tree answers without waiting. */
async function readLinks(listing: Listing, blobs: Blobs, cancel: Cancel): Promise<ReadonlyMap<string, string>> {
  const ids = new Set<string>();
  for (let index = 0; index < countOf(listing); index++) {
    // Only a link's mode has `2` in its second place.
    if (listing.bytes[(listing.starts[index] ?? 0) + 1] === 0x32) ids.add(entryAt(listing, index).id);
  }
  const targets = new Map<string, string>();
  for (const id of ids) targets.set(id, (await blobs.readWhole(id, maxLinkBytes, cancel)).toString('utf8'));
  return targets;
}

function gitTree(id: string, listing: Listing, blobs: Blobs, links: ReadonlyMap<string, string>): GitTree {
  const known = new Map<string, readonly TreeEntry[]>();
  const entry = (index: number): TreeEntry => treeEntry(entryAt(listing, index), links);
  const childrenOfFolder = (folder: string): readonly TreeEntry[] => {
    // Git puts `a.c` before the folder `a`; a tree puts `a` first.
    const children = childrenOf(listing, folder).map(entry);
    return children.some(({ kind }) => kind === 'folder') ? sortedByPath(children) : children;
  };
  return {
    listing,
    blobs,
    find(path) {
      if (path === '') return { path, kind: 'folder', executable: false, id: `git-tree:${id}` };
      const file = indexOf(listing, path, false);
      const index = file < 0 ? indexOf(listing, path, true) : file;
      return index < 0 ? undefined : entry(index);
    },
    children(folder) {
      const found = known.get(folder) ?? childrenOfFolder(folder);
      known.set(folder, found);
      return found;
    },
    read: (file, cancel) => blobs.read(blobOf(file), cancel),
    sizeBytes: (file, cancel) => blobs.sizeBytes(blobOf(file), cancel),
  };
}

function treeEntry({ path, mode, id }: ListedEntry, links: ReadonlyMap<string, string>): TreeEntry {
  switch (mode) {
    case '040000':
      return { path, kind: 'folder', executable: false, id: `git-tree:${id}` };
    case '120000':
      return { path, kind: 'link', executable: false, id: `git:${id}`, linkTarget: links.get(id) ?? '' };
    case '160000':
      return { path, kind: 'submodule', executable: false, id: `git:${id}` };
    case '100644':
    case '100755':
      return { path, kind: 'file', executable: mode === '100755', id: `git:${id}` };
    default:
      return mode satisfies never;
  }
}

function blobOf(file: TreeEntry): string {
  return file.id.slice('git:'.length);
}
