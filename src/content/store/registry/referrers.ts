/** What refers to content in a repository: by the API where it truly works, else by the tag that lists it (distribution specification 1.1). */
import type { Cancel } from '../../../base/host/cancel.ts';
import { type Descriptor, describe } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { type ImageIndex, makeIndex, maxManifestBytes, parseManifest, serializeManifest } from '../../oci/manifest.ts';
import { ociTypes } from '../../oci/media-types.ts';
import { fallbackTag } from '../referrer.ts';
import { putManifest, read } from './manifests.ts';
import { readAtMost } from './response.ts';
import { pullScope, type Repository } from './session.ts';
import { nextPage } from './tags.ts';
import type { Reply } from './transport.ts';

/** What is known of a repository's referrers API: it listed what was pushed, it did not, or nobody has looked. */
export interface ReferrersState {
  api: 'works' | 'missing' | 'unknown';
  /** By subject: the last change of its tag in this process, for the tag is read, changed and written without a lock. */
  readonly changes: Map<Digest, Promise<void>>;
}

/** Nothing is known yet. */
export function createReferrersState(): ReferrersState {
  return { api: 'unknown', changes: new Map() };
}

/** Descriptors whose subject is `subject`, each once. */
export async function listReferrers(
  repository: Repository,
  state: ReferrersState,
  subject: Digest,
  cancel: Cancel,
): Promise<readonly Descriptor[]> {
  const byApi = state.api === 'missing' ? undefined : await askApi(repository, subject, cancel);
  // An answer of 200 does not prove the API (some give an empty list to anything); a list with something in it does.
  const byTag = state.api === 'works' ? [] : await readTag(repository, subject, cancel);
  return [...new Map([...byTag, ...(byApi ?? [])].map((referrer) => [referrer.digest, referrer])).values()];
}

/** Sees to it that a manifest which was just put is listed under its subject. */
export async function announce(
  repository: Repository,
  state: ReferrersState,
  subject: Digest,
  referrer: Descriptor,
  cancel: Cancel,
): Promise<void> {
  if (state.api === 'works') return;
  if (state.api === 'unknown') {
    // Neither OCI-Subject nor its absence in the answer to the PUT decides: registries send it without the API, and have the API without it.
    const listed = await askApi(repository, subject, cancel);
    if (listed?.some(({ digest }) => digest === referrer.digest)) state.api = 'works';
    else if (listed === undefined) state.api = 'missing';
    if (listed?.some(({ digest }) => digest === referrer.digest)) return;
  }
  await addToTag(repository, state, subject, referrer, cancel);
}

const maxPages = 100;

/** The list by the API, all pages; undefined where there is none. */
async function askApi(
  repository: Repository,
  subject: Digest,
  cancel: Cancel,
): Promise<readonly Descriptor[] | undefined> {
  const found: Descriptor[] = [];
  let url: string | undefined = `/v2/${repository.name}/referrers/${subject}`;
  for (let page = 1; url !== undefined && page <= maxPages; page++) {
    const reply: Reply = await repository.transport.send(
      {
        method: 'GET',
        url,
        headers: { accept: ociTypes.index },
        scopes: pullScope(repository),
        expect: [200, 404, 400, 405, 501],
        repository: repository.name,
      },
      cancel,
    );
    const bytes = await readAtMost(reply.body, maxManifestBytes);
    await reply.discard();
    const index = reply.status === 200 ? indexOf(bytes) : undefined;
    if (index === undefined) return page === 1 ? undefined : found;
    found.push(...index.manifests);
    url = nextPage(reply);
  }
  return found;
}

/** An index, whatever else a registry may answer 200 with being none. */
function indexOf(bytes: Uint8Array): ImageIndex | undefined {
  try {
    const manifest = parseManifest(bytes, ociTypes.index);
    return manifest.kind === 'index' ? manifest : undefined;
  } catch {
    return undefined;
  }
}

async function readTag(repository: Repository, subject: Digest, cancel: Cancel): Promise<readonly Descriptor[]> {
  const found = await read(repository, fallbackTag(subject), cancel);
  if (found === undefined) return [];
  return indexOf(found.bytes)?.manifests ?? [];
}

const repairs = 4;

function addToTag(
  repository: Repository,
  state: ReferrersState,
  subject: Digest,
  referrer: Descriptor,
  cancel: Cancel,
): Promise<void> {
  const before = state.changes.get(subject) ?? Promise.resolve();
  const change = before.catch(() => undefined).then(() => writeTag(repository, subject, referrer, cancel));
  const kept = change.finally(() => {
    if (state.changes.get(subject) === kept) state.changes.delete(subject);
  });
  kept.catch(() => undefined);
  state.changes.set(subject, kept);
  return change;
}

/** Written, read again, and written again where another writer's list took its place in the meantime. */
async function writeTag(repository: Repository, subject: Digest, referrer: Descriptor, cancel: Cancel): Promise<void> {
  for (let attempt = 0; attempt <= repairs; attempt++) {
    const listed = await readTag(repository, subject, cancel);
    if (listed.some(({ digest }) => digest === referrer.digest)) return;
    const index = makeIndex([...listed, referrer]);
    const bytes = serializeManifest(index);
    await putManifest(
      repository,
      describe(ociTypes.index, bytes),
      { bytes, manifest: index },
      fallbackTag(subject),
      cancel,
    );
  }
}
