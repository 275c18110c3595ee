/** Versions as tags are ordered by them: semver where a text is that, else PEP 440. */
import compareSemver from 'semver/functions/compare.js';
import parseSemver from 'semver/functions/parse.js';
import { comparePep440, formatPep440, parsePep440 } from './pep440.ts';

/** A version, in its normal form, and the scheme that orders it. */
export interface Version {
  readonly scheme: 'semver' | 'pep440';
  readonly version: string;
}

/** The version that a Git tag spells, a leading `v` and folders before it (`cli/v1.2.3`) left out; undefined where it spells none. */
export function readVersion(text: string): Version | undefined {
  const name = text.slice(text.lastIndexOf('/') + 1);
  return semverOf(name) ?? pep440Of(name);
}

/** `text` as a semver version; undefined where it is none. */
export function semverOf(text: string): Version | undefined {
  const parsed = parseSemver(text);
  return parsed === null ? undefined : { scheme: 'semver', version: parsed.version };
}

/** `text` as a version of PEP 440; undefined where it is none. */
export function pep440Of(text: string): Version | undefined {
  const parsed = parsePep440(text);
  return parsed === undefined ? undefined : { scheme: 'pep440', version: formatPep440(parsed) };
}

/** Negative where `a` is the older one. Two of semver are compared as such, any others as PEP 440's, those that are neither as text. */
export function compareVersions(a: Version, b: Version): number {
  if (a.scheme === 'semver' && b.scheme === 'semver') return compareSemver(a.version, b.version);
  const [left, right] = [parsePep440(a.version), parsePep440(b.version)];
  if (left !== undefined && right !== undefined) return comparePep440(left, right);
  return a.version < b.version ? -1 : a.version > b.version ? 1 : 0;
}
