/** What a registry makes of an index whose manifests it lacks: asked once, and believed only where it refuses by name. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Deed } from '../../../../test/support/fault.ts';
import { startFaultProxy } from '../../../../test/support/fault-proxy.ts';
import { needs } from '../../../../test/support/peers.ts';
import { type Registry, startRegistry } from '../../../../test/support/registry.ts';
import { type Host, nodeHost } from '../../../base/host/host.ts';
import { parsePlatform } from '../../oci/platform.ts';
import { openStores } from '../open.ts';
import { type ChildChecks, tellsChildChecks } from '../store.ts';

const amd64 = parsePlatform('linux/amd64');
const arm64 = parsePlatform('linux/arm64');

describe.runIf(needs('docker-registry'))('an index whose manifests are not there', () => {
  let registry: Registry;
  let host: Host;
  beforeAll(async () => {
    registry = await startRegistry();
    host = nodeHost();
  });
  afterAll(async () => {
    await host.http.close();
    await registry.stop();
  });

  const openAt = async (at: string, repositories: readonly string[]): Promise<readonly ChildChecks[]> => {
    const stores = openStores(host, { budget: { maxTries: 2, maxWaitMs: 100, backoff: { firstMs: 1, maxMs: 2 } } });
    const opened = await Promise.all(
      repositories.map((repository) => stores.open({ kind: 'registry', host: at, repository })),
    );
    return opened.map((store) => {
      if (!tellsChildChecks(store)) throw new Error('a repository tells what it checks');
      return store;
    });
  };

  test('is refused by a real registry, which keeps nothing of it, and is asked once for each platform and account', async () => {
    const [one, two, other] = await openAt(registry.host, ['acme/one', 'acme/two', 'other/one']);
    const answers = [one?.checksChildren([amd64, arm64]), two?.checksChildren([arm64]), other?.checksChildren([amd64])];
    expect(await Promise.all(answers)).toEqual([true, true, true]);
    const requests = (await registry.requests()).map(({ method, path, status }) => ({ method, path, status }));
    const asked = requests.filter(({ method }) => method === 'PUT');
    expect(asked.map(({ status }) => status)).toEqual([400, 400, 400]);
    expect(asked.map(({ path }) => path.split('/manifests/')[0]).sort()).toEqual([
      '/v2/acme/one',
      '/v2/acme/one',
      '/v2/other/one',
    ]);
  });

  const answers: readonly { readonly name: string; readonly deed: Deed }[] = [
    { name: 'taken', deed: { kind: 'status', status: 201 } },
    { name: 'refused for want of a right', deed: { kind: 'status', status: 403 } },
    {
      name: 'refused for another reason',
      deed: { kind: 'status', status: 400, body: '{"errors":[{"code":"MANIFEST_INVALID"}]}' },
    },
    { name: 'answered with a failure', deed: { kind: 'status', status: 500 } },
    { name: 'not answered', deed: { kind: 'close-request', afterBytes: 0 } },
  ];
  test.for(answers)('is not counted on where it is $name', async ({ deed }) => {
    const proxy = await startFaultProxy(registry.host, [{ match: { method: 'PUT', times: 9 }, deed }]);
    try {
      const [store] = await openAt(proxy.host, ['acme/one']);
      expect(await store?.checksChildren([amd64])).toBe(false);
    } finally {
      await proxy.stop();
    }
  });

  test('is not counted on where one platform of two is taken', async () => {
    const taken = { match: { method: 'PUT', nth: 2 }, deed: { kind: 'status', status: 201 } } as const;
    const proxy = await startFaultProxy(registry.host, [taken]);
    try {
      const [store] = await openAt(proxy.host, ['acme/one']);
      expect(await store?.checksChildren([amd64])).toBe(true);
      expect(await store?.checksChildren([amd64, arm64])).toBe(false);
    } finally {
      await proxy.stop();
    }
  });
});
