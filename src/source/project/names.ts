/** Names that are made of other names, injective: two legs, keys or records never share one. */
import { createHash } from 'node:crypto';
import { FanfoldError } from '../../base/errors/error.ts';
import { formatPlatform, type Platform } from '../../content/oci/platform.ts';

/** `target@os/architecture[/variant]`: a leg's name for people. A target's name has no `@`. */
export function legName(target: string, platform: Platform): string {
  return `${target}@${formatPlatform(platform)}`;
}

/**
 * A leg's name where only letters, digits and `_.-` may stand: files, artifacts, caches, tags. At most 128 characters, never in upper
 * case (some file systems do not tell the cases apart), begins with a letter, a digit or `_`. Two legs never share one: what stands
 * between the parts (`__`) cannot come out of a part, and a long name ends in the hash of all of it.
 */
export function legFileName(target: string, platform: Platform): string {
  const { os, architecture, variant } = platform;
  const parts = [target, os, architecture, ...(variant === undefined ? [] : [variant])];
  const name = parts.map(encodePart).join('__').replace(/^[.-]/, encodeCharacter);
  if (name.length <= maxLength) return name;
  const hash = createHash('sha256').update(name).digest('hex');
  return `${name.slice(0, maxLength - hash.length - longMark.length)}${longMark}${hash}`;
}

/**
 * The tag in staging that a leg's key names.
 * @throws FanfoldError `config.invalid` where it is no key
 */
export function keyTag(key: string): string {
  return `k1-${sha256Hex(key)}`;
}

/**
 * The tag in staging that a leg record's content names: its digest's.
 * @throws FanfoldError `config.invalid` where it is no sha256 digest
 */
export function recordTag(digest: string): string {
  return `r1-${sha256Hex(digest.replace(/^sha256:/, ''))}`;
}

/**
 * The tag in staging that keeps a leg's manifest: some registries collect the untagged children of a tagged index (distribution 2.8).
 * @throws FanfoldError `config.invalid` where it is no sha256 digest
 */
export function keepTag(digest: string): string {
  return `m1-${sha256Hex(digest.replace(/^sha256:/, ''))}`;
}

/**
 * The tag in staging that notes that a key's build failed.
 * @throws FanfoldError `config.invalid` where it is no key
 */
export function failureTag(key: string): string {
  return `f1-${sha256Hex(key)}`;
}

/**
 * The tag in staging that notes that a leg of a key passed these commands: another key, leg or list of commands has another.
 */
export function testTag(key: string, leg: string, commands: readonly (readonly string[])[]): string {
  return `p1-${hashOf([key, leg, commands])}`;
}

/**
 * The tag in staging that names the record of a leg's last build, whatever its key. `image` is its first destination: one staging may serve several
 * families, whose legs may have equal names.
 */
export function lastBuildTag(leg: string, image: string): string {
  return `l1-${hashOf([leg, image])}`;
}

/** Whose tags a record in staging is about: a target, a set of targets, or (for its marks) a whole family. */
export interface RecordOwner {
  readonly kind: 'target' | 'set' | 'family';
  readonly name: string;
  /** Its first image's reference: one staging may serve several families, whose targets may have equal names. */
  readonly image: string;
}

/** The tag in staging of a record about tags: two owners never share one. */
export function tagRecordTag({ kind, name, image }: RecordOwner): string {
  return `${recordLetters[kind]}1-${hashOf([name, image])}`;
}

/** Of a family, commits. */
const recordLetters = { target: 't', set: 's', family: 'c' } as const;

/** What a cache of steps is for. One staging may serve several families, whose targets may have equal names: `image` tells them apart. */
export interface CacheOwner {
  readonly target: string;
  readonly platform: Platform;
  /** The first destination's reference. */
  readonly image: string;
  /** What the builder's own cache does not see and the key does (`LegInputs.unseen`); '' where there is nothing. */
  readonly unseen: string;
}

/** The tag in staging of a leg's cache of steps: two owners never share one. */
export function cacheTag(owner: CacheOwner): string {
  return `x1-${cacheHash(owner)}`;
}

/** The tag in staging that notes how long a leg took that took nothing from a cache. */
export function fullBuildTag(owner: CacheOwner): string {
  return `y1-${cacheHash({ ...owner, unseen: '' })}`;
}

function cacheHash({ target, platform, image, unseen }: CacheOwner): string {
  return hashOf([target, formatPlatform(platform), image, unseen]);
}

/** Injective in the parts: JSON tells where each ends. */
function hashOf(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** The tag in staging that the bundled ledger stands under; one of hashes never is this. */
export const bundleTag = 'b1-ledger';

const maxLength = 128;
/** `_` is followed by two hexadecimal digits or another `_` in every encoded name, so this stands in none. */
const longMark = '_x';

function encodePart(part: string): string {
  return part.replace(/[^a-z0-9.-]/gu, encodeCharacter);
}

function encodeCharacter(character: string): string {
  return [...Buffer.from(character)].map((byte) => `_${byte.toString(16).padStart(2, '0')}`).join('');
}

function sha256Hex(text: string): string {
  if (/^[0-9a-f]{64}$/.test(text)) return text;
  throw new FanfoldError(
    'config.invalid',
    `${JSON.stringify(text.slice(0, 80))} is not a SHA-256 in hexadecimal digits`,
  );
}
