/** A blob whose digest is known on its way into a repository: one POST, one PUT, and after a failure on from where the registry left off. */
import { type Cancel, throwIfCancelled } from '../../../base/host/cancel.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { collect, streamOf } from '../bytes.ts';
import { verify } from '../verify.ts';
import { assertSameDigest, hasBlob } from './blobs.ts';
import { Replay } from './replay.ts';
import { RegistryError } from './response.ts';
import { askSession, cancelSession, openSession, putRest, type Repository, type Session } from './session.ts';

/** Up to here a blob is held as a whole, and can be sent as often as it takes. */
const holdBytes = 256 * 1024;
/** What is kept of a larger one behind the place where sending stands. What lies further back can be read again by the copy. */
const windowBytes = 4 * 1024 * 1024;

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
    return await sendReplay(repository, content, new Replay(streamOf(whole), holdBytes), opened, cancel);
  }
  await sendReplay(repository, content, new Replay(checked, windowBytes), opened, cancel);
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
async function afterFailure(
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
