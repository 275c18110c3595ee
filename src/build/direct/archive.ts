/** ADD's local archives: what is one, and its members into the stage. */
import { FanfoldError, isFanfoldError } from '../../base/errors/error.ts';
import { compressionOf, decompress } from '../../content/oci/decompress.ts';
import { readTar } from '../../content/oci/tar-read.ts';
import { unpackMembers } from './layer-index.ts';
import type { Archive, Content, Folder, Owner } from './node.ts';
import { openContent } from './open-content.ts';
import { nodeAt, notFolder, resolvePath } from './paths.ts';
import { type Editor, editorOf } from './rootfs.ts';

/**
 * The archive that a file is: a tar, plain or compressed by gzip or zstd, told by its bytes and never by its name. Undefined where it is none.
 * @throws FanfoldError `build.unsupported` where it is compressed by bzip2 or xz, for what is in it cannot be told
 */
export async function archiveOf(content: Content, name: string): Promise<Archive | undefined> {
  const compression = await compressionOfContent(content);
  if (compression === 'bzip2' || compression === 'xz') {
    throw new FanfoldError('build.unsupported', `ADD ${name}: the direct builder does not unpack ${compression}`, {
      hint: 'compress it with gzip or zstd, copy it with COPY, or use builder: buildx',
    });
  }
  const archive: Archive = { open: () => decompress(openContent(content)) };
  return (await hasMember(archive)) ? archive : undefined;
}

async function compressionOfContent(content: Content): Promise<ReturnType<typeof compressionOf>> {
  let start = new Uint8Array();
  for await (const piece of openContent(content)) {
    start = Buffer.concat([start, piece]);
    if (start.length >= 6) break;
  }
  return compressionOf(start);
}

/** Broken compression, or bytes that are no header, only mean that the file is no archive. */
async function hasMember(archive: Archive): Promise<boolean> {
  try {
    for await (const _ of readTar(archive.open())) return true;
  } catch (error) {
    if (isFanfoldError(error) && !error.code.startsWith('content.invalid')) throw error;
  }
  return false;
}

/**
 * Unpacks an archive into the folder that `destination` leads to. Links in the destination are followed as if that folder were the root, for that
 * is how BuildKit unpacks.
 * @throws FanfoldError `content.invalid`, `build.copy`
 */
export async function unpack(
  editor: Editor,
  archive: Archive,
  destination: string,
  owner: Owner | undefined,
): Promise<void> {
  const path = resolvePath(editor.root, destination);
  editor.makeFolders(path, 0o755, owner);
  const below = editorOf(folderAt(editor.root, path));
  await unpackMembers(below, archive, owner);
  editor.adopt(path, below.changes());
}

function folderAt(root: Folder, path: string): Folder {
  const found = nodeAt(root, path);
  if (found?.kind !== 'folder') throw notFolder(path);
  return found;
}
