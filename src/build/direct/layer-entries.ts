/** A step's changes as the entries of a layer, each archive that they come from read once, and none of it kept. */
import { FanfoldError } from '../../base/errors/error.ts';
import { readTar } from '../../content/oci/tar-read.ts';
import type { EntryMeta, LayerEntry } from '../../content/oci/tar-write.ts';
import type { Archive, Content, Meta } from './node.ts';
import { openContent, sizeOf } from './open-content.ts';
import { byBytes, type Change } from './rootfs.ts';

/**
 * Entries in an order that the changes alone decide: folders, links and devices, then files of contexts, all by path; then the files of each
 * archive, in the archive's own order. Files that are one in an archive (hard links) are one in the layer.
 */
export async function* layerEntries(
  changes: readonly Change[],
  mtimeSeconds: number,
): AsyncGenerator<LayerEntry, void, undefined> {
  const archives = new Map<Archive, Map<number, FileChange[]>>();
  const files: FileChange[] = [];
  for (const change of changes) {
    assertName(change.path);
    const { node, path } = change;
    if (node.kind !== 'file') {
      yield entryOf(path, node, mtimeSeconds);
      if (change.opaque) yield { kind: 'opaque', path };
    } else if (node.content.kind === 'member') {
      remember(archives, { path, meta: node, content: node.content }, node.content);
    } else files.push({ path, meta: node, content: node.content });
  }
  for (const file of files) {
    yield {
      kind: 'file',
      ...metaFor(file.path, file.meta, mtimeSeconds),
      sizeBytes: await sizeOf(file.content),
      bytes: openContent(file.content),
    };
  }
  for (const [archive, wanted] of archives) yield* memberEntries(archive, wanted, mtimeSeconds);
}

interface FileChange {
  readonly path: string;
  readonly meta: Meta;
  readonly content: Content;
}

function remember(
  archives: Map<Archive, Map<number, FileChange[]>>,
  file: FileChange,
  { archive, ordinal }: Content & { kind: 'member' },
): void {
  const members = archives.get(archive) ?? new Map<number, FileChange[]>();
  archives.set(archive, members);
  const same = members.get(ordinal) ?? [];
  members.set(ordinal, [...same, file]);
}

async function* memberEntries(
  archive: Archive,
  wanted: ReadonlyMap<number, readonly FileChange[]>,
  mtimeSeconds: number,
): AsyncGenerator<LayerEntry, void, undefined> {
  const groups = new Map([...wanted].map(([ordinal, files]) => [ordinal, sameInode(files)]));
  let left = groups.size;
  for await (const member of readTar(archive.open())) {
    const inodes = groups.get(member.ordinal);
    if (inodes === undefined) continue;
    left -= 1;
    yield* inodeEntries(inodes, member.bytes, member.sizeBytes, mtimeSeconds);
    // Read to the end all the same: only then has the store verified the bytes.
  }
  if (left > 0) throw new FanfoldError('content.invalid', 'an archive has other members than when it was read first');
}

/** Files of one member by their meta: those that are equal are one inode. */
function sameInode(files: readonly FileChange[]): readonly (readonly FileChange[])[] {
  const groups = new Map<string, FileChange[]>();
  for (const file of files) {
    const { mode, uid, gid } = file.meta;
    const key = `${mode} ${uid} ${gid}`;
    groups.set(key, [...(groups.get(key) ?? []), file]);
  }
  return [...groups.values()].map((group) => group.sort((a, b) => byBytes(a.path, b.path)));
}

/** The stream gives the bytes once; where files of several metas are made of them, the later ones read the archive again. */
async function* inodeEntries(
  inodes: readonly (readonly FileChange[])[],
  bytes: AsyncIterable<Uint8Array>,
  sizeBytes: number,
  mtimeSeconds: number,
): AsyncGenerator<LayerEntry, void, undefined> {
  for (const [place, [first, ...others]] of inodes.entries()) {
    if (first === undefined) continue;
    const meta = metaFor(first.path, first.meta, mtimeSeconds);
    yield { kind: 'file', ...meta, sizeBytes, bytes: place === 0 ? bytes : openContent(first.content) };
    for (const { path } of others) yield { kind: 'hardlink', ...meta, path, target: first.path };
  }
}

function entryOf(path: string, node: Exclude<Change['node'], { kind: 'file' }>, mtimeSeconds: number): LayerEntry {
  switch (node.kind) {
    case 'folder':
      return { kind: 'folder', ...metaFor(path, node.meta, mtimeSeconds) };
    case 'link':
      return { kind: 'link', ...metaFor(path, node, mtimeSeconds), target: node.target };
    case 'device':
      return {
        kind: 'device',
        ...metaFor(path, node, mtimeSeconds),
        device: node.device,
        major: node.major,
        minor: node.minor,
      };
    default:
      return node satisfies never;
  }
}

function metaFor(path: string, { mode, uid, gid, xattrs }: Meta, mtimeSeconds: number): EntryMeta {
  return { path, mode, uid, gid, mtimeSeconds, ...(xattrs === undefined ? {} : { xattrs }) };
}

/** A name that was no UTF-8 has been read with a replacement character: written back it would be another name. */
function assertName(path: string): void {
  if (!path.includes('\ufffd')) return;
  throw new FanfoldError('build.unsupported', `the name /${path} is not UTF-8`, { hint: 'use builder: buildx' });
}
