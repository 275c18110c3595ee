/** Paths with `/` between their parts, as Go's path package cleans them. */
import { posix } from 'node:path';

/** The shortest equal path: no `.`, no double `/`, `..` applied, no `/` at the end; `.` for the empty one. */
export function cleanPath(path: string): string {
  const normal = posix.normalize(path);
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
}

/** A path as one inside a root: cleaned, `..` stopping at the root, no leading `/`; '' is the root. */
export function insideRoot(path: string): string {
  return posix.normalize(`/${path}`).replace(/^\/+|\/$/g, '');
}

/** The parts joined; empty ones left out. */
export function joinParts(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('/');
}

/** The last part of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
