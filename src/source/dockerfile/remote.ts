/** Which sources of ADD are fetched: Git repositories and URLs (Dockerfile reference, "ADD"). */
import type { RemoteSource } from './step.ts';

const scpStyle = /^(?:[^@/\s]+@)[^:/\s]+:[^?#\s]+/;

/** The remote that a source names; undefined for a path. */
export function readRemote(source: string, checksum: string | undefined): RemoteSource | undefined {
  const given = checksum === undefined || checksum === '' ? {} : { checksum };
  if (isGit(source)) return gitSource(source, given);
  return /^https?:\/\//.test(source) ? { kind: 'url', url: source, ...given } : undefined;
}

function isGit(source: string): boolean {
  const scheme = /^([a-zA-Z0-9]+):\/\//.exec(source)?.[1]?.toLowerCase();
  if (scheme === 'git' || scheme === 'ssh') return true;
  // A web address is a repository only where its path ends in .git.
  if (scheme === 'http' || scheme === 'https') return /^[^?#]*\.git(?:[?#]|$)/.test(source);
  return scheme === undefined && scpStyle.test(source);
}

function gitSource(source: string, given: { readonly checksum?: string }): RemoteSource {
  const hash = source.indexOf('#');
  const ref = hash < 0 ? '' : source.slice(hash + 1);
  return { kind: 'git', url: hash < 0 ? source : source.slice(0, hash), ...(ref !== '' && { ref }), ...given };
}
