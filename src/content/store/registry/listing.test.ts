/** Pages of tags and referrers, and registries whose referrers API is not what it seems. */

import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { needs } from '../../../../test/support/peers.ts';
import { startRegistry } from '../../../../test/support/registry.ts';
import { nodeHost } from '../../../base/host/host.ts';
import { describe as describeBytes } from '../../oci/descriptor.ts';
import { makeIndex, serializeManifest } from '../../oci/manifest.ts';
import { ociTypes } from '../../oci/media-types.ts';
import { writeBytes } from '../copy.ts';
import { type OpenedStore, openStores } from '../open.ts';
import { writeImage } from '../store.contract.ts';
import { nextPage } from './tags.ts';

const page = (link: string) => nextPage({ headers: { link }, url: 'https://r.example.com/v2/a/tags/list?n=2' });

test.for([
  { link: '</v2/a/tags/list?n=2&last=b>; rel="next"', want: 'https://r.example.com/v2/a/tags/list?n=2&last=b' },
  {
    link: '<https://r.example.com/v2/a/tags/list?last=b>; rel=next',
    want: 'https://r.example.com/v2/a/tags/list?last=b',
  },
  { link: '<x>; rel="prev", </y>; title="z"; rel="next"', want: 'https://r.example.com/y' },
  { link: '<?last=c>;rel="next"', want: 'https://r.example.com/v2/a/tags/list?last=c' },
  { link: '</v2/a/tags/list?n=2>; rel="next"', want: undefined },
  { link: '<x>; rel="first"', want: undefined },
  { link: 'nonsense', want: undefined },
])('the page after $link', ({ link, want }) => {
  expect(page(link)).toBe(want);
});

/** A registry of one repository in memory, whose referrers API behaves as told. */
async function startApi(api: 'real' | 'always empty' | 'refuses' | 'HTML') {
  const manifests = new Map<string, Buffer>();
  const log: string[] = [];
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const { method, url = '' } = request;
      log.push(`${method} ${url}`);
      const name = decodeURIComponent(url.split('/').at(-1) ?? '');
      const body = manifests.get(name);
      if (url.includes('/referrers/')) {
        if (api === 'refuses') return response.writeHead(404).end();
        if (api === 'HTML') return response.writeHead(200, { 'content-type': 'text/html' }).end('<html>');
        const found = api === 'real' ? [...new Set(manifests.values())].filter((one) => one.includes('"subject"')) : [];
        const list = makeIndex(found.map((one) => describeBytes(ociTypes.manifest, one)));
        return response.writeHead(200, { 'content-type': ociTypes.index }).end(serializeManifest(list));
      }
      if (method === 'PUT') {
        const bytes = Buffer.concat(pieces);
        for (const key of [name, describeBytes('', bytes).digest]) manifests.set(key, bytes);
        return response.writeHead(201, { 'oci-subject': 'sha256:whatever' }).end();
      }
      if (!url.includes('/manifests/')) return response.writeHead(200).end();
      if (body === undefined) return response.writeHead(404).end();
      const type = body.includes('"manifests"') ? ociTypes.index : ociTypes.manifest;
      return response.writeHead(200, { 'content-type': type, 'content-length': body.length }).end(body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = nodeHost();
  const at = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const store = await openStores(host).open({ kind: 'registry', host: at, repository: 'a' });
  return {
    store,
    log,
    async [Symbol.asyncDispose]() {
      await host.http.close();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function attach(store: OpenedStore, name: string, subject: Awaited<ReturnType<typeof writeImage>>) {
  const config = describeBytes(ociTypes.empty, Buffer.from('{}'));
  const manifest = { kind: 'manifest', mediaType: ociTypes.manifest, config, layers: [config], subject } as const;
  return await writeBytes(store, ociTypes.manifest, serializeManifest({ ...manifest, annotations: { name } }));
}

describe('referrers', () => {
  test.for([
    { api: 'real', tagWrites: 0 },
    { api: 'always empty', tagWrites: 2 },
    { api: 'refuses', tagWrites: 2 },
    { api: 'HTML', tagWrites: 2 },
  ] as const)('of an API that is $api are found, with $tagWrites writes of the tag', async ({ api, tagWrites }) => {
    await using server = await startApi(api);
    const { store, log } = server;
    const subject = await writeImage(store, 'subject');
    const made = [await attach(store, 'one', subject), await attach(store, 'two', subject)];
    const found = await store.referrers(subject.digest);
    expect(found.map(({ digest }) => digest).sort()).toEqual(made.map(({ digest }) => digest).sort());
    const writes = log.filter((line) => line.startsWith('PUT') && line.includes(`/manifests/sha256-`));
    expect(writes).toHaveLength(tagWrites);
  });
});

describe.runIf(needs('docker-registry'))('a real registry', () => {
  test('lists no tags of what is not there, and all of what is, over many pages', async () => {
    await using registry = await startRegistry();
    const host = nodeHost();
    const store = await openStores(host).open({ kind: 'registry', host: registry.host, repository: 'acme/tags' });
    const list = async () => {
      const tags: string[] = [];
      for await (const tag of store.tags()) tags.push(tag);
      return tags;
    };
    expect(await list()).toEqual([]);
    const image = await writeImage(store, 'tags');
    // Tags as the registry's storage has them: a thousand requests would tell no more.
    const names = Array.from({ length: 2100 }, (_, place) => `v${place}`);
    const tags = join(registry.storageFolder, 'docker/registry/v2/repositories/acme/tags/_manifests/tags');
    for (const name of names) {
      mkdirSync(join(tags, name, 'current'), { recursive: true });
      writeFileSync(join(tags, name, 'current', 'link'), image.digest);
    }
    expect((await store.resolve('v2099'))?.digest).toBe(image.digest);
    expect(await list()).toEqual([...names].sort());
    await host.http.close();
  });
});
