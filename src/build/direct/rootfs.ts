/** A stage's file system while it is built: what stands where, and what a step has changed in it. */
import { FanfoldError } from '../../base/errors/error.ts';
import { type Folder, type FsNode, type Leaf, type Meta, newFolder, type Owner } from './node.ts';
import { nodeAt, notFolder, pathOf, resolvePath } from './paths.ts';

/** One change of a step, as a layer holds it. */
export interface Change {
  readonly path: string;
  /** What stands there after the step; a folder without its children. */
  readonly node: Leaf | { readonly kind: 'folder'; readonly meta: Meta };
  /** A folder that took the place of something that lower layers have: nothing of theirs may show in it. */
  readonly opaque: boolean;
}

/** Changes a file system and remembers what it changed. */
export interface Editor {
  readonly root: Folder;
  /** Puts a leaf in place of whatever stands at `path`, whose parent must be a folder. */
  put(path: string, leaf: Leaf): void;
  /** Makes a folder, or gives the one that stands there this meta. Anything else that stands there goes. */
  putFolder(path: string, meta: Meta): void;
  /**
   * Makes the folders of `path` (resolved already) that are not there. As Linux has it, a folder in one with the setgid bit gets the bit, and the
   * group where no owner is given; `cleared` takes the bit away again, as unpacking an archive does.
   * @throws FanfoldError `build.copy` where a part is no folder
   */
  makeFolders(path: string, mode: number, owner?: Owner, bit?: 'kept' | 'cleared'): void;
  /** Takes over what an editor of the folder at `path` has changed. */
  adopt(path: string, changes: readonly Change[]): void;
  /** All changes so far, parents before children, by the bytes of their paths. */
  changes(): readonly Change[];
}

/** An editor of a file system. */
export function editorOf(root: Folder): Editor {
  const touched = new Set<string>();
  const replaced = new Set<string>();
  const parentOf = (path: string): { parent: Folder; name: string } => {
    const slash = path.lastIndexOf('/');
    const parent = nodeAt(root, path.slice(0, Math.max(slash, 0)));
    if (parent?.kind !== 'folder') throw notFolder(path.slice(0, Math.max(slash, 0)));
    return { parent, name: path.slice(slash + 1) };
  };
  const set = (path: string, node: FsNode): void => {
    const { parent, name } = parentOf(path);
    if (parent.children.get(name)?.kind === 'folder') replaced.add(path);
    parent.children.set(name, node);
    touched.add(path);
  };
  const putFolder = (path: string, meta: Meta): void => {
    const found = nodeAt(root, path);
    if (found?.kind === 'folder') {
      found.meta = meta;
      touched.add(path);
    } else set(path, newFolder(meta));
  };
  return {
    root,
    put: set,
    putFolder,
    makeFolders(path, mode, owner, bit = 'kept') {
      const parts = path === '' ? [] : path.split('/');
      let above = root;
      for (let count = 1; count <= parts.length; count++) {
        const way = pathOf(parts.slice(0, count));
        if (nodeAt(root, way) === undefined) putFolder(way, inherited(above.meta, mode, owner, bit));
        const found = nodeAt(root, way);
        if (found?.kind !== 'folder') throw notFolder(way);
        above = found;
      }
    },
    adopt(path, changes) {
      for (const change of changes) {
        const whole = path === '' ? change.path : `${path}/${change.path}`;
        touched.add(whole);
        if (change.opaque) replaced.add(whole);
      }
    },
    changes: () =>
      [...touched].sort(byBytes).flatMap((path): Change[] => {
        const node = nodeAt(root, path);
        if (node === undefined) return [];
        return [
          {
            path,
            node: node.kind === 'folder' ? { kind: 'folder', meta: node.meta } : node,
            opaque: node.kind === 'folder' && replaced.has(path),
          },
        ];
      }),
  };
}

const setgid = 0o2000;

function inherited(above: Meta, mode: number, owner: Owner | undefined, bit: 'kept' | 'cleared'): Meta {
  const isSetgid = (above.mode & setgid) !== 0;
  const { uid, gid } = owner ?? { uid: 0, gid: isSetgid ? above.gid : 0 };
  return { mode: isSetgid && bit === 'kept' ? mode | setgid : mode, uid, gid };
}

/** Order of paths by UTF-8 bytes: what Go's programs do, and parents come before their children. */
export function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** Lays the changes of a layer that was made on nothing (COPY --link) over a file system, as unpacking it does. */
export function applyChanges(editor: Editor, changes: readonly Change[]): void {
  for (const { path, node } of changes) {
    if (path === '') continue;
    if (node.kind === 'folder') editor.putFolder(path, node.meta);
    else editor.put(path, node);
  }
}

/** The file that a path names, links followed; undefined where there is none. @throws FanfoldError `build.copy` where it is none */
export function fileAt(root: Folder, path: string): (Leaf & { kind: 'file' }) | undefined {
  const node = nodeAt(root, resolvePath(root, path));
  if (node === undefined) return undefined;
  if (node.kind !== 'file') throw new FanfoldError('build.copy', `/${path} is not a file`);
  return node;
}
