/** Base images' layers into a file system: one pass over each layer's headers, no file's bytes kept. */
import { FanfoldError } from '../../base/errors/error.ts';
import { readTar, type TarMember } from '../../content/oci/tar-read.ts';
import { type Archive, type Folder, type Leaf, type Meta, rootMeta } from './node.ts';
import { nodeAt, partsOf, pathOf, resolvePath } from './paths.ts';
import { type Editor, editorOf } from './rootfs.ts';

const whiteoutPrefix = '.wh.';
const opaqueName = '.wh..wh..opq';
const maxEntries = 2_000_000;

type NonFolder = TarMember & { readonly kind: Exclude<TarMember['kind'], 'folder'> };

/**
 * Lays a layer over `root` (OCI image specification 1.1, layer.md, "Applying Changesets"): what it takes away goes first, for it speaks of
 * lower layers only, wherever it stands in the archive.
 * @throws FanfoldError `content.invalid`, `host.too-large`
 */
export async function applyLayer(root: Folder, layer: Archive): Promise<void> {
  const members: TarMember[] = [];
  for await (const member of readTar(layer.open())) {
    if (members.length === maxEntries)
      throw new FanfoldError('host.too-large', `a layer of more than ${maxEntries} entries`);
    members.push(member);
  }
  const isWhiteout = (member: TarMember): boolean => baseOf(member.name).startsWith(whiteoutPrefix);
  for (const member of members.filter(isWhiteout)) takeAway(root, member.name);
  const editor = editorOf(root);
  for (const member of members) {
    if (isWhiteout(member)) continue;
    if (member.kind === 'folder' && partsOf(member.name).length === 0) root.meta = metaOfMember(member);
    else placeMember(editor, member, layer);
  }
}

/**
 * Unpacks an archive below the editor's root, replacing what stands there unless both are folders. Folders of a path that are not there are
 * made. `owner` takes the place of the members' own.
 * @throws FanfoldError `content.invalid` where a hard link names nothing, `build.copy` where a part of a path is a file
 */
export async function applyMembers(editor: Editor, archive: Archive, owner?: Pick<Meta, 'uid' | 'gid'>): Promise<void> {
  for await (const member of readTar(archive.open())) placeMember(editor, member, archive, owner);
}

function placeMember(editor: Editor, member: TarMember, archive: Archive, owner?: Pick<Meta, 'uid' | 'gid'>): void {
  const parts = partsOf(member.name);
  const name = parts.at(-1);
  if (name === undefined) return;
  const folder = resolvePath(editor.root, pathOf(parts.slice(0, -1)));
  editor.makeFolders(folder, rootMeta);
  const path = folder === '' ? name : `${folder}/${name}`;
  const meta = { ...metaOfMember(member), ...owner };
  if (isNonFolder(member)) editor.put(path, leafOf(editor.root, member, meta, archive));
  else editor.putFolder(path, meta);
}

function leafOf(root: Folder, member: NonFolder, meta: Meta, archive: Archive): Leaf {
  const { kind, target, major, minor, ordinal, sizeBytes } = member;
  switch (kind) {
    case 'file':
      return { kind, ...meta, content: { kind: 'member', archive, ordinal, sizeBytes } };
    case 'link':
      return { kind, ...meta, target };
    case 'hardlink': {
      const named = nodeAt(root, resolvePath(root, target, 'keep'));
      if (named === undefined || named.kind === 'folder') {
        throw new FanfoldError(
          'content.invalid',
          `the hard link ${member.name} names ${target}, which is no file before it`,
        );
      }
      return named;
    }
    case 'character':
    case 'block':
    case 'fifo':
      return { kind: 'device', ...meta, device: kind, major, minor };
    default:
      return kind satisfies never;
  }
}

function takeAway(root: Folder, name: string): void {
  const parts = partsOf(name);
  const parent = nodeAt(root, resolvePath(root, pathOf(parts.slice(0, -1))));
  if (parent?.kind !== 'folder') return;
  const base = parts.at(-1) ?? '';
  if (base === opaqueName) parent.children.clear();
  else parent.children.delete(base.slice(whiteoutPrefix.length));
}

function metaOfMember({ mode, uid, gid, xattrs }: TarMember): Meta {
  return { mode, uid, gid, ...(xattrs.size === 0 ? {} : { xattrs }) };
}

function baseOf(name: string): string {
  return partsOf(name).at(-1) ?? '';
}

function isNonFolder(member: TarMember): member is NonFolder {
  return member.kind !== 'folder';
}
