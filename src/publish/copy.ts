/** An image with all that it points to from one reference to many: each byte read once, tags last. */
import { FanfoldError, messageOf } from '../base/errors/error.ts';
import type { Cancel } from '../base/host/cancel.ts';
import type { Digest } from '../content/oci/digest.ts';
import { formatReference, type Location, type Reference } from '../content/oci/reference.ts';
import { type CopyEvent, copyGraph } from '../content/store/copy.ts';
import { fanOut } from '../content/store/fan-out.ts';
import type { Store } from '../content/store/store.ts';
import { resolveReference } from './inspect.ts';

/** An image, copied. */
export interface Copied {
  readonly digest: Digest;
  readonly destinations: readonly { readonly reference: string; readonly retagged: boolean }[];
}

/**
 * Copies what `from` names to every one of `to`; a destination without a tag takes the source's. A tag that is right is not written.
 * @throws FanfoldError `content.missing`, `publish.failed` naming the destination; no tag has moved then, unless a tag itself was refused
 */
export async function copyReference(
  from: Reference,
  to: readonly Reference[],
  open: (location: Location, cancel?: Cancel) => Promise<Store>,
  on: (event: CopyEvent) => void,
  cancel: Cancel = {},
): Promise<Copied> {
  const source = await open(from.location, cancel);
  const root = await resolveReference(from, source, cancel);
  const members = await Promise.all(
    to.map(async (reference) => ({
      name: formatReference(reference),
      store: await open(reference.location, cancel),
      required: true,
      mountFrom: mountable(from.location, reference.location),
    })),
  );
  await copyGraph(source, fanOut(members), root, { on }, cancel);
  const destinations = [];
  for (const [place, reference] of to.entries()) {
    const member = members[place];
    const tag = reference.tag ?? (reference.digest === undefined ? (from.tag ?? 'latest') : undefined);
    if (member === undefined) continue;
    destinations.push({
      reference: member.name,
      retagged: tag !== undefined && (await retag(member.store, root, tag, member.name, cancel)),
    });
  }
  return { digest: root.digest, destinations };
}

async function retag(
  store: Store,
  root: Parameters<Store['tag']>[0],
  tag: string,
  name: string,
  cancel: Cancel,
): Promise<boolean> {
  try {
    const named = await store.resolve(tag, cancel);
    if (named?.digest === root.digest) return false;
    await store.tag(root, tag, cancel);
    return true;
  } catch (error) {
    cancel.signal?.throwIfAborted();
    throw new FanfoldError('publish.failed', `${name}: the tag ${tag} could not be written: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** The repository that blobs may be mounted from: the source's, where both stand on one registry. */
export function mountable(from: Location, to: Location): readonly string[] {
  const same = from.kind === 'registry' && to.kind === 'registry' && from.host === to.host;
  return same ? [from.repository] : [];
}
