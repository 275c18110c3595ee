// A destination that fails is dropped and told; staging that fails is an error to the client and to who waits; no tag moves.

import { describe, expect, test } from 'vitest';
import type { Deed } from '../support/fault.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { needs, requirePeer } from '../support/peers.ts';
import { blobsOf, randomImage, writeLayout } from '../support/random-image.ts';
import { startRegistry } from '../support/registry.ts';
import { run } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startDestinations, writesOf } from './destinations.ts';

const image = randomImage('faults', { layers: 2, layerBytes: 3_000_000 });
const always = 10_000;

const deeds: readonly { readonly name: string; readonly deed: Deed }[] = [
  { name: 'answers 401', deed: { kind: 'status', status: 401 } },
  { name: 'answers 403', deed: { kind: 'status', status: 403 } },
  { name: 'answers 404', deed: { kind: 'status', status: 404 } },
  { name: 'answers 429', deed: { kind: 'status', status: 429, headers: { 'retry-after': '0' } } },
  { name: 'answers 500', deed: { kind: 'status', status: 500 } },
  { name: 'closes in the middle of a blob', deed: { kind: 'close-request', afterBytes: 1_000_000 } },
];

describe.runIf(needs('docker-registry', 'skopeo'))('faults', () => {
  const skopeo = async (reference: string) => {
    using folder = temporaryFolder('faults');
    writeLayout(folder.path, image);
    const target = `docker://${reference}:latest`;
    return await run(requirePeer('skopeo'), ['copy', '--dest-tls-verify=false', `oci:${folder.path}:latest`, target]);
  };
  const stalled: Deed = { kind: 'stall' };

  test.for([...deeds, { name: 'stalls', deed: stalled }])(
    'a destination that $name is dropped and told; the push goes through',
    async ({ deed }) => {
      await using staging = await startRegistry();
      await using second = await startRegistry();
      const writing = { path: /uploads/, times: always };
      await using proxy = await startFaultProxy(second.host, [{ match: writing, deed }]);
      await using rig = await startDestinations([staging.host, proxy.host], { lagMs: 1000 });
      const outcome = await skopeo(rig.endpoint.reference);
      expect(outcome.stderr).toBe('');
      const [committed] = await rig.endpoint.finish();
      expect(committed?.pushed.digest).toBe(image.manifest.digest);
      expect([...rig.store.dropped().keys()]).toEqual([proxy.host]);
      const puts = writesOf(await staging.requests()).filter(({ method }) => method === 'PUT');
      expect(puts).toHaveLength(blobsOf(image).length);
      for (const registry of [staging, second]) {
        expect((await registry.requests()).filter(({ path }) => path.endsWith('/manifests/latest'))).toEqual([]);
      }
    },
  );

  test.for(deeds)('staging that $name: an error to both, and no tag anywhere', async ({ name, deed }) => {
    await using staging = await startRegistry();
    await using second = await startRegistry();
    const writing = { path: name.includes('blob') ? /uploads/ : /v2/, times: always };
    await using proxy = await startFaultProxy(staging.host, [{ match: writing, deed }]);
    await using rig = await startDestinations([proxy.host, second.host], { tags: true });
    const reply = await rig.client.push(image, 'latest');
    expect([403, 503]).toContain(reply.status);
    expect(reply.body.toString()).toContain(proxy.host);
    expect((await skopeo(rig.endpoint.reference)).status).not.toBe(0);
    await expect(rig.endpoint.finish()).rejects.toThrow(proxy.host);
    for (const registry of [staging, second]) {
      const tagged = writesOf(await registry.requests()).filter(({ path }) => path.endsWith('/manifests/latest'));
      expect(tagged).toEqual([]);
    }
  });

  test('staging that fails once is tried again, and the client notices nothing', async () => {
    await using staging = await startRegistry();
    const cut: Deed = { kind: 'close-request', afterBytes: 1_000_000 };
    const once = { match: { method: 'PATCH' }, deed: cut };
    await using proxy = await startFaultProxy(staging.host, [once]);
    await using rig = await startDestinations([proxy.host], { tags: true });
    expect((await skopeo(rig.endpoint.reference)).stderr).toBe('');
    expect(await rig.endpoint.finish()).toHaveLength(1);
    expect(proxy.hits(once)).toBe(1);
  });
});
