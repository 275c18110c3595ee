/** Symbolic links of a tree, followed without ever leaving its root. */
import { joinParts } from './paths.ts';
import type { Tree, TreeEntry } from './tree.ts';

/** Where a path leads. */
export interface Followed {
  /** The path without links; undefined where links go round in a circle. */
  readonly path: string | undefined;
  /** The links that were followed, in order. */
  readonly links: readonly TreeEntry[];
}

const maxLinks = 255;

/** Follows every link in a path, the last part's as well. Parts that are not there stay as they are. */
export function followLinks(tree: Tree, path: string): Followed {
  const links: TreeEntry[] = [];
  let rest = path.split('/');
  let reached: string[] = [];
  for (let part = rest.shift(); part !== undefined; part = rest.shift()) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      reached.pop();
      continue;
    }
    const here = joinParts(...reached, part);
    const entry = tree.find(here);
    if (entry?.kind !== 'link') {
      reached.push(part);
      continue;
    }
    links.push(entry);
    if (links.length > maxLinks) return { path: undefined, links };
    const target = entry.linkTarget ?? '';
    // An absolute target begins at the root of the tree.
    if (target.startsWith('/')) reached = [];
    rest = [...target.split('/'), ...rest];
  }
  return { path: reached.join('/'), links };
}
