/** Notes the commit of a run that found targets as they should be: what is older then takes no tag of theirs. */
import type { Cancel } from '../base/host/cancel.ts';
import { optional } from '../content/oci/descriptor.ts';
import { findFamilyMarks, withMark, writeFamilyMarks } from '../ledger/family-mark.ts';
import type { Open, Publication } from './publication.ts';
import type { TagOrder } from './settle-tags.ts';
import { standingOf } from './tag-order.ts';
import type { TagOwner } from './tag-owner.ts';

/**
 * Writes the mark, where one is needed: the run is of a branch, and of some target no tag had to move. `publications` are those that ended
 * well, by target's name; `targets` are all of the family.
 */
export async function markFamily(
  publications: ReadonlyMap<string, Publication>,
  targets: readonly string[],
  order: TagOrder,
  owner: TagOwner,
  open: Open,
  cancel: Cancel = {},
): Promise<void> {
  const { commit, ref, timeMs } = order.run;
  if (commit === '' || ref === '' || ref.startsWith('refs/tags/')) return;
  const right = [...publications].filter(([, { kept }]) => kept.every(({ reason }) => reason === 'same-keys'));
  if (!right.some(([, publication]) => !movedTags(publication))) return;
  const staging = await open(owner.staging, cancel);
  const marks = await findFamilyMarks(staging, owner, cancel);
  const before = marks.get(ref) ?? [];
  const [newest] = before;
  const standing = newest && (await standingOf(order.run, { ref, ...newest }, order.relate, cancel));
  if (standing === 'older' || standing === 'apart') return;
  const names = new Set(right.map(([name]) => name));
  const except = targets.filter((name) => !names.has(name));
  const next = withMark(before, { commit, except, ...optional('timeMs', timeMs) });
  if (newest !== undefined && newest.commit === commit && next[0]?.except.length === newest.except.length) return;
  await writeFamilyMarks(staging, owner, new Map([...marks, [ref, next]]), cancel);
}

function movedTags({ destinations }: Publication): boolean {
  return destinations.some(({ changes }) => changes.some(({ kind }) => kind === 'tag'));
}
