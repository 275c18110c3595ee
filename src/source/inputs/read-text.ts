/** Text files of a tree. */
import { isUtf8 } from 'node:buffer';
import { FanfoldError } from '../../base/errors/error.ts';
import type { Cancel } from '../../base/host/cancel.ts';
import type { ReadableTree, Tree, TreeEntry } from '../dockerfile/tree.ts';

/** No Dockerfile or ignore file is larger; BuildKit's bound for a Dockerfile is 1 MiB, too. */
const maxTextBytes = 1024 * 1024;
/** Links that lead to links, at the most. */
const maxLinks = 40;

/** The file at a path, links followed within the tree; undefined where there is none. */
export function fileAt(tree: Tree, path: string): TreeEntry | undefined {
  const entry = followed(tree, path, maxLinks);
  return entry?.kind === 'file' ? entry : undefined;
}

/**
 * The text of the file at a path, links followed within the tree.
 * @throws FanfoldError `inputs.missing` where there is none, `host.too-large`
 */
export async function readText(tree: ReadableTree, path: string, cancel: Cancel): Promise<string> {
  return (await readBytes(tree, path, cancel)).toString('utf8');
}

/**
 * The same of a text that decides what is built.
 * @throws as `readText`; FanfoldError `inputs.encoding` where a line that is no comment is not UTF-8
 */
export async function readDecisiveText(tree: ReadableTree, path: string, cancel: Cancel): Promise<string> {
  const bytes = await readBytes(tree, path, cancel);
  const text = bytes.toString('utf8');
  if (text.includes('\uFFFD') && !isUtf8(bytes)) assertReadable(text, path);
  return text;
}

async function readBytes(tree: ReadableTree, path: string, cancel: Cancel): Promise<Buffer> {
  const file = fileAt(tree, path);
  if (file === undefined) {
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
  return Buffer.concat(chunks);
}

/** Bytes that are not UTF-8 all look alike in a text: where they decide something, a change of them would not be seen. */
function assertReadable(text: string, path: string): void {
  // In a here-document, such a line is no comment.
  const hasComments = !text.includes('<<');
  const index = text.split('\n').findIndex((line) => line.includes('\uFFFD') && !(hasComments && line.startsWith('#')));
  if (index < 0) return;
  throw new FanfoldError('inputs.encoding', `${path} is not UTF-8`, {
    place: { file: path, line: index + 1 },
    hint: 'save it as UTF-8; bytes of another kind belong into a file that is copied',
  });
}

function followed(tree: Tree, path: string, left: number): TreeEntry | undefined {
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
