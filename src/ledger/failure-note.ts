/** Failure note: that a key's build failed, when and how often, under a tag of its own in staging. A hint for the plan's order, nothing more. */
import { FanfoldError } from '../base/errors/error.ts';
import type { Cancel } from '../base/host/cancel.ts';
import type { Descriptor } from '../content/oci/descriptor.ts';
import { type ImageManifest, type Manifest, serializeManifest } from '../content/oci/manifest.ts';
import { ociTypes } from '../content/oci/media-types.ts';
import { readManifest, writeBytes } from '../content/store/copy.ts';
import type { Source, Store } from '../content/store/store.ts';
import type { Key } from '../source/inputs/leg-inputs.ts';
import { failureTag } from '../source/project/names.ts';
import { eachKey } from './each-key.ts';

/** The last failure of a key. What went wrong is not in it: a log may hold what is secret. */
export interface FailureNote {
  readonly key: Key;
  /** The leg's name then, for people. */
  readonly leg: string;
  /** Milliseconds since 1970. */
  readonly failedMs: number;
  /** How long the build took until then; 0 where that is not noted. */
  readonly durationMs: number;
  /** What tells the run, a URL or a name. */
  readonly run: string;
  /** The commit that it was built at; empty outside of Git. */
  readonly revision: string;
  /** How often it failed, this time included. */
  readonly count: number;
}

/** The note's own artifact type. */
export const failureNoteType = 'application/vnd.fanfold.failure.v1';

const prefix = 'io.fanfold.failure.';
const empty = new TextEncoder().encode('{}');
const maxCount = 1_000_000;

/**
 * The last failures of keys that have no record: one HEAD for each, side by side. A note that cannot be read, or is none, is as if it were
 * not there: it would only have changed the order.
 * @throws only the signal's reason
 */
export async function findFailures(
  staging: Source,
  keys: Iterable<Key>,
  cancel: Cancel = {},
): Promise<ReadonlyMap<Key, FailureNote>> {
  return await eachKey(keys, (key) => findFailure(staging, key, cancel));
}

async function findFailure(staging: Source, key: Key, cancel: Cancel): Promise<FailureNote | undefined> {
  try {
    const named = await staging.resolve(failureTag(key), cancel);
    if (named === undefined) return undefined;
    return parseFailureNote((await readManifest(staging, named, cancel)).manifest, key);
  } catch {
    cancel.signal?.throwIfAborted();
    return undefined;
  }
}

/** Notes a failure, counting on from the note that is there. @throws FanfoldError where staging does not take it */
export async function noteFailure(
  staging: Store,
  failure: Omit<FailureNote, 'count'>,
  cancel: Cancel = {},
): Promise<FailureNote> {
  const before = await findFailure(staging, failure.key, cancel);
  const note = { ...failure, count: Math.min((before?.count ?? 0) + 1, maxCount) };
  const config = await writeBytes(staging, ociTypes.empty, empty, cancel);
  const written = serializeManifest(noteManifest(note, config));
  const descriptor = await writeBytes(staging, ociTypes.manifest, written, cancel);
  await staging.tag(descriptor, failureTag(note.key), cancel);
  return note;
}

/** The form that the specification advises for content without blobs of its own (image specification 1.1, "Guidelines for Artifact Usage"). */
function noteManifest(note: FailureNote, config: Descriptor): ImageManifest {
  const fields = {
    count: String(note.count),
    'duration-ms': String(Math.round(note.durationMs)),
    'failed-ms': String(note.failedMs),
    key: note.key,
    name: note.leg,
    revision: note.revision,
    run: note.run,
  };
  const annotations = Object.fromEntries(Object.entries(fields).map(([name, value]) => [prefix + name, value]));
  return {
    kind: 'manifest',
    mediaType: ociTypes.manifest,
    artifactType: failureNoteType,
    config,
    layers: [config],
    annotations,
  };
}

/** A note from a manifest that was read. @throws FanfoldError `ledger.invalid` where it is none, or one of another key */
export function parseFailureNote({ artifactType, annotations }: Manifest, key: Key): FailureNote {
  const field = (name: string): string => annotations?.[prefix + name] ?? '';
  const [count, failedMs] = [wholeNumber(field('count')), wholeNumber(field('failed-ms'))];
  if (artifactType !== failureNoteType || field('key') !== key || count === undefined || failedMs === undefined)
    throw new FanfoldError('ledger.invalid', 'what a failure’s tag names in staging is no note of that key');
  const durationMs = wholeNumber(field('duration-ms')) ?? 0;
  return { key, leg: field('name'), failedMs, durationMs, run: field('run'), revision: field('revision'), count };
}

/** Within what a date can be. */
function wholeNumber(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
