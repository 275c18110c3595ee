/** The blobs of a repository: looked up, read with resumption, uploaded in one request, mounted from a neighbour. */

import { FanfoldError, isFanfoldError } from '../../../base/errors/error.ts';
import { type Cancel, throwIfCancelled } from '../../../base/host/cancel.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { collect } from '../bytes.ts';
import { isRetryable } from '../retryable.ts';
import { missing, verify, wrongDigest } from '../verify.ts';
import { type Replay, replayable } from './replay.ts';
import { RegistryError } from './response.ts';
import {
  askSession,
  cancelSession,
  openSession,
  pullScope,
  pushScope,
  putRest,
  type Repository,
  type Session,
  sessionOf,
} from './session.ts';
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
  return verify(content, readPieces(repository, content, cancel));
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

/** Up to here a blob is held as a whole, and can be sent as often as it takes. */
const holdBytes = 256 * 1024;
/** What is kept of a larger one behind the place where sending stands: more than lies in buffers on the way. */
const windowBytes = 8 * 1024 * 1024;

/**
 * Uploads a blob that is not there: one POST, one PUT; after a failure it goes on where the registry left off. `opened` is an upload
 * that a refused mount left open.
 * @throws FanfoldError `content.*` of the bytes, `registry.*`; retryable where only reading the source again would help
 */
export async function sendBlob(
  repository: Repository,
  content: Descriptor,
  bytes: AsyncIterable<Uint8Array>,
  opened: Session | undefined,
  cancel: Cancel,
): Promise<void> {
  const checked = verify(content, bytes);
  if (content.size <= holdBytes) {
    const whole = await collect(content, checked, cancel);
    return await sendReplay(repository, content, replayable(one(whole), holdBytes), opened, cancel);
  }
  await sendReplay(repository, content, replayable(checked, windowBytes), opened, cancel);
}

async function* one(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

async function sendReplay(
  repository: Repository,
  content: Descriptor,
  source: Replay,
  opened: Session | undefined,
  cancel: Cancel,
): Promise<void> {
  let session: Session | undefined = opened;
  try {
    for (let attempt = 1; ; attempt++) {
      try {
        session ??= await openSession(repository, cancel);
        return await putBlob(repository, content, session, source, cancel);
      } catch (error) {
        const own = source.failure();
        if (own !== undefined) throw own.error;
        throwIfCancelled(cancel);
        await repository.transport.retry(attempt, error, cancel);
        const state = await afterFailure(repository, content, session, source, error, cancel);
        if (state === 'done') return;
        session = state;
      }
    }
  } catch (error) {
    if (session !== undefined) await cancelSession(repository, session);
    throw error;
  } finally {
    await source.close();
  }
}

async function putBlob(
  repository: Repository,
  content: Descriptor,
  session: Session,
  source: Replay,
  cancel: Cancel,
): Promise<void> {
  const sizeBytes = content.size - session.offset;
  // An empty body is sent as bytes; the source is still read to its end, where it is checked.
  const body = sizeBytes === 0 ? await drained(source, session.offset) : source.from(session.offset);
  const reply = await putRest(repository, session, content.digest, { body, sizeBytes }, cancel);
  await reply.discard();
  assertSameDigest(content.digest, reply);
}

async function drained(source: Replay, offset: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of source.from(offset)) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** Where to go on: nowhere, if only the answer was lost; else in the same upload, or a new one, as far as the bytes are still held. */
export async function afterFailure(
  repository: Repository,
  content: Descriptor,
  session: Session | undefined,
  source: Replay,
  error: unknown,
  cancel: Cancel,
): Promise<Session | 'done' | undefined> {
  if (session === undefined) return undefined;
  if (await hasBlob(repository, content, cancel)) return 'done';
  const known = await askSession(repository, session, cancel);
  if (known !== undefined && known.offset > 0 && known.offset <= content.size && source.reaches(known.offset))
    return known;
  await cancelSession(repository, session);
  if (source.reaches(0)) return undefined;
  throw new UploadBroken(repository, content, error);
}

/** An upload that broke where its bytes are no longer held: reading the source again helps. */
class UploadBroken extends RegistryError {
  constructor(repository: Repository, content: Descriptor, cause: unknown) {
    const { host } = repository.transport.registry;
    super(
      'registry.unavailable',
      `the upload of ${content.digest} to ${host}/${repository.name} broke and cannot go on`,
      { status: 0, codes: [], retryable: true },
      { place: { registry: host, repository: repository.name, digest: content.digest }, cause },
    );
  }
}

/** What a mount came to: done, or refused, with an upload that the registry opened instead. */
export type Mounted = { readonly done: true } | { readonly done: false; readonly session?: Session };

/** Asks the registry to take the blob from `from`. Where that is refused, for whatever reason, the blob can still be uploaded. */
export async function mountBlob(
  repository: Repository,
  content: Descriptor,
  from: string,
  cancel: Cancel,
): Promise<Mounted> {
  const query = new URLSearchParams({ mount: content.digest, from });
  try {
    const reply = await repository.transport.send(
      {
        method: 'POST',
        url: `/v2/${repository.name}/blobs/uploads/?${query}`,
        headers: { 'content-length': '0' },
        body: new Uint8Array(),
        scopes: [...pushScope(repository), { repository: from, actions: ['pull'] }],
        expect: [201, 202],
        repository: repository.name,
      },
      cancel,
    );
    if (reply.status === 202) return { done: false, session: await sessionOf(repository, reply, 0) };
    await reply.discard();
    return { done: true };
  } catch (error) {
    throwIfCancelled(cancel);
    if (isFanfoldError(error) && error.code.startsWith('registry.') && !isRetryable(error)) return { done: false };
    throw error;
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
