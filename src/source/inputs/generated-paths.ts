/** Which sources of a COPY a command may bring. */
import { posix } from 'node:path';

/**
 * Whether a source as written in a Dockerfile may be, hold, or be in one of the paths (relative to the same folder) that commands bring.
 * A pattern counts by what stands before its first special character.
 */
export function mayBeGenerated(source: string, generated: readonly string[]): boolean {
  const plain = plainPath(source);
  const special = plain.search(/[*?[\\]/);
  const head = special < 0 ? plain : plain.slice(0, special);
  return generated.some((path) => {
    if (special >= 0 && path.startsWith(head)) return true;
    return isWithin(path, plain) || isWithin(plain, path) || (special >= 0 && head.startsWith(`${path}/`));
  });
}

function isWithin(path: string, folder: string): boolean {
  return folder === '' || path === folder || path.startsWith(`${folder}/`);
}

/** A path of the configuration as one of a folder; undefined where it is not in that folder. Both are from the same root. */
export function pathIn(path: string, folder: string): string | undefined {
  if (!isWithin(path, folder)) return undefined;
  return folder === '' ? path : path.slice(folder.length + 1);
}

/** A path with its parts in their plain form, relative to its folder; '' is the folder itself. */
export function plainPath(path: string): string {
  return posix.normalize(`/${path}`).slice(1).replace(/\/$/, '');
}
