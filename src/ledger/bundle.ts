/** The bundled ledger: the records of many keys as one object in staging, so that a plan reads them at once. A cache: any run can write it anew. */
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Cancel } from '../base/host/cancel.ts';
import { type ImageManifest, parseManifest, serializeManifest } from '../content/oci/manifest.ts';
import { ociTypes } from '../content/oci/media-types.ts';
import { readBytes, readNamed, writeBytes } from '../content/store/copy.ts';
import type { Source, Store } from '../content/store/store.ts';
import type { Key } from '../source/inputs/leg-inputs.ts';
import { bundleTag } from '../source/project/names.ts';
import { keyOfRecord, type LegRecord, parseLegRecord, serializeLegRecord } from './leg-record.ts';

/** Records by key. */
export type Bundle = ReadonlyMap<Key, LegRecord>;

/** The bundle's own artifact type, and that of its one layer: a record's bytes to each line, compressed. */
export const bundleType = 'application/vnd.fanfold.ledger.v1';
const linesType = 'application/vnd.fanfold.ledger.v1.lines+gzip';

/** From so many keys on, one read of all of them is less work than one for each. */
export const bundleFrom = 8;

/** Past either, the oldest records are left out: their keys are asked by their own tags. */
const maxRecords = 10_000;
const maxTextBytes = 16 * 1024 * 1024;

/**
 * What the bundle holds. One that is not there, cannot be read or is damaged is empty, and a line that is no record is left out: what is
 * missing is asked by its own tag. What it holds may have been true once: who acts on a record confirms it (`findRecord`).
 * @throws only the signal's reason
 */
export async function readBundle(staging: Source, cancel: Cancel = {}): Promise<Bundle> {
  try {
    const named = await readNamed(staging, bundleTag, cancel);
    if (named?.manifest.kind !== 'manifest' || named.manifest.artifactType !== bundleType) return new Map();
    const [layer] = named.manifest.layers;
    if (layer?.mediaType !== linesType) return new Map();
    const bytes = await readBytes(staging, layer, maxTextBytes, cancel);
    return parseLines(gunzipSync(bytes, { maxOutputLength: maxTextBytes }).toString('utf8'));
  } catch {
    cancel.signal?.throwIfAborted();
    return new Map();
  }
}

function parseLines(text: string): Bundle {
  const found = new Map<Key, LegRecord>();
  for (const line of text.split('\n', maxRecords)) {
    const record = parseLine(line);
    if (record !== undefined && !found.has(record.key)) found.set(record.key, record);
  }
  return found;
}

function parseLine(line: string): LegRecord | undefined {
  try {
    const manifest = parseManifest(Buffer.from(line), ociTypes.index);
    const key = keyOfRecord(manifest);
    return key === undefined ? undefined : parseLegRecord(manifest, key);
  } catch {
    return undefined;
  }
}

/**
 * Adds records to the bundle, whose entries of other keys stay; nothing is written where it holds them all. Of two writers at once the
 * last one's stays, and what it lacks is asked by its own tags until somebody adds it again.
 * @returns whether it was written
 * @throws FanfoldError where staging does not take it
 */
export async function addToBundle(
  staging: Store,
  records: readonly LegRecord[],
  cancel: Cancel = {},
): Promise<boolean> {
  const before = await readBundle(staging, cancel);
  const lineOf = (record: LegRecord): string => Buffer.from(serializeLegRecord(record)).toString('utf8');
  const isThere = (record: LegRecord): boolean => {
    const known = before.get(record.key);
    return known !== undefined && lineOf(known) === lineOf(record);
  };
  if (records.every(isThere)) return false;
  const own = new Set(records.map(({ key }) => key));
  const others = [...before.values()].filter(({ key }) => !own.has(key)).sort((a, b) => b.builtMs - a.builtMs);
  await writeLines(
    staging,
    within([...new Map(records.map((one) => [one.key, one])).values(), ...others].map(lineOf)),
    cancel,
  );
  return true;
}

/** Empties the bundle where there is one: for whoever changes what a key names, while others may write, too. @throws FanfoldError */
export async function clearBundle(staging: Store, cancel: Cancel = {}): Promise<void> {
  if ((await staging.resolve(bundleTag, cancel)) !== undefined) await writeLines(staging, [], cancel);
}

async function writeLines(staging: Store, lines: readonly string[], cancel: Cancel): Promise<void> {
  const config = await writeBytes(staging, ociTypes.empty, new TextEncoder().encode('{}'), cancel);
  const layer = await writeBytes(staging, linesType, gzipSync(lines.join('\n')), cancel);
  const manifest: ImageManifest = {
    kind: 'manifest',
    mediaType: ociTypes.manifest,
    artifactType: bundleType,
    config,
    layers: [layer],
  };
  const written = await writeBytes(staging, ociTypes.manifest, serializeManifest(manifest), cancel);
  await staging.tag(written, bundleTag, cancel);
}

/** The first lines that a bundle may hold. */
function within(lines: readonly string[]): readonly string[] {
  let sizeBytes = 0;
  const past = lines.findIndex((line, place) => {
    sizeBytes += Buffer.byteLength(line) + 1;
    return place >= maxRecords || sizeBytes > maxTextBytes;
  });
  return past < 0 ? lines : lines.slice(0, past);
}
