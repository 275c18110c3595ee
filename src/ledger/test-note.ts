/** Test note: that a leg's image passed its target's tests, under a tag of its own in staging. */
import { isFanfoldError } from '../base/errors/error.ts';
import type { Cancel } from '../base/host/cancel.ts';
import type { Digest } from '../content/oci/digest.ts';
import { canonicalJson } from '../content/oci/json.ts';
import type { Source, Store } from '../content/store/store.ts';
import type { Key } from '../source/inputs/leg-inputs.ts';
import { testTag } from '../source/project/names.ts';
import { findNote, writeNote } from './note.ts';

/** What passed. The key alone would vouch for other bytes where a record was lost and the leg built again. */
export interface Tested {
  readonly key: Key;
  /** The leg's name: commands find it in their environment. */
  readonly leg: string;
  readonly commands: readonly (readonly string[])[];
  /** The image's manifest. */
  readonly image: Digest;
}

/** The note's own artifact type. */
export const testNoteType = 'application/vnd.fanfold.test.v1';

/** Whether it is noted. What stands there and is no such note counts as none: the tests are then run again. */
export async function hasPassed(staging: Source, tested: Tested, cancel: Cancel = {}): Promise<boolean> {
  try {
    const note = await findNote(staging, testTag(tested.key, tested.leg, tested.commands), testNoteType, cancel);
    return note !== undefined && isNoteOf(note.data, tested);
  } catch (error) {
    if (isFanfoldError(error) && (error.code === 'ledger.invalid' || error.code === 'content.invalid')) return false;
    throw error;
  }
}

/** Notes it, with the run in which it passed. @throws FanfoldError where staging does not take it */
export async function notePassed(
  staging: Store,
  tested: Tested,
  { run, passedMs }: { readonly run: string; readonly passedMs: number },
  cancel: Cancel = {},
): Promise<void> {
  const tag = testTag(tested.key, tested.leg, tested.commands);
  await writeNote(staging, tag, testNoteType, tested.leg, { ...dataOf(tested), run, passedMs }, cancel);
}

/** The tag is made of the commands: they need not stand in the note. */
function dataOf({ key, leg, image }: Tested): Readonly<Record<string, string>> {
  return { key, leg, image };
}

function isNoteOf(data: unknown, tested: Tested): boolean {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return false;
  const own = Object.entries(data).filter(([name]) => name !== 'run' && name !== 'passedMs');
  return canonicalJson(Object.fromEntries(own)) === canonicalJson(dataOf(tested));
}
