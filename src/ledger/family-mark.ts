/** Family mark: the newest commit of each branch that found targets as they should be; a run that moves no tag writes no tag record. */
import * as z from 'zod';
import { FanfoldError } from '../base/errors/error.ts';
import type { Cancel } from '../base/host/cancel.ts';
import { optional } from '../content/oci/descriptor.ts';
import type { Source, Store } from '../content/store/store.ts';
import { type RecordOwner, tagRecordTag } from '../source/project/names.ts';
import { findNote, writeNote } from './note.ts';

/** A commit at which a family was as it should be. */
export interface FamilyMark {
  readonly commit: string;
  /** When it was made, in milliseconds since 1970, where that is known. */
  readonly timeMs?: number;
  /** Names of the targets that were not. */
  readonly except: readonly string[];
}

/** The marks of each ref, the newest first. */
export type FamilyMarks = ReadonlyMap<string, readonly FamilyMark[]>;

/** The record's own artifact type. */
export const familyMarkType = 'application/vnd.fanfold.mark.v1';

const refsMax = 50;
const marksMax = 8;

const mark = z.strictObject({
  commit: z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/),
  timeMs: z.int().nonnegative().optional(),
  except: z.array(z.string().max(256)).max(10_000),
});
const form = z.strictObject({
  version: z.literal(1),
  refs: z.array(z.strictObject({ ref: z.string().max(1024), marks: z.array(mark).max(marksMax) })).max(refsMax),
});

/**
 * The marks of a family; none where it has none.
 * @throws FanfoldError `ledger.invalid` where they cannot be understood
 */
export async function findFamilyMarks(staging: Source, owner: RecordOwner, cancel: Cancel = {}): Promise<FamilyMarks> {
  const note = await findNote(staging, tagRecordTag(owner), familyMarkType, cancel);
  if (note === undefined) return new Map();
  const parsed = form.safeParse(note.data);
  if (!parsed.success) {
    throw new FanfoldError(
      'ledger.invalid',
      `the family's mark cannot be understood: ${z.prettifyError(parsed.error)}`,
      { hint: 'use a staging repository that nothing but Fanfold writes to, and one version of Fanfold' },
    );
  }
  const plain = ({ commit, timeMs, except }: z.infer<typeof mark>): FamilyMark => ({
    commit,
    except,
    ...optional('timeMs', timeMs),
  });
  return new Map(parsed.data.refs.map(({ ref, marks }) => [ref, marks.map(plain)]));
}

/** Writes the marks over what stood there. Of many refs those whose commits are newest stay. */
export async function writeFamilyMarks(
  staging: Store,
  owner: RecordOwner,
  marks: FamilyMarks,
  cancel: Cancel = {},
): Promise<void> {
  const newest = [...marks].sort(([, [a]], [, [b]]) => (b?.timeMs ?? 0) - (a?.timeMs ?? 0)).slice(0, refsMax);
  const refs = newest
    .map(([ref, list]) => ({ ref, marks: list.slice(0, marksMax) }))
    .sort((a, b) => (a.ref < b.ref ? -1 : 1));
  await writeNote(staging, tagRecordTag(owner), familyMarkType, owner.name, { version: 1, refs }, cancel);
}

/** The newest mark of a ref that holds for a target. */
export function markFor(marks: FamilyMarks, ref: string, target: string): FamilyMark | undefined {
  return marks.get(ref)?.find(({ except }) => !except.includes(target));
}

/** The marks of a ref with one more, which is the newest: of the same commit, what either found right is right. */
export function withMark(before: readonly FamilyMark[], added: FamilyMark): readonly FamilyMark[] {
  const [first, ...rest] = before;
  if (first?.commit !== added.commit) return [added, ...before].slice(0, marksMax);
  return [{ ...added, except: added.except.filter((name) => first.except.includes(name)) }, ...rest];
}
