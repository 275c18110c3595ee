/** The last part of a publication: what tags are taken is decided, written down in staging, and only then done. */
import type { Cancel } from '../base/host/cancel.ts';
import type { Digest } from '../content/oci/digest.ts';
import { writeTagRecord } from '../ledger/tag-record.ts';
import type { Change } from '../plan/difference.ts';
import type { KeptTag } from '../plan/kept-tag.ts';
import { tagRecordTag } from '../source/project/names.ts';
import { inEach, look } from './prepare.ts';
import type { PreparedTarget, Publication } from './publication.ts';
import { movesTags, type Settled, type SettledClaim, settleTags } from './settle-tags.ts';
import type { TagOwner } from './tag-owner.ts';

/** How it ended for one target. */
export type MovedTags = Publication | { readonly error: unknown };

/** How often a run looks again because another has written the record meanwhile. */
const roundsMax = 3;

/**
 * Moves the tags of targets that share a record. The record is written before the first tag: a run that dies in between has its tags
 * completed by the next, and no older one takes them. Where no tag has to move, nothing is asked. One target's failure leaves the rest alone.
 * @throws FanfoldError as `settleTags` does, or as staging does where the record cannot be written: no tag has moved then
 */
export async function moveTags(
  prepared: readonly PreparedTarget[],
  owner: TagOwner,
  cancel: Cancel = {},
): Promise<readonly MovedTags[]> {
  let moved = await moveOnce(prepared, owner, cancel);
  const done = [moved];
  // Registries have no compare-and-swap: two that were here at once find out afterwards, and the newer one keeps the tags.
  while (done.length < roundsMax && (await wasOverwritten(moved, prepared, owner, cancel))) {
    moved = await moveOnce(await lookAgain(prepared, cancel), owner, cancel);
    done.push(moved);
  }
  return prepared.map((work, place) =>
    outcomeOf(
      work,
      done.flatMap(({ parts }) => parts[place] ?? []),
    ),
  );
}

interface Moved {
  readonly parts: readonly Part[];
  /** The digest of the record that tags were moved by; absent where none was needed, or nothing was changed. */
  readonly written?: Digest;
}

interface Part {
  readonly claim: SettledClaim;
  readonly error?: unknown;
}

async function moveOnce(prepared: readonly PreparedTarget[], owner: TagOwner, cancel: Cancel): Promise<Moved> {
  const settled = await settle(prepared, owner, cancel);
  const isDry = prepared.some(({ options }) => options.dryRun === true);
  for (const [place, { kept }] of settled.claims.entries())
    for (const one of kept) prepared[place]?.options.on?.({ kind: 'kept', kept: one });
  if (isDry) return { parts: settled.claims.map((claim) => ({ claim })) };
  const written = await writeDown(settled, prepared, owner, cancel);
  const parts = await Promise.all(
    prepared.map(async (work, place): Promise<Part> => {
      const claim = settled.claims[place] ?? { ...work, kept: [] };
      try {
        await inEach({ ...work, planned: claim.planned }, 'tag', cancel, (store, change) =>
          change.kind === 'tag' ? store.tag(change.index, change.tag, cancel) : Promise.resolve(),
        );
        return { claim };
      } catch (error) {
        return { claim, error };
      }
    }),
  );
  return { parts, ...(written === undefined ? {} : { written }) };
}

async function settle(prepared: readonly PreparedTarget[], owner: TagOwner, cancel: Cancel): Promise<Settled> {
  const claims = prepared.map(({ desired, planned, left }) => ({
    desired,
    planned: planned.map((one) => (left.has(one.destination) ? { ...one, problem: left.get(one.destination) } : one)),
  }));
  const [first] = prepared;
  const order = first?.options.order;
  if (first === undefined || order === undefined || !claims.some(movesTags))
    return { claims: claims.map((claim) => ({ ...claim, kept: [] })) };
  return await settleTags(claims, owner, order, first.open, cancel);
}

async function writeDown(
  { record, read }: Settled,
  [first]: readonly PreparedTarget[],
  owner: TagOwner,
  cancel: Cancel,
): Promise<Digest | undefined> {
  if (first === undefined || record === undefined) return read;
  return await writeTagRecord(await first.open(owner.staging, cancel), owner, record, cancel);
}

async function wasOverwritten(
  { written, parts }: Moved,
  [first]: readonly PreparedTarget[],
  owner: TagOwner,
  cancel: Cancel,
): Promise<boolean> {
  if (first === undefined || written === undefined || parts.some(({ error }) => error !== undefined)) return false;
  const staging = await first.open(owner.staging, cancel);
  return (await staging.resolve(tagRecordTag(owner), cancel))?.digest !== written;
}

function lookAgain(prepared: readonly PreparedTarget[], cancel: Cancel): Promise<readonly PreparedTarget[]> {
  return Promise.all(
    prepared.map(async (work) => ({ ...work, planned: await look(work.desired, { open: work.open }, cancel) })),
  );
}

function outcomeOf(work: PreparedTarget, parts: readonly Part[]): MovedTags {
  const failed = parts.find(({ error }) => error !== undefined);
  if (failed !== undefined) return { error: failed.error };
  return publicationOf(work, parts.at(-1)?.claim.kept ?? [], (place) => [
    ...(work.planned[place]?.changes.filter(({ kind }) => kind !== 'tag') ?? []),
    ...parts.flatMap(({ claim }) => claim.planned[place]?.changes.filter(({ kind }) => kind === 'tag') ?? []),
  ]);
}

/** What a target came to whose tags did not move. */
export function withoutTags(work: PreparedTarget): Publication {
  return publicationOf(work, [], (place) => work.planned[place]?.changes.filter(({ kind }) => kind !== 'tag') ?? []);
}

function publicationOf(
  { desired, planned, left }: PreparedTarget,
  kept: readonly KeptTag[],
  changesAt: (place: number) => readonly Change[],
): Publication {
  return {
    desired,
    digest: desired.merged.descriptor.digest,
    kept,
    destinations: planned.map(({ destination }, place) =>
      left.has(destination)
        ? { destination, changes: [], problem: left.get(destination) }
        : { destination, changes: changesAt(place) },
    ),
  };
}
