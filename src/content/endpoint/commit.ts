/** Commits a graph: what is held of it goes to the store, leaf first, root last; then its tags. */
import { anyOf, type Cancel, throwIfCancelled } from '../../base/host/cancel.ts';
import { isAttestationManifest } from '../oci/attestation.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { createPool } from '../store/pool.ts';
import type { Committed } from './events.ts';
import { type Gathered, gather } from './gather.ts';
import type { HeldManifest } from './held.ts';
import type { Content } from './put-right.ts';
import { type Repository, writeOnce } from './repository.ts';

const writesAtOnce = 8;
const maxRemembered = 10_000;

/**
 * Ends when the store holds the whole graph and every tag names it. Again does no harm.
 * @throws what the store throws: nothing is tagged then
 */
export async function commit(
  repository: Repository,
  held: HeldManifest,
  tags: readonly string[],
  cancel: Cancel = repository.cancel,
): Promise<void> {
  const { policy, store } = repository;
  const { pushed } = held;
  const published = held.published ?? (await commitGraph(repository, held, cancel));
  for (const tag of tags) {
    if (policy.tags) await store.tag(published, tag, cancel);
    repository.tags.set(tag, pushed);
  }
  if (tags.length === 0) tell(repository, { pushed, published });
  for (const tag of tags) tell(repository, { tag, pushed, published });
}

/** Commits each manifest that is held and that no other held manifest points to. */
export async function commitRoots(repository: Repository, cancel: Cancel): Promise<void> {
  const open = repository.held.manifests.all().filter(({ published }) => published === undefined);
  const children = new Set<Digest>(open.flatMap(({ manifest }) => childrenOf(manifest).map(({ digest }) => digest)));
  for (const held of open.filter(({ pushed }) => !children.has(pushed.digest))) {
    if (repository.policy.subjects !== undefined && isAttestationManifest(held.manifest)) {
      const message = `an attestation, ${held.pushed.digest}, was pushed without an index that names it: it is left out`;
      repository.policy.on({ kind: 'notice', message });
    } else {
      await commit(repository, held, [], cancel);
    }
  }
}

function childrenOf(manifest: HeldManifest['manifest']): readonly Descriptor[] {
  return manifest.kind === 'index' ? manifest.manifests : [];
}

async function commitGraph(repository: Repository, held: HeldManifest, cancel: Cancel): Promise<Descriptor> {
  const { published, blobs, manifests } = await gather(repository, held, cancel);
  await writeAll(repository, [...blobs.values()], cancel);
  // Children come before their parents: a registry refuses an index whose manifests it lacks.
  for (const generation of generationsOf(manifests)) {
    await writeAll(repository, generation, cancel);
    for (const { content, from } of generation) {
      from.published = content;
      // What changed stays, for its client knows it by the digest that it pushed.
      if (content.digest === from.pushed.digest) repository.held.manifests.remove(content.digest);
    }
  }
  return published;
}

/** Those that point to none of the others, then those that point to these, and so on; `manifests` has children before parents. */
function generationsOf(manifests: Gathered['manifests']): readonly Gathered['manifests'][] {
  const places = new Map<Digest, number>();
  const generations: Gathered['manifests'][number][][] = [];
  for (const one of manifests) {
    let place = 0;
    for (const { digest } of childrenOf(one.from.manifest)) place = Math.max(place, (places.get(digest) ?? -1) + 1);
    places.set(one.from.pushed.digest, place);
    const generation = generations[place] ?? [];
    generations[place] = generation;
    generation.push(one);
  }
  return generations;
}

/** Many at once; the first failure ends the rest, and is thrown when they have ended. */
async function writeAll(repository: Repository, blobs: readonly Content[], cancel: Cancel): Promise<void> {
  const pool = createPool(writesAtOnce);
  const ending = new AbortController();
  const own = anyOf(cancel, ending.signal);
  const writes = blobs.map(({ content, bytes }) =>
    pool(async () => {
      throwIfCancelled(own);
      await writeOnce(repository, content, bytes, own);
    }).catch((error: unknown) => ending.abort(error)),
  );
  await Promise.all(writes);
  throwIfCancelled(own);
}

function tell(repository: Repository, committed: Committed): void {
  if (repository.committed.length < maxRemembered) repository.committed.push(committed);
  repository.policy.on({ kind: 'committed', ...committed });
}
