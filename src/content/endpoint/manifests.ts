/** Manifests over the API (distribution specification 1.1, "Pulling manifests", "Pushing Manifests"). */
import { FanfoldError } from '../../base/errors/error.ts';
import { isAttestationManifest } from '../oci/attestation.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { createHasher, type Digest, isDigest } from '../oci/digest.ts';
import { isForeign, successors } from '../oci/graph.ts';
import { maxManifestBytes, parseManifest } from '../oci/manifest.ts';
import { isManifestType, ociTypes } from '../oci/media-types.ts';
import { isTag } from '../oci/reference.ts';
import { createPool } from '../store/pool.ts';
import { wrongDigest } from '../store/verify.ts';
import { ApiError } from './api-error.ts';
import { commit } from './commit.ts';
import { type Answer, type Exchange, quoted, unsupported } from './exchange.ts';
import type { HeldManifest } from './held.ts';
import { requirePlatform } from './platform.ts';
import { isHere, missingChild, type Repository } from './repository.ts';

/** Answers a request for one manifest, by tag or digest. */
export async function serveManifest(exchange: Exchange, repository: Repository, name: string): Promise<Answer> {
  switch (exchange.method) {
    case 'GET':
    case 'HEAD':
      return await answerManifest(exchange, repository, name);
    case 'PUT':
      return await takeManifest(exchange, repository, name);
    default:
      return unsupported(exchange, 'GET, HEAD, PUT');
  }
}

async function answerManifest(exchange: Exchange, repository: Repository, name: string): Promise<Answer> {
  const { held, store } = repository;
  const content = await resolve(exchange, repository, name);
  if (content === undefined) throw new ApiError(404, 'MANIFEST_UNKNOWN', `${quoted(name)} is not here`);
  const headers = {
    'content-type': content.mediaType,
    'content-length': String(content.size),
    'docker-content-digest': content.digest,
  };
  if (exchange.method === 'HEAD') return { status: 200, headers };
  const body = held.manifests.get(content.digest)?.bytes ?? store.read(content, exchange.cancel);
  return { status: 200, headers, body };
}

async function resolve(exchange: Exchange, repository: Repository, name: string): Promise<Descriptor | undefined> {
  const { held, store, tags, policy } = repository;
  if (isDigest(name)) {
    const pushed = held.manifests.get(name)?.pushed;
    // Of a leg, what is pushed says what was built: a client that hears it is here would not push it.
    if (pushed !== undefined || (exchange.method === 'HEAD' && policy.holds && !policy.tags)) return pushed;
    return await store.resolve(name, exchange.cancel);
  }
  const tagged = tags.get(requireTag(name));
  // Tags of a leg are its own: what the store's name is no business of the builder's.
  return tagged === undefined && policy.tags ? await store.resolve(name, exchange.cancel) : tagged;
}

async function takeManifest(exchange: Exchange, repository: Repository, name: string): Promise<Answer> {
  const tags = isDigest(name) ? exchange.query.getAll('tag').slice(0, maxTags).map(requireTag) : [requireTag(name)];
  const bytes = await readBody(exchange);
  const taken = describeManifest(bytes, mediaTypeOf(exchange, bytes), isDigest(name) ? name : undefined);
  const held = repository.held.manifests.get(taken.pushed.digest) ?? (await hold(exchange, repository, taken));
  if (tags.length > 0 || isCommittedAlone(repository, held)) await commit(repository, held, tags);
  return {
    status: 201,
    headers: {
      location: `/v2/${repository.name}/manifests/${held.pushed.digest}`,
      'docker-content-digest': held.pushed.digest,
      ...(held.manifest.subject === undefined ? {} : { 'oci-subject': held.manifest.subject.digest }),
      ...(isDigest(name) && tags.length > 0 ? { 'oci-tag': tags.join(', ') } : {}),
    },
  };
}

/** An attestation waits for the index that says which image it speaks of, where its subjects are to be put right. */
function isCommittedAlone({ policy }: Repository, { manifest }: HeldManifest): boolean {
  return policy.eager && !(policy.subjects !== undefined && isAttestationManifest(manifest));
}

const maxTags = 32;
const checksAtOnce = 8;

/** Takes a manifest if all that it points to is here, and if it is of the leg's platform. */
async function hold(exchange: Exchange, repository: Repository, taken: HeldManifest): Promise<HeldManifest> {
  const { held } = repository;
  await requireChildren(exchange, repository, taken);
  await requirePlatform(repository, taken, exchange.cancel);
  if (!held.manifests.fits(taken.bytes.length)) {
    throw new ApiError(413, 'SIZE_INVALID', 'more manifests were pushed, and not tagged, than are held');
  }
  held.manifests.add(taken);
  return taken;
}

async function requireChildren(
  { cancel }: Exchange,
  repository: Repository,
  { manifest }: HeldManifest,
): Promise<void> {
  const { subject: _, ...owned } = manifest;
  const pool = createPool(checksAtOnce);
  const check = async (child: Descriptor): Promise<void> => {
    if (!isForeign(child) && !(await isHere(repository, child, cancel))) throw missingChild(child);
  };
  await Promise.all(successors(owned).map((child) => pool(() => check(child))));
}

function describeManifest(bytes: Uint8Array, mediaType: string, announced: Digest | undefined): HeldManifest {
  const hasher = createHasher(announced);
  hasher.update(bytes);
  const digest = hasher.digest();
  if (announced !== undefined && digest !== announced) throw wrongDigest(announced, digest);
  return { pushed: { mediaType, digest, size: bytes.length }, bytes, manifest: parseManifest(bytes, mediaType) };
}

function mediaTypeOf({ headers }: Exchange, bytes: Uint8Array): string {
  const announced = headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (isManifestType(announced)) return announced;
  // A few clients name no type, or that of any JSON: the manifest's own field tells then.
  if (announced === '' || announced === 'application/json') return ownMediaType(bytes);
  throw new ApiError(400, 'MANIFEST_INVALID', `${quoted(announced)} is not the type of a manifest`);
}

function ownMediaType(bytes: Uint8Array): string {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    const own = typeof value === 'object' && value !== null && 'mediaType' in value ? value.mediaType : undefined;
    return typeof own === 'string' ? own : ociTypes.manifest;
  } catch {
    return ociTypes.manifest;
  }
}

async function readBody({ body, headers }: Exchange): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let left = maxManifestBytes;
  if (Number(headers['content-length'] ?? 0) > left) throw tooLarge();
  for await (const piece of body) {
    left -= piece.length;
    if (left < 0) throw tooLarge();
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function tooLarge(): FanfoldError {
  return new FanfoldError('host.too-large', `a manifest has ${maxManifestBytes} bytes at the most`);
}

function requireTag(name: string): string {
  if (isTag(name)) return name;
  throw new ApiError(400, 'MANIFEST_INVALID', `${quoted(name)} is neither a tag nor a digest`);
}
