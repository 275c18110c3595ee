/** What a source takes, narrowed to the files that the target declares. */
import type { TreeEntry } from '../dockerfile/tree.ts';
import { selfAndFolders } from '../git/overlay.ts';

/**
 * The entries that are declared, and the folders above them. Where none is, all stay: a folder of which the declaration says nothing
 * was meant as it is.
 */
export function narrowed(entries: readonly TreeEntry[], admits: (path: string) => boolean): readonly TreeEntry[] {
  const kept = entries.filter(({ path, kind }) => kind !== 'folder' && admits(path));
  if (kept.length === 0) return entries;
  const paths = new Set(kept.flatMap(({ path }) => selfAndFolders(path)));
  return entries.filter(({ path }) => path === '' || paths.has(path));
}
