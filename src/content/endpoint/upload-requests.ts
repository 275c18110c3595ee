/** Uploads over the API (distribution specification 1.1, "Pushing blobs", "Mounting a blob from another repository"). */
import type { Descriptor } from '../oci/descriptor.ts';
import { type Digest, isDigest } from '../oci/digest.ts';
import { repack } from '../store/repack.ts';
import { ApiError } from './api-error.ts';
import { type Answer, type Exchange, lengthOf, requireDigest, unsupported } from './exchange.ts';
import { blobType, isBlobHere, type Repository } from './repository.ts';
import type { OpenUpload } from './uploads.ts';

/** POST: opens an upload, takes a whole blob at once, or answers whether a mount is needless. */
export async function startUpload(exchange: Exchange, repository: Repository): Promise<Answer> {
  if (exchange.method !== 'POST') unsupported(exchange, 'POST');
  const { query, cancel } = exchange;
  const mount = query.get('mount');
  // `from` is never looked at: clients name repositories of other registries. A blob is here, or is sent.
  if (mount !== null && isDigest(mount) && (await isBlobHere(repository, mount, cancel))) {
    return created(repository, mount);
  }
  const digest = mount === null ? query.get('digest') : null;
  if (digest !== null)
    return await receive(exchange, repository, await repository.uploads.open(), requireDigest(digest));
  const upload = await repository.uploads.open();
  return { status: 202, headers: progress(repository, upload) };
}

/** PATCH, PUT, GET and DELETE of an upload that is open. */
export async function serveUpload(exchange: Exchange, repository: Repository, id: string): Promise<Answer> {
  const upload = repository.uploads.find(id);
  if (upload === undefined) throw new ApiError(404, 'BLOB_UPLOAD_UNKNOWN', 'there is no such upload');
  switch (exchange.method) {
    case 'GET':
      return { status: 204, headers: progress(repository, upload) };
    case 'DELETE':
      await upload.cancel();
      return { status: 204 };
    case 'PATCH':
      requireNext(exchange, repository, upload);
      await upload.take(exchange.body, exchange.cancel);
      return { status: 202, headers: progress(repository, upload) };
    case 'PUT':
      return await finishUpload(exchange, repository, upload);
    default:
      return unsupported(exchange, 'DELETE, GET, PATCH, PUT');
  }
}

async function finishUpload(exchange: Exchange, repository: Repository, upload: OpenUpload): Promise<Answer> {
  const digest = requireDigest(exchange.query.get('digest'));
  requireNext(exchange, repository, upload);
  return await receive(exchange, repository, upload, digest);
}

/** Takes what is left of a blob whose digest is known now. */
async function receive(
  exchange: Exchange,
  repository: Repository,
  upload: OpenUpload,
  digest: Digest,
): Promise<Answer> {
  const size = lengthOf(exchange);
  if (upload.sizeBytes() === 0 && size !== undefined && !repository.held.blobs.fits(size)) {
    await upload.cancel();
    await writeThrough(exchange, repository, { mediaType: blobType, digest, size });
  } else {
    await upload.take(exchange.body, exchange.cancel);
    await upload.commit(digest, exchange.cancel);
  }
  return created(repository, digest);
}

/** Digest and size are known before the first byte: the store can leave out the members that have the blob already. */
async function writeThrough({ body, cancel }: Exchange, repository: Repository, blob: Descriptor): Promise<void> {
  await repository.store.write(blob, repack(body), cancel);
  repository.known.set(blob.digest, blob.size);
}

/** A chunk must go on where the last one ended ("Pushing a blob in chunks"). */
function requireNext({ headers }: Exchange, repository: Repository, upload: OpenUpload): void {
  const range = headers['content-range'];
  if (range === undefined) return;
  const [, start, end] = /^(?:bytes )?(\d{1,15})-(\d{1,15})(?:\/.*)?$/.exec(range) ?? [];
  const length = headers['content-length'];
  const isWhole = length === undefined || Number(end) - Number(start) + 1 === Number(length);
  if (start !== undefined && Number(start) === upload.sizeBytes() && isWhole) return;
  throw new ApiError(416, 'BLOB_UPLOAD_INVALID', 'the chunk does not begin where the last one ended', {
    ...progress(repository, upload),
  });
}

function created(repository: Repository, digest: Digest): Answer {
  return {
    status: 201,
    headers: { location: `/v2/${repository.name}/blobs/${digest}`, 'docker-content-digest': digest },
  };
}

function progress(repository: Repository, upload: OpenUpload): Record<string, string> {
  return {
    location: `/v2/${repository.name}/blobs/uploads/${upload.id}`,
    range: `0-${Math.max(0, upload.sizeBytes() - 1)}`,
    'docker-upload-uuid': upload.id,
  };
}
