/** Leg record: what a key tag names, an OCI index of the leg's manifest and its attestations, whose annotations say how it was built. */
import { FanfoldError } from '../base/errors/error.ts';
import type { Descriptor } from '../content/oci/descriptor.ts';
import { type Digest, isDigest } from '../content/oci/digest.ts';
import { type LegContent, legsOf, mergeLegs } from '../content/oci/image-index.ts';
import { type ImageIndex, type Manifest, makeIndex, serializeManifest } from '../content/oci/manifest.ts';
import { formatPlatform } from '../content/oci/platform.ts';
import type { Key } from '../source/inputs/leg-inputs.ts';

/** A leg and how it was built. */
export interface LegRecord extends LegContent {
  readonly key: Key;
  /** The leg's name, for people: equal keys under other names are one record. */
  readonly leg: string;
  readonly builder: string;
  /** What the builder pushed, before attestations' subjects were put right. */
  readonly pushed: Digest;
  readonly durationMs: number;
  /** Bytes of the image's layers and config; absent where they could not be told. */
  readonly sizeBytes?: number;
  /** The most disk that it took at once while it was built, in bytes; absent where that could not be measured. */
  readonly peakDiskBytes?: number;
  /** The commit that it was first built at; empty outside of Git. */
  readonly revision: string;
  /** What tells the run, a URL or a name. */
  readonly run: string;
  /** Milliseconds since 1970. */
  readonly builtMs: number;
  /** Steps that the build reached and how many came out of a cache; absent where it had no cache of its own in staging. */
  readonly steps?: { readonly count: number; readonly cached: number };
  /** How long the last build of the leg took that took nothing from a cache, where this one did and it is known. */
  readonly fullMs?: number;
}

/** The record's own artifact type. */
export const legRecordType = 'application/vnd.fanfold.leg.v1';

const prefix = 'io.fanfold.leg.';

function legRecordIndex(record: LegRecord): ImageIndex {
  const { index } = mergeLegs([record]);
  return makeIndex(index.manifests, { artifactType: legRecordType, annotations: annotationsOf(record) });
}

/** The bytes of a record. */
export function serializeLegRecord(record: LegRecord): Uint8Array {
  return serializeManifest(legRecordIndex(record));
}

/**
 * A record from an index that was read.
 * @throws FanfoldError `ledger.invalid` where the index is no leg record, or one of another key
 */
export function parseLegRecord(index: Manifest, key: Key): LegRecord {
  if (index.kind !== 'index') throw notARecord('it is no index');
  const field = (name: string): string => index.annotations?.[prefix + name] ?? '';
  const [content, ...more] = legsOf(index);
  const pushed = field('pushed');
  if (content === undefined || more.length > 0) throw notARecord('it does not hold one image manifest');
  if (field('key') !== key) throw notARecord(`it was made for the key ${field('key') || '(none)'}`);
  if (!isDigest(pushed)) throw notARecord(`${prefix}pushed is no digest`);
  return {
    ...content,
    key,
    leg: field('name'),
    builder: field('builder'),
    pushed,
    durationMs: wholeNumber(field('duration-ms')),
    ...(field('size-bytes') === '' ? {} : { sizeBytes: wholeNumber(field('size-bytes')) }),
    ...(field('peak-disk-bytes') === '' ? {} : { peakDiskBytes: wholeNumber(field('peak-disk-bytes')) }),
    revision: field('revision'),
    run: field('run'),
    builtMs: wholeNumber(field('built-ms')),
    ...(field('steps') === ''
      ? {}
      : { steps: { count: wholeNumber(field('steps')), cached: wholeNumber(field('steps-cached')) } }),
    ...(field('full-ms') === '' ? {} : { fullMs: wholeNumber(field('full-ms')) }),
  };
}

/** The key that an index says it is a record of; undefined where it says none. */
export function keyOfRecord({ artifactType, annotations }: Manifest): Key | undefined {
  const key = annotations?.[`${prefix}key`] ?? '';
  return artifactType === legRecordType && /^[0-9a-f]{64}$/.test(key) ? (key as Key) : undefined;
}

/** All descriptors of a record: the manifest first. */
export function contentOf(record: LegContent): readonly Descriptor[] {
  return [record.manifest, ...record.attestations];
}

function annotationsOf(record: LegRecord): Readonly<Record<string, string>> {
  const fields = {
    'built-ms': String(record.builtMs),
    builder: record.builder,
    'duration-ms': String(Math.round(record.durationMs)),
    key: record.key,
    name: record.leg,
    ...(record.peakDiskBytes === undefined ? {} : { 'peak-disk-bytes': String(Math.round(record.peakDiskBytes)) }),
    platform: formatPlatform(record.manifest.platform),
    pushed: record.pushed,
    revision: record.revision,
    run: record.run,
    ...(record.sizeBytes === undefined ? {} : { 'size-bytes': String(record.sizeBytes) }),
    ...(record.steps && { steps: String(record.steps.count), 'steps-cached': String(record.steps.cached) }),
    ...(record.fullMs !== undefined && { 'full-ms': String(Math.round(record.fullMs)) }),
  };
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [prefix + name, value]));
}

function wholeNumber(text: string): number {
  return /^\d{1,15}$/.test(text) ? Number(text) : 0;
}

function notARecord(why: string): FanfoldError {
  return new FanfoldError('ledger.invalid', `what a key tag names in staging is no leg record of that key: ${why}`, {
    hint: 'use a staging repository that nothing but Fanfold writes to',
  });
}
