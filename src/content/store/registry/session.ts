/** One upload session (distribution specification 1.1, "Pushing blobs"): opened, filled, asked how far it got, closed or cancelled. */
import type { Cancel } from '../../../base/host/cancel.ts';
import type { HttpRequest } from '../../../base/host/http.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Scope } from './auth.ts';
import { type Reply, resolveLocation, type Transport } from './transport.ts';

/** A repository of a registry, as requests need it. */
export interface Repository {
  readonly transport: Transport;
  readonly name: string;
}

/** The right to read, and to write. */
export function pullScope(repository: Repository): readonly Scope[] {
  return [{ repository: repository.name, actions: ['pull'] }];
}

/** The right to write, which takes that to read with it. */
export function pushScope(repository: Repository): readonly Scope[] {
  return [{ repository: repository.name, actions: ['pull', 'push'] }];
}

/** An open upload: where the next request goes, and how many bytes the registry has. */
export interface Session {
  readonly url: string;
  readonly offset: number;
}

/** Opens an upload. */
export async function openSession(repository: Repository, cancel: Cancel): Promise<Session> {
  const url = `/v2/${repository.name}/blobs/uploads/`;
  const headers = { 'content-length': '0' };
  const reply = await repository.transport.send(
    { ...common(repository), method: 'POST', url, headers, body: new Uint8Array(), expect: [202] },
    cancel,
  );
  return await sessionOf(repository, reply, 0);
}

/** The open session that an answer tells of. */
export async function sessionOf(repository: Repository, reply: Reply, offset: number): Promise<Session> {
  await reply.discard();
  return { url: resolveLocation(repository.transport.registry, reply), offset };
}

/** Sends bytes that are all, or all the rest, of `sizeBytes` in one request that also ends the upload. */
export async function putRest(
  repository: Repository,
  session: Session,
  digest: Digest,
  rest: { readonly body: NonNullable<HttpRequest['body']>; readonly sizeBytes: number },
  cancel: Cancel,
): Promise<Reply> {
  const headers = {
    'content-type': 'application/octet-stream',
    'content-length': String(rest.sizeBytes),
    ...(session.offset === 0 || rest.sizeBytes === 0
      ? {}
      : { 'content-range': `${session.offset}-${session.offset + rest.sizeBytes - 1}` }),
  };
  const call = { method: 'PUT', url: withDigest(session.url, digest), headers, body: rest.body } as const;
  // Some registries answer 202 or 204 where the specification has 201.
  return await repository.transport.send({ ...common(repository), ...call, expect: [201, 200, 202, 204] }, cancel);
}

/**
 * Sends bytes whose end is not known yet, in one request: not in chunks, which some registries (Google's) refuse, and of which some
 * (`OCI-Chunk-Min-Length`) want a least size. Gives the session as the registry then has it.
 */
export async function patchRest(
  repository: Repository,
  session: Session,
  body: AsyncIterable<Uint8Array>,
  cancel: Cancel,
): Promise<Session> {
  const headers = { 'content-type': 'application/octet-stream' };
  const call = { method: 'PATCH', url: session.url, headers, body } as const;
  const reply = await repository.transport.send({ ...common(repository), ...call, expect: [202, 201, 204] }, cancel);
  return await sessionOf(repository, reply, offsetIn(reply) ?? session.offset);
}

/** How far the upload got; undefined where the registry no longer knows it. */
export async function askSession(
  repository: Repository,
  session: Session,
  cancel: Cancel,
): Promise<Session | undefined> {
  const call = { method: 'GET', url: session.url } as const;
  const reply = await repository.transport.send(
    { ...common(repository), ...call, expect: [204, 200, 202, 404, 400, 410, 416] },
    cancel,
  );
  await reply.discard();
  const offset = offsetIn(reply);
  if (reply.status >= 400 || offset === undefined) return undefined;
  return {
    url: reply.headers['location'] === undefined ? session.url : resolveLocation(repository.transport.registry, reply),
    offset,
  };
}

/** Letting go of an upload is a courtesy: a registry that stalls may not hold up whoever gave it up. */
const cancelMs = 5000;

/** Lets the registry forget the upload; what it makes of that does not matter. */
export async function cancelSession(repository: Repository, session: Session): Promise<void> {
  const call = { method: 'DELETE', url: session.url, expect: [204, 200, 202, 404, 400, 405] } as const;
  await repository.transport
    .send({ ...common(repository), ...call }, { signal: AbortSignal.timeout(cancelMs) })
    .then((reply) => reply.discard())
    .catch(() => undefined);
}

/** `Range: 0-N` says that N + 1 bytes are there. distribution says `0-0` of one byte and of none: then none are taken as there. */
export function offsetIn(reply: Pick<Reply, 'headers'>): number | undefined {
  const found = /^(?:bytes=)?0-(\d{1,15})$/.exec(reply.headers['range']?.trim() ?? '');
  if (found === null) return undefined;
  const last = Number(found[1]);
  return last === 0 ? 0 : last + 1;
}

/** The query that a registry put into a Location is kept to the letter: it may be signed. */
function withDigest(url: string, digest: Digest): string {
  return `${url}${url.includes('?') ? '&' : '?'}digest=${encodeURIComponent(digest)}`;
}

function common(repository: Repository): { scopes: readonly Scope[]; repository: string } {
  return { scopes: pushScope(repository), repository: repository.name };
}
