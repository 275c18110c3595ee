/** Modes of a tree's entries, as Git writes them. */
import type { TreeEntry } from '../dockerfile/tree.ts';

/** The mode of an entry in six octal digits. */
export function modeOf(entry: TreeEntry): string {
  switch (entry.kind) {
    case 'folder':
      return '040000';
    case 'link':
      return '120000';
    case 'submodule':
      return '160000';
    case 'file':
      return entry.executable ? '100755' : '100644';
    default:
      return entry.kind satisfies never;
  }
}
