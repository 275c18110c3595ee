/** Text files of a tree. */
import { FanfoldError } from '../../base/errors/error.ts';
import type { Cancel } from '../../base/host/cancel.ts';
import type { ReadableTree, TreeEntry } from '../dockerfile/tree.ts';

/** No Dockerfile or ignore file is larger; BuildKit's bound for a Dockerfile is 1 MiB, too. */
const maxTextBytes = 1024 * 1024;
/** Links that lead to links, at the most. */
const maxLinks = 40;

/**
 * The text of the file at a path, links followed within the tree.
 * @throws FanfoldError `inputs.missing` where there is none, `host.too-large`
 */
export async function readText(tree: ReadableTree, path: string, cancel: Cancel): Promise<string> {
  const file = followed(tree, path, maxLinks);
  if (file?.kind !== 'file') {
    throw new FanfoldError('inputs.missing', `${path} is not there`, { place: { file: path } });
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of tree.read(file, cancel)) {
    size += chunk.length;
    if (size > maxTextBytes) {
      throw new FanfoldError('host.too-large', `${path} has more than ${maxTextBytes} bytes`, {
        place: { file: path },
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function followed(tree: ReadableTree, path: string, left: number): TreeEntry | undefined {
  const entry = tree.find(path);
  if (entry?.kind !== 'link' || left === 0) return entry;
  const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
  const next = joinInside(folder, entry.linkTarget ?? '');
  return next === undefined ? undefined : followed(tree, next, left - 1);
}

function joinInside(folder: string, target: string): string | undefined {
  if (target.startsWith('/')) return undefined;
  const parts: string[] = folder === '' ? [] : folder.split('/');
  for (const part of target.split('/')) {
    if (part === '..' && parts.pop() === undefined) return undefined;
    if (part !== '..' && part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}
