/** Lists over the API (distribution specification 1.1, "Listing Tags", "Listing Referrers"). */
import type { Cancel } from '../../base/host/cancel.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { makeIndex, serializeManifest } from '../oci/manifest.ts';
import { ociTypes } from '../oci/media-types.ts';
import { hasReferrers, hasTags } from '../store/store.ts';
import { type Answer, type Exchange, requireDigest, unsupported } from './exchange.ts';
import type { HeldManifest } from './held.ts';
import type { Repository } from './repository.ts';

const maxTags = 100_000;

/** The path's tags, sorted; a page of them with `n` and `last`. */
export async function listTags(exchange: Exchange, repository: Repository): Promise<Answer> {
  if (exchange.method !== 'GET' && exchange.method !== 'HEAD') unsupported(exchange, 'GET, HEAD');
  const { query, cancel } = exchange;
  const last = query.get('last');
  const all = (await tagsOf(repository, cancel)).filter((tag) => last === null || tag > last);
  const n = /^\d{1,6}$/.test(query.get('n') ?? '') ? Number(query.get('n')) : all.length;
  const tags = all.slice(0, n);
  const next = tags.length > 0 && tags.length < all.length ? linkToNext(repository, n, tags.at(-1) ?? '') : {};
  return json({ name: repository.name, tags }, { 'content-type': 'application/json', ...next });
}

/** What refers to a digest, held or in the store. */
export async function listReferrers(exchange: Exchange, repository: Repository, name: string): Promise<Answer> {
  if (exchange.method !== 'GET' && exchange.method !== 'HEAD') unsupported(exchange, 'GET, HEAD');
  const digest = requireDigest(name);
  const all = await referrersOf(repository, digest, exchange.cancel);
  const wanted = exchange.query.get('artifactType');
  const found = wanted === null ? all : all.filter(({ artifactType }) => artifactType === wanted);
  const applied = wanted === null ? {} : { 'oci-filters-applied': 'artifactType' };
  return {
    status: 200,
    headers: { 'content-type': ociTypes.index, ...applied },
    body: serializeManifest(makeIndex(found)),
  };
}

async function tagsOf({ tags, store, policy }: Repository, cancel: Cancel): Promise<readonly string[]> {
  const all = new Set(tags.keys());
  if (policy.tags && hasTags(store)) {
    for await (const tag of store.tags(cancel)) if (all.size < maxTags) all.add(tag);
  }
  return [...all].sort();
}

async function referrersOf(
  { held, store }: Repository,
  digest: Digest,
  cancel: Cancel,
): Promise<readonly Descriptor[]> {
  const here = held.manifests.all().filter(({ manifest }) => manifest.subject?.digest === digest);
  const there = hasReferrers(store) ? await store.referrers(digest, cancel) : [];
  return [...new Map([...there, ...here.map(asReferrer)].map((one) => [one.digest, one])).values()];
}

/** "If the artifactType is empty or missing in an image manifest, the value is the config's mediaType." */
function asReferrer({ pushed, manifest }: HeldManifest): Descriptor {
  const artifactType = manifest.artifactType ?? (manifest.kind === 'manifest' ? manifest.config.mediaType : undefined);
  return {
    ...pushed,
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(manifest.annotations === undefined ? {} : { annotations: manifest.annotations }),
  };
}

function linkToNext(repository: Repository, n: number, last: string): Record<string, string> {
  return { link: `</v2/${repository.name}/tags/list?n=${n}&last=${encodeURIComponent(last)}>; rel="next"` };
}

function json(value: unknown, headers: Readonly<Record<string, string>>): Answer {
  return { status: 200, headers, body: new TextEncoder().encode(JSON.stringify(value)) };
}
