/** Git LFS: files that Git holds as pointers (specification v1), as what they point to. */
import { join } from 'node:path';
import type { Cancel } from '../../base/host/cancel.ts';
import { temporaryFolder } from '../../base/host/files.ts';
import type { ReadableTree, TreeEntry } from '../dockerfile/tree.ts';
import { records } from './git.ts';
import { readLfsObject } from './lfs-object.ts';
import { type LfsPointer, parsePointer } from './lfs-pointer.ts';
import { countOf, entryAt } from './listing.ts';
import type { Repository } from './repository.ts';
import type { GitTree } from './trees.ts';

/** A pointer is shorter than this, or it is none (specification v1, "The Pointer"). */
const maxPointerBytes = 1024;
const maxAttributesBytes = 4 * 1024 * 1024;

/**
 * The pointers of a tree, by path: files with the attribute `filter=lfs` whose content is one. Where no .gitattributes speaks of LFS,
 * nothing else is looked at.
 */
export async function findPointers(
  repository: Repository,
  treeId: string,
  tree: GitTree,
  cancel: Cancel,
): Promise<ReadonlyMap<string, LfsPointer>> {
  const pointers = new Map<string, LfsPointer>();
  if (!(await speaksOfLfs(tree, cancel))) return pointers;
  for (const path of await filteredPaths(repository, treeId, tree, cancel)) {
    const entry = tree.find(path);
    if (entry?.kind !== 'file' || (await tree.sizeBytes(entry, cancel)) >= maxPointerBytes) continue;
    const bytes = await tree.blobs.readWhole(entry.id.slice('git:'.length), maxPointerBytes, cancel);
    const pointer = parsePointer(bytes.toString('utf8'));
    if (pointer !== undefined) pointers.set(path, pointer);
  }
  return pointers;
}

async function speaksOfLfs(tree: GitTree, cancel: Cancel): Promise<boolean> {
  const { listing, blobs } = tree;
  // The name is looked for in the bytes: a tree of a million paths has few such files.
  const name = Buffer.from('.gitattributes\0');
  for (let at = listing.bytes.indexOf(name); at >= 0; at = listing.bytes.indexOf(name, at + 1)) {
    const start = listing.bytes.lastIndexOf(0, at) + 1;
    const [mode, type, id] = listing.bytes.toString('latin1', start, listing.bytes.indexOf(9, start)).split(' ');
    if (type !== 'blob' || mode === '120000' || id === undefined) continue;
    const text = await blobs.readWhole(id, maxAttributesBytes, cancel);
    if (text.includes('filter=lfs')) return true;
  }
  return false;
}

/** Attributes as the commit itself has them: an index of its own is made of it, for Git asks no commit. */
async function filteredPaths(
  repository: Repository,
  treeId: string,
  { listing }: GitTree,
  cancel: Cancel,
): Promise<readonly string[]> {
  await using folder = await temporaryFolder('attributes');
  const env = { GIT_INDEX_FILE: join(folder.path, 'index') };
  await repository.git.run(['read-tree', treeId], { env }, cancel);
  const files = Array.from({ length: countOf(listing) }, (_, index) => entryAt(listing, index));
  const input = files.filter(({ mode }) => mode === '100644' || mode === '100755').map(({ path }) => `${path}\0`);
  const asked = ['check-attr', '--cached', '-z', '--stdin', 'filter'];
  const { stdout } = await repository.git.run(asked, { env, input: input.join('') }, cancel);
  const answers = records(stdout);
  return answers.filter((_, index) => index % 3 === 0 && answers[index + 2] === 'lfs');
}

/** A tree whose pointers are what they point to: their id is `sha256:` of the content. */
export function pointedTree(
  tree: ReadableTree,
  pointers: ReadonlyMap<string, LfsPointer>,
  repository: Repository,
): ReadableTree {
  if (pointers.size === 0) return tree;
  const pointed = (entry: TreeEntry): TreeEntry => {
    const pointer = pointers.get(entry.path);
    return pointer === undefined ? entry : { ...entry, id: `sha256:${pointer.id}` };
  };
  return {
    find(path) {
      const entry = tree.find(path);
      return entry === undefined ? undefined : pointed(entry);
    },
    children: (folder) => tree.children(folder).map(pointed),
    read(file, cancel) {
      const pointer = pointers.get(file.path);
      return pointer === undefined ? tree.read(file, cancel) : readLfsObject(repository, file.path, pointer, cancel);
    },
    async sizeBytes(file, cancel) {
      return pointers.get(file.path)?.sizeBytes ?? (await tree.sizeBytes(file, cancel));
    },
  };
}
