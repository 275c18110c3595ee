/** An upload to a repository whose digest comes last: small ones are held and sent in one request, larger ones stream through. */
import { FanfoldError } from '../../../base/errors/error.ts';
import { anyOf, type Cancel, throwIfCancelled } from '../../../base/host/cancel.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { ByteQueue } from '../byte-queue.ts';
import { streamOf } from '../bytes.ts';
import type { Upload, UploadOptions } from '../store.ts';
import { createUploadCheck, markChecked } from '../verify.ts';
import { assertSameDigest, hasBlob } from './blobs.ts';
import { Replay } from './replay.ts';
import { sendBlob } from './send-blob.ts';
import {
  askSession,
  cancelSession,
  openSession,
  patchRest,
  putRest,
  type Repository,
  type Session,
} from './session.ts';

/** Up to here an upload waits for its digest: what the registry has then is not sent at all. */
const holdBytes = 1024 * 1024;
const queueBytes = 1024 * 1024;
/** Nobody can be asked for these bytes again: more is kept than fits into the buffers of both sides' kernels. */
const windowBytes = 12 * 1024 * 1024;

/** Begins one; nothing is sent before the first MiB is full or the digest is known. */
export function beginUpload(repository: Repository, options: UploadOptions = {}): Upload {
  const check = createUploadCheck(options);
  let held: Uint8Array[] = [];
  let stream: Streamed | undefined;

  return {
    async append(bytes, cancel) {
      throwIfCancelled(cancel);
      check.update(bytes);
      if (stream !== undefined) return await stream.append(bytes, cancel);
      held.push(bytes);
      if (check.sizeBytes() <= holdBytes) return;
      stream = streamUpload(repository);
      const first = held;
      held = [];
      for (const piece of first) await stream.append(piece, cancel);
    },
    async commit(digest, cancel = {}) {
      const content = { mediaType: 'application/octet-stream', digest, size: check.sizeBytes() };
      try {
        check.assert(digest);
        if (stream !== undefined) await stream.commit(content, cancel);
        else if (!(await hasBlob(repository, content, cancel))) {
          await sendBlob(repository, content, markChecked(content, streamOf(...held)), undefined, cancel);
        }
        return content;
      } catch (error) {
        await stream?.cancel();
        throw error;
      }
    },
    cancel: async () => {
      held = [];
      await stream?.cancel();
    },
  };
}

interface Streamed {
  append(bytes: Uint8Array, cancel: Cancel | undefined): Promise<void>;
  commit(content: Descriptor, cancel: Cancel): Promise<void>;
  cancel(): Promise<void>;
}

/** The way of one long upload: what is appended goes through a queue into a PATCH; a PUT ends it. */
function streamUpload(repository: Repository): Streamed {
  const queue = new ByteQueue(queueBytes);
  const source = new Replay(queue, windowBytes);
  const ending = new AbortController();
  const state: { session?: Session; failure?: { error: unknown } } = {};
  const running = sendAll(repository, source, state, { signal: ending.signal }).catch((error: unknown) => {
    state.failure = { error };
    return source.close();
  });
  const throwFailure = (): void => {
    if (state.failure !== undefined) throw state.failure.error;
  };
  return {
    async append(bytes, cancel) {
      throwFailure();
      queue.push(bytes);
      if (queue.full()) await orCancelled(queue.room(), cancel?.signal);
      throwFailure();
    },
    async commit(content, cancel) {
      queue.end();
      await running;
      throwFailure();
      if (state.session !== undefined) await close(repository, content, state.session, anyOf(cancel, ending.signal));
    },
    async cancel() {
      ending.abort(new FanfoldError('host.cancelled', 'the upload was cancelled'));
      queue.fail(ending.signal.reason);
      await running;
      if (state.session !== undefined) await cancelSession(repository, state.session);
    },
  };
}

/** A registry that stalls makes no room: whoever gives up is not held up. */
async function orCancelled(room: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return await room;
  const over = new AbortController();
  const cancelled = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { signal: over.signal });
  });
  await Promise.race([room, cancelled]).finally(() => over.abort());
}

/** Sends all that the source gives; after a failure it goes on where the registry left off, as far as the bytes are still held. */
async function sendAll(
  repository: Repository,
  source: Replay,
  state: { session?: Session },
  cancel: Cancel,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      state.session ??= await openSession(repository, cancel);
      const sent = await patchRest(repository, state.session, source.from(state.session.offset), cancel);
      state.session = { ...sent, offset: sent.offset === 0 ? source.takenBytes() : sent.offset };
      if (state.session.offset === source.takenBytes()) return;
      throw incomplete(repository, state.session, source);
    } catch (error) {
      const own = source.failure();
      if (own !== undefined) throw own.error;
      throwIfCancelled(cancel);
      await repository.transport.retry(attempt, error, cancel);
      const next = await resume(repository, state.session, source, error, cancel);
      if (next === undefined) delete state.session;
      else state.session = next;
    }
  }
}

async function resume(
  repository: Repository,
  session: Session | undefined,
  source: Replay,
  error: unknown,
  cancel: Cancel,
): Promise<Session | undefined> {
  if (session === undefined) return undefined;
  const known = await askSession(repository, session, cancel);
  if (known !== undefined && known.offset > 0 && source.reaches(known.offset)) return known;
  await cancelSession(repository, session);
  if (source.reaches(0)) return undefined;
  throw error;
}

/** The PUT that ends the upload, repeated until its answer is known. */
async function close(repository: Repository, content: Descriptor, session: Session, cancel: Cancel): Promise<void> {
  try {
    const rest = { body: new Uint8Array(), sizeBytes: 0 };
    const reply = await putRest(repository, session, content.digest, rest, cancel);
    await reply.discard();
    assertSameDigest(content.digest, reply);
  } catch (error) {
    throwIfCancelled(cancel);
    // A PUT whose answer was lost, sent again, finds no upload any more: the blob is there, then.
    if (await hasBlob(repository, content, cancel).catch(() => false)) return;
    throw error;
  }
}

function incomplete(repository: Repository, session: Session, source: Replay): FanfoldError {
  const { host } = repository.transport.registry;
  return new FanfoldError(
    'host.network',
    `${host}/${repository.name} took ${session.offset} of ${source.takenBytes()} bytes`,
    { place: { registry: host, repository: repository.name } },
  );
}
