/** The files of a tree for who reads files of a folder: a configuration as it was, with all that it names. */
import { relative, resolve, sep } from 'node:path';
import { FanfoldError } from '../base/errors/error.ts';
import type { Files } from '../base/host/files.ts';
import type { ReadableTree, TreeEntry } from '../source/dockerfile/tree.ts';

/** Files whose reading functions see `tree` in place of the folder `root`; nothing outside of it is there. */
export function treeFiles(tree: ReadableTree, root: string, files: Files): Files {
  const entryAt = (path: string): TreeEntry | undefined => {
    const inner = relative(root, resolve(root, path));
    return inner === '..' || inner.startsWith(`..${sep}`) ? undefined : tree.find(inner.split(sep).join('/'));
  };
  const readBytes = (path: string, maxBytes: number): Promise<Uint8Array> =>
    readEntry(tree, entryAt(path), path, maxBytes);
  return {
    ...files,
    readBytes,
    readText: async (path, maxBytes) => Buffer.from(await readBytes(path, maxBytes)).toString('utf8'),
    kindOf: async (path) => {
      const kind = entryAt(path)?.kind;
      return kind === 'submodule' ? 'folder' : kind;
    },
    list: async (folder) => {
      const entry = entryAt(folder);
      const children = entry?.kind === 'folder' ? tree.children(entry.path) : [];
      return children.map(({ path }) => path.slice(path.lastIndexOf('/') + 1)).sort();
    },
  };
}

async function readEntry(
  tree: ReadableTree,
  entry: TreeEntry | undefined,
  path: string,
  maxBytes: number,
): Promise<Uint8Array> {
  if (entry?.kind !== 'file')
    throw new FanfoldError('host.file', `${path} was no file then`, { place: { file: path } });
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of tree.read(entry)) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) {
      throw new FanfoldError('host.too-large', `${path} had more than ${maxBytes} bytes`, { place: { file: path } });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
