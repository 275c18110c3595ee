/** The manifests of a repository, by tag and by digest. */
import type { Cancel } from '../../../base/host/cancel.ts';
import { type Descriptor, describe } from '../../oci/descriptor.ts';
import { createHasher, type Digest, isDigest } from '../../oci/digest.ts';
import { isForeign, successors } from '../../oci/graph.ts';
import { type Manifest, maxManifestBytes } from '../../oci/manifest.ts';
import { isManifestType, manifestTypes } from '../../oci/media-types.ts';
import { assertSize } from '../bytes.ts';
import type { NamedManifest } from '../store.ts';
import { missing, verify, wrongDigest, wrongSize } from '../verify.ts';
import { assertSameDigest, hasBlob } from './blobs.ts';
import { RegistryError, readAtMost } from './response.ts';
import { pullScope, pushScope, type Repository } from './session.ts';
import type { Reply } from './transport.ts';

/** What a tag or a digest names; undefined where nothing is. Registries that tell no digest, type or size with HEAD are asked for the manifest itself. */
export async function resolveManifest(
  repository: Repository,
  name: string,
  cancel: Cancel,
): Promise<Descriptor | undefined> {
  const reply = await ask(repository, 'HEAD', name, [200, 404, 405], cancel);
  await reply.discard();
  if (reply.status === 404) return undefined;
  const told = toldBy(reply, name);
  return told ?? (await read(repository, name, cancel))?.content;
}

/** Whether the repository has this manifest. */
export async function hasManifest(repository: Repository, content: Descriptor, cancel: Cancel): Promise<boolean> {
  const reply = await ask(repository, 'HEAD', content.digest, [200, 404], cancel);
  await reply.discard();
  return reply.status === 200;
}

/** The manifest's bytes, checked. @throws FanfoldError `content.missing`, `content.size`, `content.digest`, `host.too-large` */
export async function* readManifestBytes(
  repository: Repository,
  content: Descriptor,
  cancel: Cancel,
): AsyncIterable<Uint8Array> {
  assertSize(content, maxManifestBytes);
  const found = await read(repository, content.digest, cancel);
  if (found === undefined) throw missing(content, `${repository.transport.registry.host}/${repository.name}`);
  yield* verify(content, pieces(found.bytes));
}

async function* pieces(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

/**
 * Puts a manifest under a tag or its digest. Gives the answer's headers.
 * @throws FanfoldError `content.missing` where a child is truly not there, `registry.*`
 */
export async function putManifest(
  repository: Repository,
  content: Descriptor,
  whole: { readonly bytes: Uint8Array; readonly manifest: Manifest },
  name: string,
  cancel: Cancel,
): Promise<Reply['headers']> {
  for (let attempt = 1; ; attempt++) {
    try {
      const reply = await repository.transport.send(
        {
          method: 'PUT',
          url: manifestUrl(repository, name),
          headers: { 'content-type': content.mediaType, 'content-length': String(whole.bytes.length) },
          body: whole.bytes,
          scopes: pushScope(repository),
          expect: [201, 200, 202, 204],
          repository: repository.name,
        },
        cancel,
      );
      await reply.discard();
      assertSameDigest(content.digest, reply);
      return reply.headers;
    } catch (error) {
      if (!isUnknownBlob(error)) throw error;
      await assertChildren(repository, whole.manifest, cancel);
      // All are there: some registries (GHCR) need a moment to see what they have just taken.
      await repository.transport.retry(attempt, passing(error), cancel);
    }
  }
}

/** Whether the registry refuses a manifest for something that it points to. */
export function isUnknownBlob(error: unknown): error is RegistryError {
  if (!(error instanceof RegistryError)) return false;
  return (
    error.codes.some((code) => /^(?:MANIFEST_BLOB_UNKNOWN|BLOB_UNKNOWN)$/.test(code)) ||
    /unknown blob/i.test(error.message)
  );
}

function passing(error: RegistryError): RegistryError {
  const answer = { status: error.status, codes: error.codes, retryable: true, askedMs: error.askedMs };
  return new RegistryError(error.code, error.message, answer, { place: error.place, cause: error });
}

/** @throws FanfoldError `content.missing` naming the first child that is not there */
async function assertChildren(repository: Repository, manifest: Manifest, cancel: Cancel): Promise<void> {
  for (const child of successors(manifest)) {
    if (child === manifest.subject || isForeign(child)) continue;
    const has = isManifestType(child.mediaType) ? hasManifest : hasBlob;
    if (!(await has(repository, child, cancel))) {
      throw missing(child, `${repository.transport.registry.host}/${repository.name}`);
    }
  }
}

/** Reads what a tag or digest names, hashed, not believed; undefined where nothing is. @throws FanfoldError `content.digest`, `host.too-large` */
export async function read(repository: Repository, name: string, cancel: Cancel): Promise<NamedManifest | undefined> {
  const reply = await ask(repository, 'GET', name, [200, 404], cancel);
  if (reply.status === 404) {
    await reply.discard();
    return undefined;
  }
  const bytes = await readAtMost(reply.body, maxManifestBytes + 1);
  await reply.discard();
  const content = describe(mediaTypeOf(reply), bytes);
  assertSize(content, maxManifestBytes);
  const announced = reply.headers['content-length'];
  if (announced !== undefined && Number(announced) !== bytes.length) {
    throw wrongSize(content, `${bytes.length} of ${announced}`);
  }
  if (!isDigest(name)) {
    assertSameDigest(content.digest, reply);
    return { content, bytes };
  }
  const hasher = createHasher(name);
  hasher.update(bytes);
  const digest = hasher.digest();
  if (digest !== name) throw wrongDigest(name, digest);
  return { content: { ...content, digest }, bytes };
}

function toldBy(reply: Reply, name: string): Descriptor | undefined {
  const digest = isDigest(name) ? name : reply.headers['docker-content-digest'];
  const size = reply.headers['content-length'];
  const mediaType = mediaTypeOf(reply);
  if (reply.status !== 200 || digest === undefined || !isDigest(digest) || !isManifestType(mediaType)) return undefined;
  return size !== undefined && /^[1-9]\d{0,8}$/.test(size) ? { mediaType, digest, size: Number(size) } : undefined;
}

function mediaTypeOf(reply: Reply): string {
  return (reply.headers['content-type'] ?? '').split(';')[0]?.trim() ?? '';
}

/** Always with all four types: without them a registry hides an index, or picks one of its platforms. */
function ask(
  repository: Repository,
  method: 'HEAD' | 'GET',
  name: string | Digest,
  expect: readonly number[],
  cancel: Cancel,
): Promise<Reply> {
  return repository.transport.send(
    {
      method,
      url: manifestUrl(repository, name),
      headers: { accept: manifestTypes.join(', ') },
      scopes: pullScope(repository),
      expect,
      repository: repository.name,
    },
    cancel,
  );
}

/** Where a manifest is, by tag or digest. */
export function manifestUrl(repository: Repository, name: string): string {
  return `/v2/${repository.name}/manifests/${encodeURIComponent(name).replace(/%3A/g, ':')}`;
}
