/** The version that a rule of type semver, pep440 or match reads from a Git tag (or its `value`), and what its pattern makes of it. */
import parseSemver from 'semver/functions/parse.js';
import validSemver from 'semver/functions/valid.js';
import { parsePattern } from './pattern.ts';
import { formatPep440, isFinal, parsePep440 } from './pep440.ts';
import type { TagRule } from './rules.ts';
import type { ExpressionName } from './template.ts';
import { pep440Of, readVersion, type Version } from './version.ts';

/** A version that a rule found. */
export interface FoundVersion extends Version {
  /** False for a pre-release and its kin: only the whole version becomes a tag, and never `latest`. */
  readonly final: boolean;
  /** What the expressions of the rule's pattern stand for. */
  readonly parts: Readonly<Partial<Record<ExpressionName, string>>>;
  /** Whether major, minor and patch together are the whole version. */
  readonly isThreeParts: boolean;
}

/** What a rule of type semver finds in `subject`; undefined where that is no such version. */
export function findSemver(rule: TagRule, subject: string): FoundVersion | undefined {
  const raw = narrow(rule, subject);
  const parsed = validSemver(raw) === null ? null : parseSemver(raw, { loose: true });
  if (parsed === null) return undefined;
  const { version, major, minor, patch, prerelease } = parsed;
  return {
    scheme: 'semver',
    version,
    final: prerelease.length === 0,
    parts: { raw, version, major: String(major), minor: String(minor), patch: String(patch) },
    isThreeParts: true,
  };
}

/** What a rule of type pep440 finds in `subject`; undefined where that is no such version. */
export function findPep440(rule: TagRule, subject: string): FoundVersion | undefined {
  const raw = narrow(rule, subject);
  const parsed = parsePep440(raw);
  if (parsed === undefined) return undefined;
  const [major = 0, minor = 0, patch = 0] = parsed.release;
  const version = formatPep440(parsed);
  return {
    scheme: 'pep440',
    version,
    final: isFinal(parsed),
    parts: { raw, version: asTag(version), major: String(major), minor: String(minor), patch: String(patch) },
    isThreeParts: parsed.release.length <= 3 && parsed.epoch === 0 && parsed.local === undefined,
  };
}

/** metadata-action's tags have dashes between the parts of a local version: `1.2+ubuntu.1` is `1.2-ubuntu-1`. */
function asTag(version: string): string {
  return version.replace(/\+.*$/, (local) => local.replaceAll('.', '-'));
}

/** What a rule of type match takes out of `subject`; undefined where its pattern does not match. */
export function findMatch(rule: TagRule, subject: string): { text: string; isWhole: boolean } | undefined {
  const match = parsePattern(rule.attributes['pattern'] ?? '')?.exec(subject);
  const text = match?.[Number(rule.attributes['group'] ?? 0)];
  if (text === undefined) return undefined;
  return { text, isWhole: isWholeVersion(text, subject) };
}

/** A match names one thing if it is all of the Git tag (but a leading `v`, but folders), or a semver version itself. */
function isWholeVersion(text: string, subject: string): boolean {
  const name = subject.slice(subject.lastIndexOf('/') + 1);
  return [subject, name, name.replace(/^v/, '')].includes(text) || validSemver(text) !== null;
}

/** The version in a match or its subject, for the order of a tag that moves. */
export function versionOfMatch(text: string, subject: string): Version | undefined {
  return readVersion(subject) ?? pep440Of(text);
}

/** The part of `subject` that the rule's `match` takes (its first group); all of it where that does not match. */
function narrow(rule: TagRule, subject: string): string {
  const { match = '' } = rule.attributes;
  const found = match === '' ? undefined : parsePattern(match)?.exec(subject)?.[1];
  return (found ?? subject).replaceAll('/', '-');
}
