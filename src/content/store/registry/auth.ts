/** Tokens: what a registry's challenges ask for, kept until they end, renewed in the middle of work (distribution's token specification). */
import { FanfoldError } from '../../../base/errors/error.ts';
import type { Cancel } from '../../../base/host/cancel.ts';
import type { Clock } from '../../../base/host/clock.ts';
import type { HttpRequest, HttpResponse } from '../../../base/host/http.ts';
import type { Secrets } from '../../../base/host/secrets.ts';
import { parseJson } from '../../oci/json.ts';
import { type Challenge, parseChallenges, realmOf } from './challenge.ts';
import type { Credentials } from './credentials.ts';
import type { RegistryHost } from './hosts.ts';
import { readAtMost } from './response.ts';

/** What a request needs the right to. */
export interface Scope {
  readonly repository: string;
  readonly actions: readonly ('pull' | 'push' | 'delete')[];
}

/** Authorizes requests to one registry. */
export interface Authorizer {
  /** The Authorization header as far as is known; undefined before the first challenge, and where none is needed. */
  header(scopes: readonly Scope[], cancel: Cancel): Promise<string | undefined>;
  /** Learns from a 401. Whether the request is worth another try: not where a password was refused. */
  challenged(response: HttpResponse, used: string | undefined): boolean;
}

/** What an authorizer needs. */
export interface AuthParts {
  readonly registry: RegistryHost;
  readonly clock: Clock;
  readonly secrets: Secrets;
  readonly credentials: (cancel: Cancel) => Promise<Credentials | undefined>;
  /** Sends a request to the token server, tried again where that may help; any answer but 200 is an error. */
  readonly send: (request: HttpRequest, cancel: Cancel) => Promise<HttpResponse>;
}

interface Token {
  readonly scopes: readonly Scope[];
  readonly header: string;
  readonly endsMs: number;
}

/** An authorizer that knows nothing yet. */
export function createAuthorizer(parts: AuthParts): Authorizer {
  let challenge: Challenge | undefined;
  let tokens: Token[] = [];
  const coming = new Map<string, Promise<Token>>();
  let known: Promise<Credentials | undefined> | undefined;
  const credentials = (cancel: Cancel): Promise<Credentials | undefined> => {
    known ??= parts.credentials(cancel).catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };
  const fetchOnce = (asked: Challenge, scopes: readonly Scope[]): Promise<Token> => {
    const name = scopes.map(formatScope).join(' ');
    const underWay = coming.get(name);
    if (underWay !== undefined) return underWay;
    // Not cancelled by whoever came first: others may wait for the same token.
    const token = fetchToken(parts, asked, scopes, credentials, {})
      .then((made) => {
        tokens.push(made);
        return made;
      })
      .finally(() => coming.delete(name));
    coming.set(name, token);
    return token;
  };
  return {
    async header(scopes, cancel) {
      if (challenge === undefined) return undefined;
      if (challenge.scheme === 'basic') return basicHeader(await credentials(cancel));
      const now = parts.clock.monotonicMs();
      tokens = tokens.filter((token) => token.endsMs > now);
      const fit = tokens.find((token) => covers(token.scopes, scopes));
      return (fit ?? (await orCancelled(fetchOnce(challenge, scopes), cancel))).header;
    },
    challenged(response, used) {
      const offered = parseChallenges(response.headers['www-authenticate'] ?? '');
      const chosen =
        offered.find(({ scheme }) => scheme === 'bearer') ?? offered.find(({ scheme }) => scheme === 'basic');
      if (chosen === undefined) return false;
      const isNew = challenge === undefined || challenge.scheme !== chosen.scheme;
      challenge = chosen;
      tokens = tokens.filter((token) => token.header !== used);
      return isNew || chosen.scheme === 'bearer' || used === undefined;
    },
  };
}

async function orCancelled<T>(work: Promise<T>, { signal }: Cancel): Promise<T> {
  if (signal === undefined) return await work;
  signal.throwIfAborted();
  let stop = (): void => undefined;
  const cancelled = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
  });
  return await Promise.race([work, cancelled]).finally(() => signal.removeEventListener('abort', stop));
}

async function fetchToken(
  parts: AuthParts,
  challenge: Challenge,
  scopes: readonly Scope[],
  credentials: (cancel: Cancel) => Promise<Credentials | undefined>,
  cancel: Cancel,
): Promise<Token> {
  const realm = realmOf(challenge, parts.registry);
  const proof = await credentials(cancel);
  const request =
    proof?.kind === 'identity' ? exchange(realm, challenge, scopes, proof.token) : ask(realm, challenge, scopes, proof);
  const startedMs = parts.clock.monotonicMs();
  const { token, lifeMs } = await parseToken(await parts.send(request, cancel), parts.registry);
  parts.secrets.add(token);
  return { scopes, header: `Bearer ${token}`, endsMs: startedMs + lifeMs - Math.min(lifeMs / 4, renewBeforeMs) };
}

/** A token is renewed this long before it ends, so that it does not end on the way. */
const renewBeforeMs = 15_000;
/** What a token lives that names no time (distribution's token specification). */
const defaultLifeMs = 60_000;
const maxTokenBytes = 1024 * 1024;

function ask(realm: URL, challenge: Challenge, scopes: readonly Scope[], proof: Credentials | undefined): HttpRequest {
  const url = new URL(realm);
  const { service } = challenge.parameters;
  if (service !== undefined) url.searchParams.set('service', service);
  for (const scope of scopes) url.searchParams.append('scope', formatScope(scope));
  const header = basicHeader(proof);
  return { method: 'GET', url: url.href, headers: header === undefined ? {} : { authorization: header } };
}

/** An identity token is exchanged by OAuth 2 ("refresh_token"), in the body: it never stands in a URL. */
function exchange(realm: URL, challenge: Challenge, scopes: readonly Scope[], token: string): HttpRequest {
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    client_id: 'fanfold',
    refresh_token: token,
    ...(challenge.parameters['service'] === undefined ? {} : { service: challenge.parameters['service'] }),
    scope: scopes.map(formatScope).join(' '),
  });
  const body = Buffer.from(form.toString());
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': String(body.length) };
  return { method: 'POST', url: realm.href, headers, body };
}

async function parseToken(response: HttpResponse, registry: RegistryHost): Promise<{ token: string; lifeMs: number }> {
  const bytes = await readAtMost(response.body, maxTokenBytes);
  await response.discard();
  const body = parseJson(bytes, `the token for ${registry.host}`);
  const field = (name: string): unknown =>
    typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined;
  const token = [field('token'), field('access_token')].find((value) => typeof value === 'string' && value !== '');
  // A token goes into a header as it is: nothing that could end the header may be in it.
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) {
    throw new FanfoldError('registry.denied', `the token server of ${registry.host} gave no token`, {
      place: { registry: registry.host },
    });
  }
  const life = field('expires_in');
  return { token, lifeMs: typeof life === 'number' && life > 0 ? life * 1000 : defaultLifeMs };
}

function basicHeader(proof: Credentials | undefined): string | undefined {
  if (proof?.kind !== 'basic') return undefined;
  return `Basic ${Buffer.from(`${proof.username}:${proof.password}`).toString('base64')}`;
}

function formatScope(scope: Scope): string {
  return `repository:${scope.repository}:${scope.actions.join(',')}`;
}

function covers(held: readonly Scope[], wanted: readonly Scope[]): boolean {
  return wanted.every(({ repository, actions }) =>
    held.some((scope) => scope.repository === repository && actions.every((action) => scope.actions.includes(action))),
  );
}
