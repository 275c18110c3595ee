// Nothing is lost to a registry's garbage collection: the key tag holds it in staging, publication heals the rest.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseLocation } from '../../src/content/oci/reference.ts';
import { findRecord } from '../../src/ledger/staging.ts';
import { publishTarget } from '../../src/publish/reconcile.ts';
import { environmentForPeers, needs, requirePeer } from '../support/peers.ts';
import { impatientStores, openWith, stagedTarget } from '../support/publication.ts';
import { startRegistry } from '../support/registry.ts';
import { runOk } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { missingBelow, namedDigest } from '../support/whole.ts';

/** distribution 2.8 offline: it deletes the untagged children of a tagged index. */
async function collectGarbage(storageFolder: string): Promise<void> {
  using folder = temporaryFolder('collect');
  const config = join(folder.path, 'config.yml');
  writeFileSync(config, JSON.stringify({ version: '0.1', storage: { filesystem: { rootdirectory: storageFolder } } }));
  await runOk(requirePeer('docker-registry'), ['garbage-collect', '--delete-untagged', config], {
    env: environmentForPeers(),
  });
}

describe.runIf(needs('docker-registry'))("nothing is lost to a registry's garbage collection", () => {
  test('staging keeps what it holds, and a publication brings back what a destination lost', async () => {
    using storage = temporaryFolder('storage');
    const first = await startRegistry({ storageFolder: storage.path });
    const staging = `${first.host}/app-staging`;
    const destination = `${first.host}/app`;
    const before = impatientStores();
    const desired = await stagedTarget(before, staging, [destination]);
    await publishTarget(desired, openWith(before));
    expect(await missingBelow(first.host, 'app', 'latest')).toEqual([]);
    await first.stop();

    await collectGarbage(storage.path);
    await using registry = await startRegistry({ storageFolder: storage.path, port: first.port });
    // The failure first: the tagged index is there, its children are not.
    expect(await namedDigest(registry.host, 'app', 'latest')).toBe(desired.merged.descriptor.digest);
    expect((await missingBelow(registry.host, 'app', 'latest')).length).toBeGreaterThan(0);

    const stores = impatientStores();
    const store = await stores.open(parseLocation(staging));
    for (const record of desired.legs) {
      expect(await findRecord(store, record.key)).toEqual(record);
      expect(await missingBelow(registry.host, 'app-staging', record.manifest.digest)).toEqual([]);
    }
    await publishTarget(desired, openWith(stores));
    expect(await missingBelow(registry.host, 'app', 'latest')).toEqual([]);
    expect(await namedDigest(registry.host, 'app', 'latest')).toBe(desired.merged.descriptor.digest);
  });
});
