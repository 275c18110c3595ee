// A server of Bearer tokens as distribution's token authentication asks for them, and a registry's configuration for it.

import { createPrivateKey, type KeyObject, sign, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { requirePeer } from './peers.ts';
import { runOk } from './run.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** What differs from a server that gives everybody what they ask for, for five minutes. */
export interface TokenServerOptions {
  /** Who may have more than `anonymous` allows. Without it, everybody may have everything. */
  readonly login?: { readonly username: string; readonly password: string };
  /** Instead of `login`: the actions that credentials give; undefined where they are wrong. */
  readonly allow?: (login: Login) => readonly string[] | undefined;
  /** Actions that a request without credentials is given. `pull` unless told. */
  readonly anonymous?: readonly string[];
  /** Seconds from now to the nth token's end (1 the first). The registry allows 60 seconds more: -120 is refused. */
  readonly lifetimeSeconds?: (nth: number) => number;
}

/** A request for a token. */
export interface TokenRequest {
  readonly method: string;
  readonly scopes: readonly string[];
  readonly service: string | undefined;
  /** Who the credentials were for; undefined without any. */
  readonly username: string | undefined;
  readonly status: number;
}

/** A running token server, ended by `await using`. Give `registryAuth` to startRegistry as `auth`. */
export interface TokenServer extends AsyncDisposable {
  readonly realm: string;
  readonly registryAuth: Readonly<Record<string, unknown>>;
  requests(): readonly TokenRequest[];
  stop(): Promise<void>;
}

interface Signer {
  readonly key: KeyObject;
  readonly certificate: X509Certificate;
}

interface Access {
  readonly type: string;
  readonly name: string;
  readonly actions: readonly string[];
}

const service = 'fanfold-test-registry';
const issuer = 'fanfold-test-issuer';

/** Starts a token server with a key and certificate of its own. */
export async function startTokenServer(options: TokenServerOptions = {}): Promise<TokenServer> {
  const folder = temporaryFolder('token-server');
  const certificateFile = join(folder.path, 'certificate.pem');
  const signer = await makeSigner(folder.path, certificateFile);
  const log: TokenRequest[] = [];
  const server = createServer((request, answer) => {
    answerTokenRequest(request, answer, { options, signer, log }).catch(() => request.socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const realm = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
  const stop = async (): Promise<void> => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
    folder[Symbol.dispose]();
  };
  return {
    realm,
    registryAuth: { token: { realm, service, issuer, rootcertbundle: certificateFile } },
    requests: () => [...log],
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function makeSigner(folder: string, certificateFile: string): Promise<Signer> {
  const keyFile = join(folder, 'key.pem');
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc', '-keyout', keyFile];
  const certificate = ['-out', certificateFile, '-days', '3650', '-subj', '/CN=fanfold-test', '-config', '/dev/null'];
  await runOk(requirePeer('openssl'), ['req', '-x509', ...key, ...certificate]);
  return {
    key: createPrivateKey(readFileSync(keyFile)),
    certificate: new X509Certificate(readFileSync(certificateFile)),
  };
}

interface Desk {
  readonly options: TokenServerOptions;
  readonly signer: Signer;
  readonly log: TokenRequest[];
}

async function answerTokenRequest(request: IncomingMessage, answer: ServerResponse, desk: Desk): Promise<void> {
  const { options, signer, log } = desk;
  const { query, login } = await readTokenRequest(request);
  const scopes = query.getAll('scope').flatMap((scope) => scope.split(' '));
  const allowed = allowedActions(login, options);
  const status = allowed === undefined ? 401 : 200;
  const entry = { method: request.method ?? '', scopes, service: query.get('service') ?? undefined, status };
  log.push({ ...entry, username: login?.username });
  answer.writeHead(status, { 'content-type': 'application/json' });
  if (allowed === undefined) {
    answer.end(JSON.stringify({ errors: [{ code: 'UNAUTHORIZED', message: 'wrong credentials' }] }));
    return;
  }
  const lifetime = options.lifetimeSeconds?.(log.length) ?? 300;
  const access = scopes.flatMap((scope) => accessOf(scope, allowed));
  const token = signToken(access, lifetime, signer);
  answer.end(JSON.stringify({ token, access_token: token, expires_in: Math.max(lifetime, 1) }));
}

/** A client's credentials. */
export interface Login {
  readonly username: string;
  readonly password: string;
}

// GET has Basic credentials and a query; POST (OAuth 2) has both in its form.
async function readTokenRequest(request: IncomingMessage): Promise<{ query: URLSearchParams; login?: Login }> {
  if (request.method === 'POST') {
    let form = '';
    for await (const chunk of request) form += chunk;
    const query = new URLSearchParams(form);
    const [username, password] = [query.get('username'), query.get('password')];
    return username === null || password === null ? { query } : { query, login: { username, password } };
  }
  const query = new URL(request.url ?? '/', 'http://token-server').searchParams;
  const encoded = /^Basic (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
  if (encoded === undefined) return { query };
  const [username = '', ...password] = Buffer.from(encoded, 'base64').toString().split(':');
  return { query, login: { username, password: password.join(':') } };
}

// Undefined: wrong credentials.
function allowedActions(login: Login | undefined, options: TokenServerOptions): readonly string[] | undefined {
  if (options.login === undefined && options.allow === undefined) return ['pull', 'push', 'delete', '*'];
  if (login === undefined) return options.anonymous ?? ['pull'];
  if (options.allow !== undefined) return options.allow(login);
  const isKnown = login.username === options.login?.username && login.password === options.login?.password;
  return isKnown ? ['pull', 'push', 'delete', '*'] : undefined;
}

function accessOf(scope: string, allowed: readonly string[]): readonly Access[] {
  const [, type, name, actions] = /^([^:]+):(.+):([^:]+)$/.exec(scope) ?? [];
  if (type === undefined || name === undefined || actions === undefined) return [];
  return [{ type, name, actions: actions.split(',').filter((action) => allowed.includes(action)) }];
}

// A JSON Web Token signed with ES256, its certificate along (RFC 7515, 4.1.6).
function signToken(access: readonly Access[], lifetimeSeconds: number, { key, certificate }: Signer): string {
  const now = Math.floor(Date.now() / 1000);
  const header = { typ: 'JWT', alg: 'ES256', x5c: [certificate.raw.toString('base64')] };
  const times = { exp: now + lifetimeSeconds, nbf: now - 600, iat: now - 600 };
  const claims = { iss: issuer, sub: 'test', aud: service, ...times, jti: String(process.hrtime.bigint()), access };
  const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  const signature = sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
}
