/** Paths in fanfold.yaml: relative to its folder, and never out of it. */
import { posix } from 'node:path';

/** `path` made plain (`./a//b/` is `a/b`, the folder itself is ''); undefined where it is absolute, a URL, or leads out of the folder. */
export function plainPath(path: string): string | undefined {
  if (path.includes('\0') || path.includes('\\') || posix.isAbsolute(path) || /^[A-Za-z][A-Za-z0-9+.-]*:/.test(path))
    return undefined;
  const plain = posix.normalize(path).replace(/\/+$/, '');
  if (plain === '..' || plain.startsWith('../')) return undefined;
  return plain === '.' ? '' : plain;
}
