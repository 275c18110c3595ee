/** Content that was left unasked is found missing by the index itself, or asked for where a registry takes any index. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startFaultProxy } from '../../test/support/fault-proxy.ts';
import { needs } from '../../test/support/peers.ts';
import { impatientStores, openWith, stagedTarget } from '../../test/support/publication.ts';
import { type LoggedRequest, type Registry, startRegistry } from '../../test/support/registry.ts';
import { missingBelow, namedDigest } from '../../test/support/whole.ts';
import { publishTarget } from './reconcile.ts';

const isBlobRead = ({ method, path, status }: LoggedRequest): boolean =>
  method === 'GET' && path.includes('/blobs/') && status === 200;

describe.runIf(needs('docker-registry'))('content that was left unasked', () => {
  let registries: readonly Registry[] = [];
  beforeAll(async () => {
    registries = await Promise.all([startRegistry(), startRegistry(), startRegistry()]);
  });
  afterAll(async () => {
    await Promise.all(registries.map((registry) => registry.stop()));
  });

  test('is brought to all that refuse the index, each byte read once', async () => {
    const [staging, ...destinations] = registries.map(({ host }) => `${host}/read-once`);
    const desired = await stagedTarget(impatientStores(), staging ?? '', destinations);
    const before = (await registries[0]?.requests())?.length ?? 0;
    const { destinations: outcomes } = await publishTarget(desired, openWith(impatientStores()));
    const read =
      (await registries[0]?.requests())
        ?.slice(before)
        .filter(isBlobRead)
        .map(({ path }) => path) ?? [];
    expect(read.length).toBeGreaterThan(0);
    expect(new Set(read).size).toBe(read.length);
    for (const { changes } of outcomes)
      expect(changes.map(({ kind }) => kind)).toEqual(['content', 'content', 'index', 'tag']);
    for (const { host } of registries.slice(1)) {
      expect(await namedDigest(host, 'read-once', 'latest')).toBe(desired.merged.descriptor.digest);
      expect(await missingBelow(host, 'read-once', 'latest')).toEqual([]);
    }
  });

  test('is asked for where the registry takes an index of what it lacks', async () => {
    const [staging, one] = registries.map(({ host }) => `${host}/sparse`);
    const taken = { match: { method: 'PUT' }, deed: { kind: 'status', status: 201 } } as const;
    const proxy = await startFaultProxy(registries[1]?.host ?? '', [taken]);
    try {
      const desired = await stagedTarget(impatientStores(), staging ?? '', [one?.replace(/^[^/]*/, proxy.host) ?? '']);
      await publishTarget(desired, openWith(impatientStores()));
      expect(proxy.hits(taken)).toBe(1);
      const own =
        (await registries[1]?.requests())?.filter(({ path }) => path.startsWith('/v2/sparse/manifests/')) ?? [];
      const tried = desired.legs.map(({ manifest }) => own.findIndex(({ path }) => path.endsWith(manifest.digest)));
      expect(tried.every((place) => own[place]?.method === 'HEAD' && own[place]?.status === 404)).toBe(true);
      expect(await missingBelow(registries[1]?.host ?? '', 'sparse', 'latest')).toEqual([]);
    } finally {
      await proxy.stop();
    }
  });

  test('is not trusted to tags: where they are right all is asked for, and healed', async () => {
    const [staging, one] = registries.map(({ host }) => `${host}/healed`);
    const desired = await stagedTarget(impatientStores(), staging ?? '', [one ?? '']);
    await publishTarget(desired, openWith(impatientStores()));
    const lost = desired.legs[0]?.manifest.digest ?? '';
    const gone = await fetch(`http://${registries[1]?.host}/v2/healed/manifests/${lost}`, { method: 'DELETE' });
    expect(gone.status).toBe(202);
    expect(await missingBelow(registries[1]?.host ?? '', 'healed', 'latest')).not.toEqual([]);
    await publishTarget(desired, openWith(impatientStores()));
    expect(await missingBelow(registries[1]?.host ?? '', 'healed', 'latest')).toEqual([]);
  });
});
