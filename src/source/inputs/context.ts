/** A context: the keyed files of a leg and nothing else, as a tree and as a folder on disk. */
import { posix } from 'node:path';
import { type Cancel, throwIfCancelled } from '../../base/host/cancel.ts';
import { insidePath } from '../../base/host/files.ts';
import type { Host } from '../../base/host/host.ts';
import type { ReadableTree, TreeEntry } from '../dockerfile/tree.ts';
import { compareBytes } from '../git/subtree.ts';

/**
 * The time of every file, link and folder of a context: 1980-01-01T00:00:00Z. Files' times enter layers, so they must be one fixed time;
 * ZIP archives, wheels and jars among them, hold none that is earlier.
 */
export const contextTimeSeconds = 315_532_800;

/** The part of a tree that `entries` name, with the folders above them. Made when it is first asked. */
export function restrictedTree(tree: ReadableTree, entries: readonly TreeEntry[]): ReadableTree {
  let made: ReadonlyMap<string, Folder> | undefined;
  const folders = (): ReadonlyMap<string, Folder> => {
    made ??= byFolder(entries);
    return made;
  };
  return {
    find(path) {
      if (path === '') return { path, kind: 'folder', executable: false, id: '' };
      const { dir, base } = posix.parse(path);
      return folders().get(dir)?.entries.get(base);
    },
    children(path) {
      const folder = folders().get(path);
      if (folder === undefined) return [];
      folder.sorted ??= [...folder.entries].sort(([a], [b]) => compareBytes(a, b)).map(([, entry]) => entry);
      return folder.sorted;
    },
    read: (file, cancel) => tree.read(file, cancel),
    sizeBytes: (file, cancel) => tree.sizeBytes(file, cancel),
  };
}

interface Folder {
  readonly entries: Map<string, TreeEntry>;
  sorted?: readonly TreeEntry[];
}

function byFolder(entries: readonly TreeEntry[]): ReadonlyMap<string, Folder> {
  const folders = new Map<string, Folder>();
  const add = (entry: TreeEntry): void => {
    const { dir, base } = posix.parse(entry.path);
    let folder = folders.get(dir);
    if (folder === undefined) {
      folder = { entries: new Map() };
      folders.set(dir, folder);
      // A part of a folder has no name of its own.
      if (dir !== '') add({ path: dir, kind: 'folder', executable: false, id: '' });
    }
    folder.entries.set(base, entry.kind === 'folder' ? { ...entry, id: '' } : entry);
  };
  for (const entry of entries) if (entry.path !== '') add(entry);
  return folders;
}

/**
 * Writes a tree into a new folder: modes 0644 or 0755 whatever the umask, links as links and never followed, one fixed time, bytes as
 * stored. Not by `git archive`, a linked work tree or a tar: each was seen to change content under an equal key.
 * @throws FanfoldError `host.file`, `host.outside`, what reading the tree throws
 */
export async function writeContext(
  tree: ReadableTree,
  folder: string,
  host: Pick<Host, 'files'>,
  cancel: Cancel = {},
): Promise<void> {
  await writeFolder(tree, '', folder, host, cancel);
}

async function writeFolder(
  tree: ReadableTree,
  path: string,
  root: string,
  host: Pick<Host, 'files'>,
  cancel: Cancel,
): Promise<void> {
  const whole = insidePath(root, path);
  await host.files.makeFolder(whole);
  for (const entry of tree.children(path)) {
    throwIfCancelled(cancel);
    if (entry.kind === 'folder') await writeFolder(tree, entry.path, root, host, cancel);
    else await writeEntry(tree, entry, insidePath(root, entry.path), host, cancel);
  }
  await host.files.finishFolder(whole, { mode: 0o755, timeSeconds: contextTimeSeconds });
}

async function writeEntry(
  tree: ReadableTree,
  entry: TreeEntry,
  path: string,
  { files }: Pick<Host, 'files'>,
  cancel: Cancel,
): Promise<void> {
  const made = { mode: entry.executable ? 0o755 : 0o644, timeSeconds: contextTimeSeconds };
  if (entry.kind === 'link') await files.link(path, entry.linkTarget ?? '', made);
  else await files.create(path, tree.read(entry, cancel), made);
}
