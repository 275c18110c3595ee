/** Paths inside a root, as a process in a container sees them: links are followed, and none leads out. */
import { FanfoldError } from '../../base/errors/error.ts';
import type { Folder, FsNode } from './node.ts';

const maxLinks = 255;

/** The parts of a path: empty ones, `.` and `..` resolved by words alone; `..` stops at the root. */
export function partsOf(path: string): readonly string[] {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return parts;
}

/** `parts` as a path from the root: relative, '' for the root itself. */
export function pathOf(parts: readonly string[]): string {
  return parts.join('/');
}

/** What stands at a path whose parts are no links; undefined where nothing does. */
export function nodeAt(root: Folder, path: string): FsNode | undefined {
  let node: FsNode | undefined = root;
  for (const part of path === '' ? [] : path.split('/')) {
    if (node?.kind !== 'folder') return undefined;
    node = node.children.get(part);
  }
  return node;
}

/**
 * Where `path` really is: every link on the way is followed inside the root, the last one too unless told. What is not there is taken by
 * its words.
 * @throws FanfoldError `build.copy` where more than 255 links are followed, or a part of the way is a file
 */
export function resolvePath(root: Folder, path: string, last: 'follow' | 'keep' = 'follow'): string {
  const left = path.split('/').reverse();
  const done: string[] = [];
  for (let links = 0; left.length > 0; ) {
    const part = left.pop() ?? '';
    if (part === '' || part === '.') continue;
    if (part === '..') {
      done.pop();
      continue;
    }
    const node = nodeAt(root, pathOf([...done, part]));
    const isLast = !left.some((more) => more !== '' && more !== '.');
    if (node?.kind !== 'link' || (isLast && last === 'keep')) {
      done.push(part);
      if (!isLast && node !== undefined && node.kind !== 'folder') throw notFolder(pathOf(done));
      continue;
    }
    if (++links > maxLinks) throw new FanfoldError('build.copy', `/${path} leads through more than ${maxLinks} links`);
    if (node.target.startsWith('/')) done.length = 0;
    left.push(...node.target.split('/').reverse());
  }
  return pathOf(done);
}

/** The error of a path that goes through something that is no folder. */
export function notFolder(path: string): FanfoldError {
  return new FanfoldError('build.copy', `/${path} is not a folder`);
}
