// Tags move last: a run that dies at any point leaves every tag on whole content, and the next publication completes it forward.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { publishTarget } from '../../src/publish/reconcile.ts';
import type { Fault } from '../support/fault.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { needs } from '../support/peers.ts';
import { impatientStores, openWith, stagedTarget } from '../support/publication.ts';
import { type Registry, startRegistry } from '../support/registry.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { missingBelow, namedDigest } from '../support/whole.ts';

/** One platform, so that there are few requests, and every one of them can be the last. */
const platforms = ['linux/amd64'];

describe.runIf(needs('docker-registry'))('tags move last', () => {
  let registries: readonly [Registry, Registry];
  const folder = temporaryFolder('tags-last');
  const staging = `oci:${folder.path}/staging`;
  beforeAll(async () => {
    registries = [await startRegistry(), await startRegistry()];
  });
  afterAll(async () => {
    await Promise.all(registries.map((registry) => registry.stop()));
    folder[Symbol.dispose]();
  });

  /** Publishes v1, then v2 through proxies of which one breaks every connection from its nth request on. */
  async function publishAndDie(
    repository: string,
    breaking: number,
    nth: number,
  ): Promise<{ old: string; wanted: string; died: boolean }> {
    const hosts = registries.map(({ host }) => host);
    const stores = impatientStores();
    const first = await stagedTarget(
      stores,
      staging,
      hosts.map((host) => `${host}/${repository}`),
      { platforms },
    );
    await publishTarget(first, openWith(stores));
    const fault: Fault = { match: { nth, times: 1_000_000 }, deed: { kind: 'close-request', afterBytes: 0 } };
    const proxies = await Promise.all(
      hosts.map((host, place) => startFaultProxy(host, place === breaking ? [fault] : [])),
    );
    const dying = impatientStores();
    const second = await stagedTarget(
      dying,
      staging,
      proxies.map(({ host }) => `${host}/${repository}`),
      { seed: 'v2', platforms },
    );
    const died = await publishTarget(second, openWith(dying)).then(
      () => false,
      () => true,
    );
    await Promise.all(proxies.map((proxy) => proxy.stop()));
    return { old: first.merged.descriptor.digest, wanted: second.merged.descriptor.digest, died };
  }

  async function tagsNow(repository: string): Promise<readonly (string | undefined)[]> {
    return await Promise.all(registries.map(({ host }) => namedDigest(host, repository, 'latest')));
  }

  test.for([0, 1])('whichever request is the last that registry %i answers', async (breaking) => {
    let deaths = 0;
    for (let nth = 1; ; nth++) {
      const repository = `r${breaking}/n${nth}`;
      const { old, wanted, died } = await publishAndDie(repository, breaking, nth);
      const tags = await tagsNow(repository);
      for (const tag of tags) expect([old, wanted]).toContain(tag);
      // A tag may have moved only where everything is everywhere.
      const moved = tags.some((tag) => tag === wanted);
      for (const { host } of registries) {
        expect(await missingBelow(host, repository, 'latest')).toEqual([]);
        if (moved) expect(await missingBelow(host, repository, wanted)).toEqual([]);
      }
      if (!died) break;
      deaths++;
      const stores = impatientStores();
      const again = await stagedTarget(
        stores,
        staging,
        registries.map(({ host }) => `${host}/${repository}`),
        { seed: 'v2', platforms },
      );
      await publishTarget(again, openWith(stores));
      expect(await tagsNow(repository)).toEqual([wanted, wanted]);
    }
    expect(deaths).toBeGreaterThan(10);
  });

  test('a destination that is not required falls behind alone, and is healed', async () => {
    const [good, bad] = registries.map(({ host }) => host) as [string, string];
    const fault: Fault = { match: { method: 'PUT', times: 1_000_000 }, deed: { kind: 'status', status: 500 } };
    await using proxy = await startFaultProxy(bad, [fault]);
    const stores = impatientStores();
    const desired = await stagedTarget(stores, staging, [`${good}/behind`], { optional: [`${proxy.host}/behind`] });
    const { destinations } = await publishTarget(desired, openWith(stores));
    expect(destinations.map(({ problem }) => problem === undefined)).toEqual([true, false]);
    expect(await namedDigest(good, 'behind', 'latest')).toBe(desired.merged.descriptor.digest);
    expect(await namedDigest(bad, 'behind', 'latest')).toBeUndefined();
    const healed = await stagedTarget(stores, staging, [`${good}/behind`], { optional: [`${bad}/behind`] });
    await publishTarget(healed, openWith(stores));
    expect(await missingBelow(bad, 'behind', 'latest')).toEqual([]);
  });
});
