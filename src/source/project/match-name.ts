/** Targets by globs of their names. */
import picomatch from 'picomatch';

/** Whether a target's name matches one of the globs. */
export function matchesName(globs: readonly string[], name: string): boolean {
  return globs.some((glob) => picomatch.isMatch(name, glob, { dot: true }));
}
