/** Blobs over the API: HEAD and GET (distribution specification 1.1, "Pulling blobs"). */
import type { Descriptor } from '../oci/descriptor.ts';
import { ApiError } from './api-error.ts';
import { parseRange, slice } from './byte-range.ts';
import { type Answer, type Exchange, quoted, requireDigest, unsupported } from './exchange.ts';
import { blobType, type Repository, readBlob, sizeOfBlob } from './repository.ts';

/** Answers a request for one blob. */
export async function serveBlob(exchange: Exchange, repository: Repository, name: string): Promise<Answer> {
  if (exchange.method !== 'GET' && exchange.method !== 'HEAD') unsupported(exchange, 'GET, HEAD');
  const digest = requireDigest(name);
  const size = await sizeOfBlob(repository, digest, exchange.cancel);
  if (size === undefined) throw new ApiError(404, 'BLOB_UNKNOWN', `${quoted(digest)} is not here`);
  const blob: Descriptor = { mediaType: blobType, digest, size };
  const headers = {
    'content-type': blobType,
    'docker-content-digest': digest,
    'accept-ranges': 'bytes',
  };
  if (exchange.method === 'HEAD') return { status: 200, headers: { ...headers, 'content-length': String(size) } };
  const range = parseRange(exchange.headers['range'], size);
  const bytes = readBlob(repository, blob, exchange.cancel);
  if (range === undefined) {
    return { status: 200, headers: { ...headers, 'content-length': String(size) }, body: bytes };
  }
  return {
    status: 206,
    headers: {
      ...headers,
      'content-length': String(range.end - range.start),
      'content-range': `bytes ${range.start}-${range.end - 1}/${size}`,
    },
    body: slice(bytes, range),
  };
}
