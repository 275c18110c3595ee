/** Tag record: what last took each tag of a target (or of a set's targets), as a small manifest in staging; registries cannot tell. */
import * as z from 'zod';
import { FanfoldError } from '../base/errors/error.ts';
import type { Cancel } from '../base/host/cancel.ts';
import { optional } from '../content/oci/descriptor.ts';
import { type Digest, isDigest } from '../content/oci/digest.ts';
import type { Source, Store } from '../content/store/store.ts';
import { type RecordOwner, tagRecordTag } from '../source/project/names.ts';
import type { Version } from '../source/tags/version.ts';
import { findNote, writeNote } from './note.ts';

/** Who takes a tag: what a moving tag's order is judged by. */
export interface Taker {
  /** In full; '' outside of Git. */
  readonly commit: string;
  /** The event's ref; '' where a commit stands alone. */
  readonly ref: string;
  /** When the commit was made, in milliseconds since 1970, where it is known. */
  readonly timeMs?: number;
  readonly version?: Version;
}

/** A tag, and what took it last. */
export interface TakenTag extends Taker {
  /** The index that it was to name. */
  readonly digest: Digest;
  /** A hash of the keys of the legs in it. */
  readonly keys: string;
  readonly kind: 'moving' | 'immutable';
}

/** What last took each tag: by target's name, then by tag. */
export type TagRecord = ReadonlyMap<string, ReadonlyMap<string, TakenTag>>;

/** The record's own artifact type. */
export const tagRecordType = 'application/vnd.fanfold.tags.v1';

/** Tags that a record holds at the most. What is let go is what does least harm: see `withinBounds`. */
export const maxTakenTags = 2000;

const text = (max: number) => z.string().max(max);
const takenTag = z.strictObject({
  target: text(256),
  tag: z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/),
  commit: z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})?$/),
  ref: text(1024),
  timeMs: z.int().nonnegative().optional(),
  version: z.strictObject({ scheme: z.enum(['semver', 'pep440']), version: text(256) }).optional(),
  digest: z.string().refine((digest): digest is Digest => isDigest(digest)),
  keys: z.string().regex(/^[0-9a-f]{64}$/),
  kind: z.enum(['moving', 'immutable']),
});
// A list, not a map: a target may be called `__proto__`.
const form = z.strictObject({ version: z.literal(1), taken: z.array(takenTag).max(maxTakenTags) });

/** A record as it was found, and the digest of its manifest: what tells whether another run wrote since. */
export interface FoundTagRecord {
  readonly record: TagRecord;
  readonly digest?: Digest;
}

/**
 * The record of an owner's tags; an empty one where there is none.
 * @throws FanfoldError `ledger.invalid` where its tag names something else, or what is in it cannot be understood
 */
export async function findTagRecord(staging: Source, owner: RecordOwner, cancel: Cancel = {}): Promise<FoundTagRecord> {
  const note = await findNote(staging, tagRecordTag(owner), tagRecordType, cancel);
  return note === undefined ? { record: new Map() } : { record: parseTagRecord(note.data, owner), digest: note.digest };
}

/** Writes the record of an owner's tags over what stood there, and gives the digest of its manifest. */
export async function writeTagRecord(
  staging: Store,
  owner: RecordOwner,
  record: TagRecord,
  cancel: Cancel = {},
): Promise<Digest> {
  return await writeNote(staging, tagRecordTag(owner), tagRecordType, owner.name, tagRecordData(record), cancel);
}

/** A record as JSON's data: of equal records the canonical JSON is equal. */
export function tagRecordData(record: TagRecord): unknown {
  const taken = withinBounds(entriesOf(record)).map(({ target, tag, taken: one }) => ({ ...one, target, tag }));
  const name = ({ target, tag }: { target: string; tag: string }): string => JSON.stringify([target, tag]);
  return { version: 1, taken: taken.sort((a, b) => (name(a) < name(b) ? -1 : 1)) };
}

/** @throws FanfoldError `ledger.invalid` */
export function parseTagRecord(data: unknown, owner: Pick<RecordOwner, 'kind' | 'name'>): TagRecord {
  const parsed = form.safeParse(data);
  if (!parsed.success) throw invalid(owner, z.prettifyError(parsed.error));
  const record = new Map<string, Map<string, TakenTag>>();
  for (const { target, tag, timeMs, version, ...rest } of parsed.data.taken) {
    const taken = { ...rest, ...optional('timeMs', timeMs), ...optional('version', version) };
    const tags = record.get(target) ?? new Map<string, TakenTag>();
    record.set(target, tags.set(tag, taken));
  }
  return record;
}

interface Entry {
  readonly target: string;
  readonly tag: string;
  readonly taken: TakenTag;
}

function entriesOf(record: TagRecord): readonly Entry[] {
  return [...record].flatMap(([target, tags]) => [...tags].map(([tag, taken]) => ({ target, tag, taken })));
}

/**
 * At most `maxTakenTags`. Immutable tags go first (without a record nothing takes them that did not before), then those of branches and
 * pull requests, oldest first; what versions took (`1.4` of long ago) goes last.
 */
function withinBounds(entries: readonly Entry[]): readonly Entry[] {
  if (entries.length <= maxTakenTags) return entries;
  const worth = ({ kind, version }: TakenTag): number => (kind === 'immutable' ? 0 : version === undefined ? 1 : 2);
  const byWorth = [...entries].sort(
    (a, b) => worth(b.taken) - worth(a.taken) || (b.taken.timeMs ?? 0) - (a.taken.timeMs ?? 0),
  );
  return byWorth.slice(0, maxTakenTags);
}

function invalid({ kind, name }: Pick<RecordOwner, 'kind' | 'name'>, why: string): FanfoldError {
  return new FanfoldError('ledger.invalid', `the tag record of the ${kind} ${name} cannot be understood: ${why}`, {
    hint: 'use a staging repository that nothing but Fanfold writes to, and one version of Fanfold; a record that is deleted begins anew',
  });
}
