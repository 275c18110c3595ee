/** What COPY takes files from: a context's tree or a stage, seen alike. */
import type { ReadableTree, Tree, TreeEntry } from '../../source/dockerfile/tree.ts';
import { cloneFolder, type Folder, type FsNode, newFolder, rootMeta } from './node.ts';
import { nodeAt } from './paths.ts';
import { byBytes } from './rootfs.ts';

/** Something that files are copied from. */
export interface SourceView {
  /** For selecting by path. */
  readonly tree: Tree;
  /** What the entry is, with its owner, mode and content; a folder comes without its children. */
  node(entry: TreeEntry): FsNode;
}

/** A context: its files belong to root and have the mode that the tree tells. */
export function viewTree(tree: ReadableTree): SourceView {
  return { tree, node: (entry) => nodeOfEntry(tree, entry) };
}

/** A stage's file system, as it is. */
export function viewStage(root: Folder): SourceView {
  const tree: Tree = {
    find: (path) => {
      const node = nodeAt(root, path);
      return node === undefined ? undefined : entryOf(path, node);
    },
    children: (path) => {
      const folder = nodeAt(root, path);
      if (folder?.kind !== 'folder') return [];
      const names = [...folder.children].sort(([a], [b]) => byBytes(a, b));
      return names.map(([name, node]) => entryOf(path === '' ? name : `${path}/${name}`, node));
    },
  };
  return { tree, node: ({ path }) => nodeAt(root, path) ?? newFolder() };
}

/** A whole tree as a file system of its own: a named context that a stage is made from. */
export function rootOfTree(tree: ReadableTree): Folder {
  const fill = (folder: Folder, path: string): Folder => {
    for (const entry of tree.children(path)) {
      const node = nodeOfEntry(tree, entry);
      const name = entry.path.slice(path === '' ? 0 : path.length + 1);
      folder.children.set(name, node.kind === 'folder' ? fill(cloneFolder(node), entry.path) : node);
    }
    return folder;
  };
  return fill(newFolder(), '');
}

function nodeOfEntry(tree: ReadableTree, entry: TreeEntry): FsNode {
  switch (entry.kind) {
    case 'file':
      return {
        kind: 'file',
        ...rootMeta,
        mode: entry.executable ? 0o755 : 0o644,
        content: { kind: 'tree', tree, entry },
      };
    case 'link':
      return { kind: 'link', ...rootMeta, mode: 0o777, target: entry.linkTarget ?? '' };
    case 'folder':
    // A submodule that is not checked out is an empty folder, as Git leaves it.
    case 'submodule':
      return newFolder();
    default:
      return entry.kind satisfies never;
  }
}

function entryOf(path: string, node: FsNode): TreeEntry {
  if (node.kind === 'link') return { path, kind: 'link', executable: false, id: '', linkTarget: node.target };
  return { path, kind: node.kind === 'folder' ? 'folder' : 'file', executable: false, id: '' };
}
