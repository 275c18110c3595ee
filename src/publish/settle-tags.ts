/** What a publication does to tags, by the record of what took them last: reads it, has each tag decided, says what is to be written. */
import { createHash } from 'node:crypto';
import type { Cancel } from '../base/host/cancel.ts';
import { optional } from '../content/oci/descriptor.ts';
import type { Digest } from '../content/oci/digest.ts';
import { canonicalJson } from '../content/oci/json.ts';
import type { Location } from '../content/oci/reference.ts';
import type { Source } from '../content/store/store.ts';
import {
  type FoundTagRecord,
  findTagRecord,
  type TagRecord,
  type TakenTag,
  type Taker,
  tagRecordData,
} from '../ledger/tag-record.ts';
import type { DesiredTarget } from '../plan/desired.ts';
import type { KeptTag } from '../plan/kept-tag.ts';
import type { PlannedDestination } from '../plan/planned.ts';
import type { Target } from '../source/project/model.ts';
import type { ResolvedTag } from '../source/tags/resolve.ts';
import { completingChanges, type DueTag } from './complete-tags.ts';
import { keptBy, keptByMark, keptMoving, type Relate } from './tag-order.ts';
import { ownerOf, type TagOwner } from './tag-owner.ts';

/** What the order of tags is judged by in one run. */
export interface TagOrder {
  readonly run: Omit<Taker, 'version'>;
  readonly tagsOf: (target: string) => readonly ResolvedTag[];
  readonly relate: Relate;
  /** Take every tag, whatever took it last. */
  readonly take: boolean;
  /** The newest commit of the run's ref that found a target as it should be; such a run writes no record. */
  readonly markOf: (target: string, cancel: Cancel) => Promise<Taker | undefined>;
}

/** A target, and what its destinations need. */
export interface TagClaim {
  readonly desired: DesiredTarget;
  readonly planned: readonly PlannedDestination[];
}

/** What is decided on a target's tags. */
export interface SettledClaim extends TagClaim {
  /** Tags that the run does not take; where one is not what the record says, mending that is among the changes. */
  readonly kept: readonly KeptTag[];
}

/** What is decided on all. */
export interface Settled {
  readonly claims: readonly SettledClaim[];
  /** What is to be written before a tag moves; absent where it is written already. */
  readonly record?: TagRecord;
  /** The digest of the record's manifest as it was read. */
  readonly read?: Digest;
}

/** Whether a tag is to be moved in a destination that can be asked. */
export function movesTags({ planned }: TagClaim): boolean {
  return planned.some(({ changes }) => changes.some(({ kind }) => kind === 'tag'));
}

type OpenSource = (location: Location, cancel?: Cancel) => Promise<Source>;

/**
 * Decides on the tags of the targets that share a record.
 * @throws FanfoldError `ledger.invalid`, `git.shallow` where history ends before it can be told which commit is newer
 */
export async function settleTags(
  claims: readonly TagClaim[],
  owner: TagOwner,
  order: TagOrder,
  open: OpenSource,
  cancel: Cancel = {},
): Promise<Settled> {
  const { record, digest } = await readRecord(claims, owner, open, cancel);
  const judged = await Promise.all(claims.map((claim) => judge(claim, record, order, cancel)));
  const together = owner.kind === 'set' ? inStep(judged, record) : judged;
  const next = recordAfter(record, together, order);
  const isNew = canonicalJson(tagRecordData(next)) !== canonicalJson(tagRecordData(record));
  return {
    claims: await Promise.all(together.map((one) => settled(one, open, cancel))),
    ...(isNew ? { record: next } : {}),
    ...optional('read', digest),
  };
}

/** The moving tags that a run may not take of a target whose legs are still to be built. @throws as `settleTags` */
export async function keptOfUnbuilt(
  target: Target,
  owner: TagOwner,
  order: TagOrder,
  open: OpenSource,
  cancel: Cancel = {},
): Promise<readonly KeptTag[]> {
  const moving = order.take ? [] : order.tagsOf(target.name).filter(({ kind }) => kind === 'moving');
  if (moving.length === 0) return [];
  const { record } = await findTagRecord(await open(owner.staging, cancel), owner, cancel);
  const kept = moving.map(async (tag) => {
    const run = takerOf(tag, order);
    return (
      (await keptMoving(tag, run, record.get(target.name)?.get(tag.name), order.relate, cancel)) ??
      (await marked(target.name, tag, run, order, cancel)) ??
      []
    );
  });
  return (await Promise.all(kept)).flat();
}

/** A set's record, completed by what a target's own says of the time before it was in the set. */
async function readRecord(
  claims: readonly TagClaim[],
  owner: TagOwner,
  open: OpenSource,
  cancel: Cancel,
): Promise<FoundTagRecord> {
  const found = await findTagRecord(await open(owner.staging, cancel), owner, cancel);
  const strangers = claims.filter(({ desired }) => owner.kind === 'set' && !found.record.has(desired.target.name));
  if (strangers.length === 0) return found;
  const own = await Promise.all(
    strangers.map(async ({ desired: { target } }) =>
      findTagRecord(await open(target.staging, cancel), ownerOf(target), cancel),
    ),
  );
  return { ...found, record: new Map([...own.flatMap(({ record }) => [...record]), ...found.record]) };
}

interface Judged extends TagClaim {
  readonly verdicts: readonly Verdict[];
}

interface Verdict {
  readonly tag: ResolvedTag;
  readonly run: Taker;
  readonly kept?: KeptTag;
}

async function judge(claim: TagClaim, record: TagRecord, order: TagOrder, cancel: Cancel): Promise<Judged> {
  const { target, tags } = claim.desired;
  const ordered = order.tagsOf(target.name).filter(({ name }) => tags.includes(name));
  const verdicts = ordered.map(async (tag): Promise<Verdict> => {
    const run = takerOf(tag, order);
    const kept = order.take ? undefined : await keptTag(claim, { tag, run }, record, order, cancel);
    return { tag, run, ...optional('kept', kept) };
  });
  return { ...claim, verdicts: await Promise.all(verdicts) };
}

async function keptTag(
  claim: TagClaim,
  { tag, run }: Verdict,
  record: TagRecord,
  order: TagOrder,
  cancel: Cancel,
): Promise<KeptTag | undefined> {
  const { name } = claim.desired.target;
  const { digest } = claim.desired.merged.descriptor;
  const taken = record.get(name)?.get(tag.name);
  const question = { tag, run, taken, digest, keys: keysOf(claim.desired), named: namedBy(claim, tag.name) };
  const kept = await keptBy(question, order.relate, cancel);
  return kept ?? (await marked(name, tag, run, order, cancel));
}

async function marked(
  target: string,
  tag: ResolvedTag,
  run: Taker,
  order: TagOrder,
  cancel: Cancel,
): Promise<KeptTag | undefined> {
  if (tag.kind === 'immutable' || tag.order.by !== 'commit') return undefined;
  return await keptByMark(tag, run, await order.markOf(target, cancel), order.relate, cancel);
}

function takerOf({ order }: ResolvedTag, { run }: TagOrder): Taker {
  return order.by === 'commit' ? run : { ...run, version: { scheme: order.scheme, version: order.version } };
}

/** Tells the legs of one index from those of another, whatever they came to. */
function keysOf({ legs }: DesiredTarget): string {
  const keys = legs.map(({ key }) => key).sort();
  return createHash('sha256').update(canonicalJson(keys)).digest('hex');
}

/** What a tag names now, in the destinations where it names something. */
function namedBy({ desired, planned }: TagClaim, tag: string): readonly Digest[] {
  return planned.flatMap(({ changes, problem }): readonly Digest[] => {
    if (problem !== undefined) return [];
    const change = changes.find((one) => one.kind === 'tag' && one.tag === tag);
    if (change?.kind !== 'tag') return [desired.merged.descriptor.digest];
    return change.from === undefined ? [] : [change.from];
  });
}

/** A moving tag that one target of a set may not take is taken by none. */
function inStep(judged: readonly Judged[], record: TagRecord): readonly Judged[] {
  const refused = new Set(
    judged.flatMap(({ verdicts }) =>
      verdicts.flatMap(({ tag, kept }) => (kept === undefined || tag.kind === 'immutable' ? [] : [tag.name])),
    ),
  );
  return judged.map((one) => ({
    ...one,
    verdicts: one.verdicts.map((verdict) => {
      const { tag, run, kept } = verdict;
      if (kept !== undefined || tag.kind === 'immutable' || !refused.has(tag.name)) return verdict;
      const taken = record.get(one.desired.target.name)?.get(tag.name);
      const more = { ...optional('taken', taken), ...optional('digest', taken?.digest) };
      return { ...verdict, kept: { tag: tag.name, reason: 'set', by: run, ...more } };
    }),
  }));
}

/** The record once the run has taken what it takes. Of immutable tags only those of Git tags are noted: no other may be taken again. */
function recordAfter(record: TagRecord, judged: readonly Judged[], { run }: TagOrder): TagRecord {
  const next = new Map(record);
  for (const { desired, verdicts } of judged) {
    const took = verdicts.filter(({ kept }) => kept === undefined);
    const noted = took.filter(({ tag }) => tag.kind === 'moving' || run.ref.startsWith('refs/tags/'));
    const entries = noted.map(({ tag, run: by }): readonly [string, TakenTag] => [
      tag.name,
      { ...by, kind: tag.kind, digest: desired.merged.descriptor.digest, keys: keysOf(desired) },
    ]);
    if (entries.length > 0)
      next.set(desired.target.name, new Map([...(record.get(desired.target.name) ?? []), ...entries]));
  }
  return next;
}

async function settled(judged: Judged, open: OpenSource, cancel: Cancel): Promise<SettledClaim> {
  const { desired, planned, verdicts } = judged;
  const kept = verdicts.flatMap((verdict) => verdict.kept ?? []);
  const names = new Set(kept.map(({ tag }) => tag));
  const due = kept.flatMap(({ tag, digest }): readonly DueTag[] => (digest === undefined ? [] : [{ tag, digest }]));
  const destinations = planned.map(async (one): Promise<PlannedDestination> => {
    if (one.problem !== undefined || names.size === 0) return one;
    const own = one.changes.filter((change) => change.kind !== 'tag' || !names.has(change.tag));
    const { location, required } = one.destination;
    const completing = await completingChanges(due, location, open, cancel).catch((problem: unknown) => {
      if (required) throw problem;
      return [];
    });
    return { ...one, changes: [...own, ...completing] };
  });
  return { desired, planned: await Promise.all(destinations), kept };
}
