/** Requests to one registry: authorized, let through its gate, tried again where that may help, redirects followed without credentials. */
import { FanfoldError } from '../../../base/errors/error.ts';
import { type Cancel, throwIfCancelled } from '../../../base/host/cancel.ts';
import type { Host } from '../../../base/host/host.ts';
import type { HttpRequest, HttpResponse } from '../../../base/host/http.ts';
import { isRetryable } from '../retryable.ts';
import { type Authorizer, createAuthorizer, type Scope } from './auth.ts';
import { findCredentials } from './credentials.ts';
import { type Budget, createGate, defaultBudget, type Gate } from './gate.ts';
import { isOwnUrl, type RegistryHost } from './hosts.ts';
import { type Asked, errorOf } from './response.ts';

/** One request in the registry's protocol. */
export interface Call {
  readonly method: HttpRequest['method'];
  /** Absolute, or a path on the registry (`/v2/...`). */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A stream is sent once: whoever gave it decides how to go on after a failure. */
  readonly body?: HttpRequest['body'];
  readonly scopes: readonly Scope[];
  /** Statuses that are answers; any other is an error. */
  readonly expect: readonly number[];
  readonly repository?: string;
}

/** An answer, and the URL that gave it, after redirects. */
export interface Reply extends HttpResponse {
  readonly url: string;
}

/** The way to one registry. */
export interface Transport {
  readonly registry: RegistryHost;
  /** What the registry was found to do, by what was asked; kept for the run. */
  readonly found: Map<string, Promise<boolean>>;
  /**
   * The answer to a call; its body must be read or discarded.
   * @throws RegistryError, FanfoldError `host.network`
   */
  send(call: Call, cancel: Cancel): Promise<Reply>;
  /** Waits as after a passing failure. @throws the error, where it does not pass, or the tries or the budget are used up */
  retry(attempt: number, error: unknown, cancel: Cancel): Promise<void>;
}

/** What a transport takes of the host. */
export type TransportHost = Pick<Host, 'clock' | 'env' | 'exec' | 'files' | 'http' | 'random' | 'secrets'>;

const userAgent = 'fanfold';
const maxRedirects = 5;
/** A token may end on the way to its use, and its renewal may meet a registry that wants another scope: twice is enough. */
const maxChallenges = 2;

/** The way to `registry`, with the budget and tokens that all of its repositories share. */
export function createTransport(
  registry: RegistryHost,
  host: TransportHost,
  budget: Budget = defaultBudget,
): Transport {
  const gate = createGate(registry.host, host.clock, () => fraction(host.random(4)), budget);
  const parts: Parts = {
    registry,
    host,
    gate,
    authorizer: createAuthorizer({
      registry,
      clock: host.clock,
      secrets: host.secrets,
      credentials: (cancel) => findCredentials(registry.host, host, cancel),
      send: (request, cancel) => sendToTokenServer(parts, request, cancel),
    }),
  };
  return {
    registry,
    found: new Map(),
    send: (call, cancel) => sendCall(parts, call, cancel),
    retry: (attempt, error, cancel) => retry(parts, attempt, error, cancel),
  };
}

interface Parts {
  readonly registry: RegistryHost;
  readonly host: TransportHost;
  readonly gate: Gate;
  readonly authorizer: Authorizer;
}

async function sendCall(parts: Parts, call: Call, cancel: Cancel): Promise<Reply> {
  for (let attempt = 1; ; attempt++) {
    try {
      await parts.gate.pass(cancel);
      return await sendAuthorized(parts, call, cancel);
    } catch (error) {
      throwIfCancelled(cancel);
      if (isStream(call.body)) throw error;
      await retry(parts, attempt, error, cancel);
    }
  }
}

async function retry(parts: Parts, attempt: number, error: unknown, cancel: Cancel): Promise<void> {
  if (!(error instanceof Error) || !isRetryable(error)) throw error;
  const forAll = error instanceof FanfoldError && error.code === 'registry.rate-limited';
  const ms = 'askedMs' in error && typeof error.askedMs === 'number' ? error.askedMs : undefined;
  await parts.gate.retry(attempt, error, cancel, { ms, forAll: forAll || ms !== undefined });
}

async function sendAuthorized(parts: Parts, call: Call, cancel: Cancel): Promise<Reply> {
  const url = new URL(call.url, parts.registry.origin).href;
  for (let challenges = 0; ; challenges++) {
    const used = isOwnUrl(parts.registry, url) ? await parts.authorizer.header(call.scopes, cancel) : undefined;
    const reply = await follow(parts, call, url, used, cancel);
    if (call.expect.includes(reply.status)) return reply;
    const learned =
      reply.status === 401 &&
      challenges < maxChallenges &&
      isOwnUrl(parts.registry, reply.url) &&
      parts.authorizer.challenged(reply, used);
    // A stream has begun to go: whoever sends it knows how to go on, with the token that comes next.
    if (!learned || isStream(call.body)) {
      throw await errorOf(reply, askedBy(parts, call), parts.host.clock.now(), learned);
    }
    await reply.discard();
  }
}

/** A redirect is followed by GET and HEAD only, at most five times; credentials go to the registry's own address and nowhere else. */
async function follow(
  parts: Parts,
  call: Call,
  url: string,
  authorization: string | undefined,
  cancel: Cancel,
): Promise<Reply> {
  let at = url;
  for (let redirects = 0; ; redirects++) {
    const proof = authorization !== undefined && isOwnUrl(parts.registry, at) ? { authorization } : {};
    const headers = { 'user-agent': userAgent, ...call.headers, ...proof };
    const request = { method: call.method, url: at, headers, ...(call.body === undefined ? {} : { body: call.body }) };
    const response = await parts.host.http.request(request, cancel);
    const target = redirectTarget(call, response, at);
    if (target === undefined) return { ...response, url: at };
    await response.discard();
    if (redirects === maxRedirects) throw invalidAnswer(parts, call, `it redirects more than ${maxRedirects} times`);
    assertTarget(parts, call, target);
    at = target.href;
  }
}

function redirectTarget(call: Call, response: HttpResponse, at: string): URL | undefined {
  if (call.expect.includes(response.status) || ![301, 302, 303, 307, 308].includes(response.status)) return undefined;
  if (call.method !== 'GET' && call.method !== 'HEAD') return undefined;
  const location = response.headers['location'] ?? '';
  return location !== '' && URL.canParse(location, at) ? new URL(location, at) : undefined;
}

/** The address that a registry's Location names for the next step of an upload. @throws FanfoldError `registry.invalid` */
export function resolveLocation(registry: RegistryHost, reply: Reply): string {
  const location = reply.headers['location'] ?? '';
  if (location === '' || !URL.canParse(location, reply.url)) {
    throw new FanfoldError('registry.invalid', `${registry.host} opened an upload without a Location`, {
      place: { registry: registry.host },
    });
  }
  const target = new URL(location, reply.url);
  if (!isSafeTarget(registry, target)) throw unsafe(registry, target);
  return target.href;
}

function assertTarget(parts: Parts, call: Call, target: URL): void {
  if (!isSafeTarget(parts.registry, target)) throw unsafe(parts.registry, target);
  if (call.body !== undefined) throw invalidAnswer(parts, call, 'it redirects a request with a body');
}

/** From https never to plain HTTP. */
function isSafeTarget(registry: RegistryHost, target: URL): boolean {
  if (target.protocol === 'https:') return true;
  return target.protocol === 'http:' && registry.origin.startsWith('http:');
}

function unsafe(registry: RegistryHost, target: URL): FanfoldError {
  return new FanfoldError('registry.invalid', `${registry.host} leads to ${target.host} without encryption`, {
    place: { registry: registry.host },
  });
}

async function sendToTokenServer(parts: Parts, request: HttpRequest, cancel: Cancel): Promise<HttpResponse> {
  const { host, pathname } = new URL(request.url);
  for (let attempt = 1; ; attempt++) {
    try {
      const response = await parts.host.http.request(request, cancel);
      if (response.status === 200) return response;
      const what = `${request.method} ${host}${pathname} (a token)`;
      throw await errorOf(response, { host: parts.registry.host, what }, parts.host.clock.now());
    } catch (error) {
      throwIfCancelled(cancel);
      await retry(parts, attempt, error, cancel);
    }
  }
}

function askedBy(parts: Parts, call: Call): Asked {
  const { pathname } = new URL(call.url, parts.registry.origin);
  return { host: parts.registry.host, repository: call.repository, what: `${call.method} ${pathname}` };
}

function invalidAnswer(parts: Parts, call: Call, why: string): FanfoldError {
  return new FanfoldError(
    'registry.invalid',
    `${parts.registry.host} cannot be understood (${askedBy(parts, call).what}): ${why}`,
    {
      place: { registry: parts.registry.host },
    },
  );
}

function isStream(body: HttpRequest['body']): boolean {
  return body !== undefined && !(body instanceof Uint8Array);
}

function fraction(bytes: Uint8Array): number {
  return Buffer.from(bytes).readUInt32BE() / 2 ** 32;
}
