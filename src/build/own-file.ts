/** Which file of the family a path in a build's file system is: the build saw a copy, somewhere else. */
import { posix } from 'node:path';
import { everythingIn, type Tree } from '../source/dockerfile/tree.ts';
import type { KeyedLeg } from '../source/inputs/leg-inputs.ts';

/** What a system or a package manager brings, which may be called like a file of the family. */
const foreign =
  /^\/(?:usr\/(?:include|lib\w*|share|local\/(?:include|lib|go|share))|lib\w*|proc|sys|nix|snap)\/|(?:^|\/)(?:node_modules|site-packages|dist-packages|\.cargo|\.rustup|go\/pkg\/mod|\.m2|\.gradle)\//;

/**
 * A finder over the files that a leg's build was given: the path of the one file, from the family's root, that ends as the path does for as long as any
 * does. Undefined where that is none, or several.
 */
export function ownFiles({ leg: { target }, inputs }: KeyedLeg): (path: string) => string | undefined {
  const byName = new Map<string, string[]>();
  const add = (folder: string, tree: Tree): void => {
    for (const { path, kind } of everythingIn(tree, '')) {
      if (kind === 'folder') continue;
      const own = posix.join(folder, path);
      const name = posix.basename(own);
      const alike = byName.get(name);
      if (alike === undefined) byName.set(name, [own]);
      else alike.push(own);
    }
  };
  add(target.context, inputs.context);
  for (const [name, tree] of inputs.folders) {
    const context = target.contexts[name];
    if (context?.kind === 'folder') add(context.path, tree);
  }
  return (path) => ownFile(path, byName.get(posix.basename(path)) ?? [], target.context);
}

function ownFile(path: string, candidates: readonly string[], context: string): string | undefined {
  const parts = posix
    .normalize(path)
    .split('/')
    .filter((part) => part !== '' && part !== '.' && part !== '..');
  const shortest = foreign.test(path) ? parts.length : 1;
  for (let taken = parts.length; taken >= shortest; taken--) {
    const end = parts.slice(-taken).join('/');
    const found = candidates.filter((own) => own === end || own.endsWith(`/${end}`));
    if (found.length === 1) return found[0];
    // As the build names it from the folder that it was given.
    if (found.length > 1) return found.find((own) => own === posix.join(context, end));
  }
  return undefined;
}
