/** Nodes of a stage's file system, and where the bytes of its files come from. */
import type { DeviceKind } from '../../content/oci/tar-write.ts';
import type { ReadableTree, TreeEntry } from '../../source/dockerfile/tree.ts';

/** Mode (the twelve low bits), owner and extended attributes. */
export interface Meta {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly xattrs?: ReadonlyMap<string, Uint8Array>;
}

/** A user and a group, as numbers. */
export type Owner = Pick<Meta, 'uid' | 'gid'>;

/** A tar that can be read again: a base image's layer, or a local archive that ADD unpacks. */
export interface Archive {
  /** Its members' bytes, decompressed. */
  open(): AsyncIterable<Uint8Array>;
}

/** Where a file's bytes come from; none is held but a heredoc's. */
export type Content =
  | { readonly kind: 'tree'; readonly tree: ReadableTree; readonly entry: TreeEntry }
  | { readonly kind: 'inline'; readonly bytes: Uint8Array }
  | { readonly kind: 'member'; readonly archive: Archive; readonly ordinal: number; readonly sizeBytes: number };

/** All but folders; never changed, only replaced. */
export type Leaf =
  | (Meta & { readonly kind: 'file'; readonly content: Content })
  | (Meta & { readonly kind: 'link'; readonly target: string })
  | (Meta & { readonly kind: 'device'; readonly device: DeviceKind; readonly major: number; readonly minor: number });

/** A folder; its children change, its `meta` is replaced. */
export interface Folder {
  readonly kind: 'folder';
  meta: Meta;
  readonly children: Map<string, FsNode>;
}

/** What stands at a path. */
export type FsNode = Leaf | Folder;

/** A new folder without children. */
export function newFolder(meta: Meta = rootMeta): Folder {
  return { kind: 'folder', meta, children: new Map() };
}

/** What BuildKit gives to folders that nothing says anything of. */
export const rootMeta: Meta = { mode: 0o755, uid: 0, gid: 0 };

/** A copy that can be changed without changing this. */
export function cloneFolder(folder: Folder): Folder {
  const children = [...folder.children].map(([name, node]): [string, FsNode] => [
    name,
    node.kind === 'folder' ? cloneFolder(node) : node,
  ]);
  return { kind: 'folder', meta: folder.meta, children: new Map(children) };
}

/** Mode, owner and attributes of any node. */
export function metaOf(node: FsNode): Meta {
  if (node.kind === 'folder') return node.meta;
  const { mode, uid, gid, xattrs } = node;
  return { mode, uid, gid, ...(xattrs === undefined ? {} : { xattrs }) };
}

/** The same node with other mode, owner or attributes. */
export function withMeta<L extends Leaf>(leaf: L, meta: Meta): L {
  return { ...leaf, ...meta };
}
