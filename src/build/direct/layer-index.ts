/** Archives into a file system: a base image's layers by their headers alone, and what ADD unpacks. No file's bytes are kept. */
import { FanfoldError } from '../../base/errors/error.ts';
import { readTar, type TarMember } from '../../content/oci/tar-read.ts';
import { type Archive, type Folder, type Leaf, type Meta, newFolder, type Owner, rootMeta } from './node.ts';
import { nodeAt, partsOf, pathOf, resolvePath } from './paths.ts';
import { type Editor, editorOf } from './rootfs.ts';

const whiteoutPrefix = '.wh.';
const opaqueName = '.wh..wh..opq';
const maxEntries = 2_000_000;

/**
 * Lays a layer over `root` (OCI image specification 1.1, layer.md, "Applying Changesets"), as an overlay does: the layer is unpacked by itself,
 * so that its paths go through its own links and never through those of lower layers, and then hides what is below it.
 * @throws FanfoldError `content.invalid`, `build.copy`, `host.too-large`
 */
export async function applyLayer(root: Folder, layer: Archive): Promise<void> {
  const upper = editorOf(newFolder());
  /** Folders that the layer itself holds: those that are only on the way to something keep what they are below. */
  const own = new Set<string>();
  let count = 0;
  for await (const member of readTar(layer.open())) {
    if (++count > maxEntries) throw new FanfoldError('host.too-large', `a layer of more than ${maxEntries} entries`);
    if (baseOf(member.name).startsWith(whiteoutPrefix)) takeAway(root, member.name);
    else placeLayerMember(upper, root, own, member, layer);
  }
  layOver(root, upper.root, own, '');
}

/**
 * Unpacks an archive below the editor's root, replacing what stands there unless both are folders. Folders of a path that are not there are
 * made. `owner` takes the place of the members' own.
 * @throws FanfoldError `content.invalid` where a hard link names nothing, `build.copy` where a part of a path is a file
 */
export async function unpackMembers(editor: Editor, archive: Archive, owner?: Owner): Promise<void> {
  for await (const member of readTar(archive.open())) {
    const path = makeWay(editor, member);
    if (path === undefined) continue;
    const meta = { ...metaOfMember(member), ...owner };
    if (isLeaf(member))
      editor.put(
        path,
        leafOf(member, meta, archive, (target) => fileIn(editor.root, target)),
      );
    else editor.putFolder(path, meta);
  }
}

function placeLayerMember(upper: Editor, lower: Folder, own: Set<string>, member: TarMember, layer: Archive): void {
  const path = makeWay(upper, member);
  const meta = metaOfMember(member);
  if (isLeaf(member)) {
    const find = (target: string) => fileIn(upper.root, target) ?? fileIn(lower, target);
    if (path !== undefined) upper.put(path, leafOf(member, meta, layer, find));
    return;
  }
  own.add(path ?? '');
  if (path === undefined) upper.root.meta = meta;
  else upper.putFolder(path, meta);
}

/** Makes the folders above a member and gives its path; undefined where it is the root itself. */
function makeWay(editor: Editor, member: TarMember): string | undefined {
  const parts = partsOf(member.name);
  const name = parts.at(-1);
  if (name === undefined) return undefined;
  const folder = resolvePath(editor.root, pathOf(parts.slice(0, -1)));
  editor.makeFolders(folder, rootMeta.mode, undefined, 'cleared');
  return folder === '' ? name : `${folder}/${name}`;
}

type LeafMember = TarMember & { readonly kind: Exclude<TarMember['kind'], 'folder'> };

function isLeaf(member: TarMember): member is LeafMember {
  return member.kind !== 'folder';
}

function leafOf(member: LeafMember, meta: Meta, archive: Archive, find: (target: string) => Leaf | undefined): Leaf {
  const { kind, target, major, minor, ordinal, sizeBytes } = member;
  switch (kind) {
    case 'file':
      return { kind, ...meta, content: { kind: 'member', archive, ordinal, sizeBytes } };
    case 'link':
      return { kind, ...meta, target };
    case 'hardlink': {
      const named = find(target);
      if (named !== undefined) return named;
      throw new FanfoldError(
        'content.invalid',
        `the hard link ${member.name} names ${target}, which is no file before it`,
      );
    }
    case 'character':
    case 'block':
    case 'fifo':
      return { kind: 'device', ...meta, device: kind, major, minor };
    default:
      return kind satisfies never;
  }
}

function fileIn(root: Folder, target: string): Leaf | undefined {
  const named = nodeAt(root, resolvePath(root, target, 'keep'));
  return named?.kind === 'folder' ? undefined : named;
}

function takeAway(root: Folder, name: string): void {
  const parts = partsOf(name);
  const parent = nodeAt(root, pathOf(parts.slice(0, -1)));
  if (parent?.kind !== 'folder') return;
  const base = parts.at(-1) ?? '';
  if (base === opaqueName) parent.children.clear();
  else parent.children.delete(base.slice(whiteoutPrefix.length));
}

function layOver(lower: Folder, upper: Folder, own: ReadonlySet<string>, path: string): void {
  if (own.has(path)) lower.meta = upper.meta;
  for (const [name, node] of upper.children) {
    const below = lower.children.get(name);
    if (node.kind === 'folder' && below?.kind === 'folder')
      layOver(below, node, own, path === '' ? name : `${path}/${name}`);
    else lower.children.set(name, node);
  }
}

function metaOfMember({ mode, uid, gid, xattrs }: TarMember): Meta {
  return { mode, uid, gid, ...(xattrs.size === 0 ? {} : { xattrs }) };
}

function baseOf(name: string): string {
  return partsOf(name).at(-1) ?? '';
}
