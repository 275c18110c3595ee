/** The blobs of a repository: looked up, and read, with resumption. */

import { FanfoldError } from '../../../base/errors/error.ts';
import { type Cancel, throwIfCancelled } from '../../../base/host/cancel.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { repack } from '../repack.ts';
import { missing, verify, wrongDigest } from '../verify.ts';
import { pullScope, type Repository } from './session.ts';
import type { Reply } from './transport.ts';

/** Whether the repository has the blob. A redirect says so as well: only what is there is kept elsewhere. */
export async function hasBlob(
  repository: Repository,
  content: Pick<Descriptor, 'digest'>,
  cancel: Cancel,
): Promise<boolean> {
  return (await headBlob(repository, content.digest, cancel)).status !== 404;
}

/** The blob's size; undefined where it is not there, or where its registry does not tell (it redirects). */
export async function blobSize(repository: Repository, digest: Digest, cancel: Cancel): Promise<number | undefined> {
  const reply = await headBlob(repository, digest, cancel);
  const length = reply.headers['content-length'];
  return reply.status === 200 && length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : undefined;
}

async function headBlob(repository: Repository, digest: Digest, cancel: Cancel): Promise<Reply> {
  const reply = await repository.transport.send(
    {
      method: 'HEAD',
      url: blobUrl(repository, { digest }),
      scopes: pullScope(repository),
      expect: [200, 404, 301, 302, 303, 307, 308],
      repository: repository.name,
    },
    cancel,
  );
  await reply.discard();
  return reply;
}

/** The blob's bytes, checked. @throws FanfoldError `content.missing`, `content.size`, `content.digest`, `registry.*` */
export function readBlob(repository: Repository, content: Descriptor, cancel: Cancel): AsyncIterable<Uint8Array> {
  return verify(content, repack(readPieces(repository, content, cancel)));
}

/** Enough got through since the last failure for the tries to be counted anew. */
const progressBytes = 1024 * 1024;

async function* readPieces(repository: Repository, content: Descriptor, cancel: Cancel): AsyncIterable<Uint8Array> {
  let offset = 0;
  let since = 0;
  for (let attempt = 1; ; attempt++) {
    try {
      for await (const piece of await requestFrom(repository, content, offset, cancel)) {
        offset += piece.length;
        yield piece;
      }
      return;
    } catch (error) {
      throwIfCancelled(cancel);
      if (offset - since >= progressBytes) attempt = 1;
      since = offset;
      await repository.transport.retry(attempt, error, cancel);
    }
  }
}

async function requestFrom(
  repository: Repository,
  content: Descriptor,
  offset: number,
  cancel: Cancel,
): Promise<AsyncIterable<Uint8Array>> {
  const reply = await repository.transport.send(
    {
      method: 'GET',
      url: blobUrl(repository, content),
      headers: offset === 0 ? {} : { range: `bytes=${offset}-` },
      scopes: pullScope(repository),
      expect: [200, 206, 404],
      repository: repository.name,
    },
    cancel,
  );
  if (reply.status === 404) {
    await reply.discard();
    throw missing(content, `${repository.transport.registry.host}/${repository.name}`);
  }
  const start = reply.status === 206 ? startOf(reply) : 0;
  if (start > offset) throw invalid(repository, `it sent bytes from ${start} on where ${offset} was asked for`);
  return start === offset ? reply.body : skip(reply.body, offset - start);
}

function startOf(reply: Reply): number {
  const start = /^bytes (\d{1,15})-/.exec(reply.headers['content-range'] ?? '')?.[1];
  return start === undefined ? Number.POSITIVE_INFINITY : Number(start);
}

async function* skip(body: AsyncIterable<Uint8Array>, sizeBytes: number): AsyncIterable<Uint8Array> {
  let left = sizeBytes;
  for await (const piece of body) {
    if (left < piece.length) yield left === 0 ? piece : piece.subarray(left);
    left = Math.max(0, left - piece.length);
  }
}

/** @throws FanfoldError `content.digest` where a registry says that it took other bytes */
export function assertSameDigest(digest: string, reply: Pick<Reply, 'headers'>): void {
  const told = reply.headers['docker-content-digest'];
  // A registry may name the digest by another algorithm.
  if (told === undefined || told.split(':')[0] !== digest.split(':')[0] || told === digest) return;
  throw wrongDigest(digest, told);
}

function blobUrl(repository: Repository, content: Pick<Descriptor, 'digest'>): string {
  return `/v2/${repository.name}/blobs/${content.digest}`;
}

function invalid(repository: Repository, why: string): FanfoldError {
  const { host } = repository.transport.registry;
  return new FanfoldError('registry.invalid', `${host}/${repository.name} cannot be understood: ${why}`, {
    place: { registry: host, repository: repository.name },
  });
}
