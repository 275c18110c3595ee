/** Brings tags that a run does not take to where the record says: a run that died, or another at the same time, may have left them half moved. */
import type { Cancel } from '../base/host/cancel.ts';
import { optional } from '../content/oci/descriptor.ts';
import type { Digest } from '../content/oci/digest.ts';
import type { Location } from '../content/oci/reference.ts';
import type { Source } from '../content/store/store.ts';
import type { Change } from '../plan/difference.ts';

/** A tag, and what it is to name. */
export interface DueTag {
  readonly tag: string;
  readonly digest: Digest;
}

/**
 * The changes that let tags name what they are to name in one destination. The index must stand there: it was written, with all that it
 * holds, before the record; where it is not, the tag stays as it is.
 */
export async function completingChanges(
  due: readonly DueTag[],
  destination: Location,
  open: (location: Location, cancel?: Cancel) => Promise<Source>,
  cancel: Cancel = {},
): Promise<readonly Change[]> {
  const store = await open(destination, cancel);
  const changes = due.map(async ({ tag, digest }): Promise<readonly Change[]> => {
    const named = await store.resolve(tag, cancel);
    if (named?.digest === digest) return [];
    const index = await store.resolve(digest, cancel);
    return index === undefined ? [] : [{ kind: 'tag', tag, index, ...optional('from', named?.digest) }];
  });
  return (await Promise.all(changes)).flat();
}
