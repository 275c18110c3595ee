/** Tokens and passwords, judged by a real registry and by what each server was sent. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { startFaultProxy } from '../../../../test/support/fault-proxy.ts';
import { needs } from '../../../../test/support/peers.ts';
import { startRegistry } from '../../../../test/support/registry.ts';
import { startTokenServer } from '../../../../test/support/token-server.ts';
import { loginsVariable } from '../../../base/host/exec.ts';
import { type Host, nodeHost } from '../../../base/host/host.ts';
import { digestOf } from '../../oci/digest.ts';
import { ociTypes } from '../../oci/media-types.ts';
import { copyGraph, readBytes } from '../copy.ts';
import { openStores } from '../open.ts';
import { blob, inPieces, writeImage } from '../store.contract.ts';

interface Login {
  readonly username: string;
  readonly password: string;
}
const ada: Login = { username: 'ada', password: 'a-secret' };

/** A host whose only credentials are the given ones. */
function hostWith(logins: Readonly<Record<string, Login>>): Host & AsyncDisposable {
  const host = nodeHost();
  const env = { HOME: '/nonexistent', [loginsVariable]: JSON.stringify(logins) };
  return { ...host, env, [Symbol.asyncDispose]: () => host.http.close() };
}

const at = (host: string, repository = 'acme/api') => ({ kind: 'registry', host, repository }) as const;

describe.runIf(needs('docker-registry', 'openssl'))('a registry with a token server', () => {
  test('gives push to who logs in, and pull to everybody', async () => {
    await using tokens = await startTokenServer({ login: ada });
    await using registry = await startRegistry({ auth: tokens.registryAuth });
    await using known = hostWith({ [registry.host]: ada });
    const image = await writeImage(await openStores(known).open(at(registry.host)), 'tokens');
    await using anonymous = hostWith({});
    const reader = await openStores(anonymous).open(at(registry.host));
    expect(await reader.has(image)).toBe(true);
    await expect(writeImage(reader, 'not allowed')).rejects.toMatchObject({ code: 'registry.denied' });
    await using wrong = hostWith({ [registry.host]: { ...ada, password: 'wrong' } });
    const refused = (await openStores(wrong).open(at(registry.host))).has(image);
    await expect(refused).rejects.toMatchObject({
      code: 'registry.denied',
      hint: expect.stringContaining('docker login'),
    });
  });

  test('is asked for one token to a right, not for one to a request', async () => {
    await using tokens = await startTokenServer({ login: ada });
    await using registry = await startRegistry({ auth: tokens.registryAuth });
    await using host = hostWith({ [registry.host]: ada });
    const store = await openStores(host).open(at(registry.host));
    await Promise.all([1, 2, 3, 4, 5].map((seed) => writeImage(store, `token ${seed}`)));
    expect(tokens.requests().map(({ scopes }) => scopes)).toEqual([
      ['repository:acme/api:pull'],
      ['repository:acme/api:pull,push'],
    ]);
  });

  test('renews a token that ends in the middle of work', async () => {
    await using tokens = await startTokenServer({ lifetimeSeconds: (nth) => (nth % 2 === 1 ? -120 : 300) });
    await using registry = await startRegistry({ auth: tokens.registryAuth });
    await using host = hostWith({});
    const store = await openStores(host).open(at(registry.host));
    const image = await writeImage(store, 'renewed');
    expect(await store.has(image)).toBe(true);
  });

  test('a large blob whose PUT is refused once goes on with a new token', async () => {
    await using tokens = await startTokenServer();
    await using registry = await startRegistry({ auth: tokens.registryAuth });
    const challenge = `Bearer realm="${tokens.realm}",service="fanfold-test-registry",scope="repository:acme/api:pull,push"`;
    const fault = {
      match: { method: 'PUT', path: /uploads/ },
      deed: { kind: 'status', status: 401, headers: { 'www-authenticate': challenge } },
    } as const;
    await using proxy = await startFaultProxy(registry.host, [fault]);
    await using host = hostWith({});
    const store = await openStores(host).open(at(proxy.host));
    const { content, bytes } = blob('renewed in the middle', 3_000_000);
    await store.write(content, inPieces(bytes, 65_536));
    expect(proxy.hits(fault)).toBe(1);
    expect(digestOf(await readBytes(store, content, 3_000_000))).toBe(content.digest);
  });

  test('mounts from a neighbour, with the right to read it, and copies where that is refused', async () => {
    await using tokens = await startTokenServer({ login: ada });
    await using registry = await startRegistry({ auth: tokens.registryAuth });
    await using host = hostWith({ [registry.host]: ada });
    const stores = openStores(host);
    const [from, to] = [await stores.open(at(registry.host)), await stores.open(at(registry.host, 'acme/other'))];
    const image = await writeImage(from, 'mounted');
    const kinds: string[] = [];
    await copyGraph(from, to, image, { on: ({ kind }) => kinds.push(kind) });
    expect(kinds.sort()).toEqual(['copied', 'mounted', 'mounted']);
    expect(tokens.requests().at(-1)?.scopes).toContain('repository:acme/api:pull');
    expect(await to.has(image)).toBe(true);
    const { content, bytes } = blob('not mounted', 1000);
    expect(await to.mount(content, 'acme/nothing')).toBe(false);
    await to.write(content, inPieces(bytes, 1000));
    expect(await to.has(content)).toBe(true);
    const uploads = (await registry.requests()).filter(
      ({ method, path }) => method === 'POST' && path.includes('acme/other'),
    );
    // The upload that the refused mount opened is the one that was used.
    expect(uploads.map(({ status }) => status).sort()).toEqual([201, 201, 202]);
  });
});

describe.runIf(needs('docker-registry'))('a registry with a password', () => {
  test('takes it, and refuses another at once', async () => {
    await using registry = await startRegistry({ login: ada });
    await using host = hostWith({ [registry.host]: ada });
    const store = await openStores(host).open(at(registry.host));
    const image = await writeImage(store, 'basic');
    expect(await store.has(image)).toBe(true);
    const before = (await registry.requests()).length;
    await using wrong = hostWith({ [registry.host]: { ...ada, password: 'wrong' } });
    const refused = (await openStores(wrong).open(at(registry.host))).has(image);
    await expect(refused).rejects.toMatchObject({ code: 'registry.denied', status: 401 });
    await using none = hostWith({ 'other.example.com': ada });
    await expect((await openStores(none).open(at(registry.host))).has(image)).rejects.toMatchObject({ status: 401 });
    expect((await registry.requests()).length - before).toBeLessThanOrEqual(6);
  });
});

/** A server for what a real registry cannot be made to show. */
async function serve(listener: RequestListener) {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    request.resume();
    listener(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const credentialsSeen = (requests: readonly IncomingMessage[]): readonly unknown[] =>
  requests.map(({ headers }) => headers.authorization).filter((header) => header !== undefined);

describe('credentials', () => {
  const { content, bytes } = blob('elsewhere', 5000);
  const wantPassword: (request: IncomingMessage) => boolean = ({ headers }) => headers.authorization === undefined;

  test('do not follow a redirect to another host, also not back through it', async () => {
    await using storage = await serve((_, response) => response.end(bytes));
    await using registry = await serve((request, response) => {
      if (wantPassword(request)) return response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end();
      return response.writeHead(307, { location: `http://${storage.host}/signed?X-Amz-Signature=secret` }).end();
    });
    await using host = hostWith({ [registry.host]: ada });
    const store = await openStores(host).open(at(registry.host));
    expect(digestOf(await readBytes(store, content, 5000))).toBe(content.digest);
    expect(storage.seen).toHaveLength(1);
    expect(credentialsSeen(storage.seen)).toEqual([]);
    expect(credentialsSeen(registry.seen)).toHaveLength(1);
  });

  test('do not go where a registry says that an upload goes on', async () => {
    await using storage = await serve((_, response) => response.writeHead(201).end());
    await using registry = await serve((request, response) => {
      if (wantPassword(request)) return response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end();
      if (request.method === 'HEAD') return response.writeHead(404).end();
      return response.writeHead(202, { location: `http://${storage.host}/upload?part=1` }).end();
    });
    await using host = hostWith({ [registry.host]: ada });
    const store = await openStores(host).open(at(registry.host));
    await store.write(content, inPieces(bytes, 5000));
    expect(storage.seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
      `PUT /upload?part=1&digest=${encodeURIComponent(content.digest)}`,
    ]);
    expect(credentialsSeen(storage.seen)).toEqual([]);
  });

  test('do not go to a token server on another host without https', async () => {
    await using registry = await serve((_, response) =>
      response
        .writeHead(401, { 'www-authenticate': 'Bearer realm="http://tokens.example.com/token",service="s"' })
        .end(),
    );
    await using host = hostWith({ [registry.host]: ada });
    const store = await openStores(host).open(at(registry.host));
    await expect(store.has(content)).rejects.toMatchObject({ code: 'registry.denied' });
  });

  test('an identity token is exchanged in the body of a request, never in a URL', async () => {
    let form = '';
    await using tokens = await serve((request, response) => {
      request.on('data', (piece) => {
        form += piece;
      });
      request.on('end', () => response.end('{"access_token":"short-token","expires_in":300}'));
    });
    await using registry = await serve((request, response) => {
      if (request.headers.authorization === 'Bearer short-token') return response.writeHead(200).end();
      const challenge = `Bearer realm="http://${tokens.host}/oauth2/token",service="s"`;
      return response.writeHead(401, { 'www-authenticate': challenge }).end();
    });
    const host = {
      ...nodeHost(),
      env: { [loginsVariable]: JSON.stringify({ [registry.host]: { identitytoken: 'long-token' } }) },
    };
    const store = await openStores(host).open(at(registry.host));
    expect(await store.has(content)).toBe(true);
    expect(Object.fromEntries(new URLSearchParams(form))).toMatchObject({
      grant_type: 'refresh_token',
      refresh_token: 'long-token',
      scope: 'repository:acme/api:pull',
    });
    expect(tokens.seen.map(({ method, url }) => `${method} ${url}`)).toEqual(['POST /oauth2/token']);
    expect(host.secrets.redact('Bearer short-token, long-token')).toBe('Bearer ***, ***');
    await host.http.close();
  });

  test('a registry that sends round in circles is left', async () => {
    await using registry = await serve((request, response) =>
      response.writeHead(307, { location: `${request.url}x` }).end(),
    );
    await using host = hostWith({});
    const store = await openStores(host).open(at(registry.host));
    await expect(readBytes(store, content, 5000)).rejects.toMatchObject({ code: 'registry.invalid' });
    expect(registry.seen).toHaveLength(6);
  });

  test('a token that would end the header is not used', async () => {
    await using registry = await serve((request, response) => {
      if (request.url?.startsWith('/token')) return response.end(JSON.stringify({ token: 'a\r\nx-evil: 1' }));
      const challenge = `Bearer realm="http://${request.headers.host}/token"`;
      return response.writeHead(401, { 'www-authenticate': challenge }).end();
    });
    await using host = hostWith({});
    const store = await openStores(host).open(at(registry.host));
    await expect(store.has(content)).rejects.toMatchObject({ code: 'registry.denied' });
  });

  test('relative Locations, a 202 to the last PUT and manifests without a digest header are understood', async () => {
    const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: ociTypes.index, manifests: [] }));
    await using registry = await serve((request, response) => {
      if (request.method === 'HEAD') return response.writeHead(request.url?.includes('manifests') ? 200 : 404).end();
      if (request.method === 'GET')
        return response.writeHead(200, { 'content-type': `${ociTypes.index}; charset=utf-8` }).end(manifest);
      if (request.method === 'POST') return response.writeHead(202, { location: '../uploads/1' }).end();
      return response.writeHead(202).end();
    });
    await using host = hostWith({});
    const store = await openStores(host).open(at(registry.host));
    await store.write(content, inPieces(bytes, 5000));
    expect(registry.seen.at(-1)?.url).toMatch(/^\/v2\/acme\/api\/blobs\/uploads\/1\?digest=/);
    expect(await store.resolve('latest')).toEqual({
      mediaType: ociTypes.index,
      digest: digestOf(manifest),
      size: manifest.length,
    });
    expect(registry.seen.at(-1)?.headers.accept?.split(', ')).toHaveLength(4);
  });

  test('bytes that are not what was asked for are refused', async () => {
    await using registry = await serve((request, response) => {
      const types = { 'content-type': ociTypes.manifest, 'docker-content-digest': content.digest };
      return response.writeHead(200, request.url?.includes('manifests') ? types : {}).end(bytes.subarray(1));
    });
    await using host = hostWith({});
    const store = await openStores(host).open(at(registry.host));
    await expect(readBytes(store, content, 5000)).rejects.toMatchObject({ code: 'content.size' });
    const sameSize = { ...content, size: 4999 };
    await expect(readBytes(store, sameSize, 5000)).rejects.toMatchObject({ code: 'content.digest' });
    const asManifest = { ...sameSize, mediaType: ociTypes.manifest };
    await expect(readBytes(store, asManifest, 5000)).rejects.toMatchObject({ code: 'content.digest' });
  });
});
