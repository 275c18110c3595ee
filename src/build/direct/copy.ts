/** COPY and ADD: what their sources select, into a stage's file system, as BuildKit copies it. */
import { posix } from 'node:path';
import { throwIfErrors } from '../../base/errors/diagnostic.ts';
import { FanfoldError } from '../../base/errors/error.ts';
import { compileIgnore } from '../../source/dockerfile/ignore.ts';
import type { TextRange } from '../../source/dockerfile/instruction.ts';
import { type SelectedSource, select } from '../../source/dockerfile/select.ts';
import type { CopyStep } from '../../source/dockerfile/step.ts';
import { archiveOf, unpack } from './archive.ts';
import { type Chmod, parseChmod } from './chmod.ts';
import { type FsNode, type Leaf, type Meta, metaOf, type Owner, rootMeta, withMeta } from './node.ts';
import { nodeAt, notFolder, resolvePath } from './paths.ts';
import type { Editor } from './rootfs.ts';
import type { SourceView } from './source-view.ts';

/** What a COPY or ADD is carried out with. */
export interface CopyJob {
  readonly step: CopyStep;
  readonly place: TextRange;
  readonly view: SourceView;
  /** What relative destinations are relative to, absolute. */
  readonly workingFolder: string;
  /** Of --chown. */
  readonly owner: Owner | undefined;
}

/**
 * Carries out one COPY or ADD.
 * @throws FanfoldError `build.copy`, `build.instruction`, `build.unsupported`; DiagnosticsError for a source that is not there
 */
export async function copyInto(editor: Editor, job: CopyJob): Promise<void> {
  const { step, view, place } = job;
  const chmod = step.chmod === undefined ? undefined : parseChmod(step.chmod);
  const target: Target = {
    editor,
    destination: destinationOf(step.destination, job.workingFolder),
    owner: job.owner,
    chmod,
  };
  const { sources, parents, exclude } = step;
  const selection = select(view.tree, compileIgnore([]), { sources, parents, exclude, kind: 'copy', place });
  throwIfErrors(selection.diagnostics);
  const unpacks = step.unpack ?? step.kind === 'add';
  for (const source of selection.sources) {
    if (unpacks && (await unpackSource(target, view, source))) continue;
    copySource(target, view, source);
  }
  for (const file of step.inline) copyInline(target, file.name, file.content);
}

interface Target {
  readonly editor: Editor;
  /** Absolute; a slash at its end says that it is a folder. */
  readonly destination: string;
  readonly owner: Owner | undefined;
  readonly chmod: Chmod | undefined;
}

function destinationOf(written: string, workingFolder: string): string {
  const path = posix.resolve(workingFolder, written);
  const isFolder = /(?:^|\/)\.?$/.test(written);
  return isFolder && path !== '/' ? `${path}/` : path;
}

async function unpackSource(target: Target, view: SourceView, source: SelectedSource): Promise<boolean> {
  const [only] = source.entries;
  if (source.kind !== 'file' || only === undefined) return false;
  const node = view.node(only.entry);
  if (node.kind !== 'file') return false;
  const archive = await archiveOf(node.content, source.source);
  if (archive === undefined) return false;
  await unpack(target.editor, archive, target.destination, target.owner);
  return true;
}

function copySource(target: Target, view: SourceView, source: SelectedSource): void {
  const base = prepareDestination(target, source.kind, source.name);
  for (const { entry, relative } of source.entries) {
    const path = relative === '' ? base : base === '' ? relative : `${base}/${relative}`;
    const node = view.node(entry);
    makeWay(target, view, entry.path, path, base);
    if (node.kind === 'folder') putFolder(target, path, node, relative === '' ? 'keep' : 'overwrite');
    else putLeaf(target, path, node);
  }
}

function copyInline(target: Target, name: string, content: string): void {
  const path = prepareDestination(target, 'file', posix.basename(name));
  putLeaf(target, path, {
    kind: 'file',
    ...rootMeta,
    mode: 0o644,
    content: { kind: 'inline', bytes: Buffer.from(content) },
  });
}

/** Makes the folders that the destination needs and gives the path that the source itself gets. */
function prepareDestination(target: Target, kind: SelectedSource['kind'], name: string): string {
  const { editor, destination, chmod, owner } = target;
  const mode = chmod?.folderMode ?? 0o755;
  const ensured = destination.endsWith('/') ? destination : posix.dirname(destination);
  editor.makeFolders(resolvePath(editor.root, ensured), mode, owner);
  const path = resolvePath(editor.root, destination);
  const found = nodeAt(editor.root, path);
  if (kind === 'folder') {
    if (found === undefined) editor.makeFolders(path, mode, owner);
    return path;
  }
  if (found?.kind !== 'folder') return path;
  return path === '' ? name : `${path}/${name}`;
}

/** Folders that were not selected themselves, but something in them was, come as they are in the source. */
function makeWay(target: Target, view: SourceView, from: string, path: string, base: string): void {
  const missing: [string, string][] = [];
  let [there, here] = [parentOf(path), parentOf(from)];
  while (there.length > base.length && nodeAt(target.editor.root, there) === undefined) {
    missing.unshift([there, here]);
    [there, here] = [parentOf(there), parentOf(here)];
  }
  for (const [folder, source] of missing) {
    const entry = view.tree.find(source);
    const node = entry === undefined ? undefined : view.node(entry);
    target.editor.putFolder(folder, changedMeta(target, node === undefined ? rootMeta : metaOf(node), true));
  }
}

function putFolder(target: Target, path: string, node: FsNode, existing: 'keep' | 'overwrite'): void {
  const found = nodeAt(target.editor.root, path);
  if (found !== undefined && found.kind !== 'folder') throw notFolder(path);
  if (found === undefined || existing === 'overwrite') {
    target.editor.putFolder(path, changedMeta(target, metaOf(node), true));
  }
}

function putLeaf(target: Target, path: string, leaf: Leaf): void {
  if (nodeAt(target.editor.root, path)?.kind === 'folder') {
    throw new FanfoldError('build.copy', `cannot replace the folder /${path} with a file`);
  }
  const meta = changedMeta(target, leaf, false);
  // A link's own mode is always 0777: chmod would follow it.
  target.editor.put(path, withMeta(leaf, leaf.kind === 'link' ? { ...meta, mode: leaf.mode } : meta));
}

function changedMeta({ owner, chmod }: Target, meta: Meta, isFolder: boolean): Meta {
  const { uid, gid, xattrs } = meta;
  const mode = chmod === undefined ? meta.mode : chmod.apply(meta.mode, isFolder);
  return { mode, uid, gid, ...owner, ...(xattrs === undefined ? {} : { xattrs }) };
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 0));
}
