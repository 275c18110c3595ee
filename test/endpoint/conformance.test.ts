// The official conformance suite of the distribution specification, against an endpoint.

import { describe, expect, test } from 'vitest';
import { nodeHost } from '../../src/base/host/host.ts';
import { startEndpoint } from '../../src/content/endpoint/endpoint.ts';
import { parseLocation } from '../../src/content/oci/reference.ts';
import { memoryStore } from '../../src/content/store/memory.ts';
import { openStores } from '../../src/content/store/open.ts';
import type { Store, Uploads } from '../../src/content/store/store.ts';
import { type ConformanceResult, runConformance } from '../support/conformance.ts';
import { needs } from '../support/peers.ts';
import { startRegistry } from '../support/registry.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** What the endpoint does not offer: it deletes nothing. */
const notOffered = {
  OCI_API_BLOBS_DELETE: 'false',
  OCI_API_MANIFESTS_DELETE: 'false',
  OCI_API_TAGS_DELETE: 'false',
};

async function conformance(store: Store & Uploads, settings: Record<string, string> = {}): Promise<ConformanceResult> {
  const host = nodeHost();
  const other = (): Store & Uploads => store;
  await using endpoint = await startEndpoint({ store, name: 'conformance', random: host.random, tags: true, other });
  const result = await runConformance(endpoint.host, {
    ...notOffered,
    OCI_API_BLOBS_UPLOAD_CANCEL: 'true',
    OCI_API_MANIFESTS_TAG_PARAM: 'true',
    OCI_REPO1: endpoint.repository,
    OCI_REPO2: endpoint.otherReference('beside').slice(endpoint.host.length + 1),
    ...settings,
  });
  await endpoint.finish();
  await host.http.close();
  return result;
}

describe.runIf(needs('conformance'))('push, pull, content discovery', { timeout: 180_000 }, () => {
  test('before a memory store', async () => {
    const result = await conformance(memoryStore(1024 * 1024 * 1024));
    expect(result.failed, result.summary).toEqual([]);
    expect(result.passed.length).toBeGreaterThan(100);
  });

  test('before a layout', async () => {
    using folder = temporaryFolder('conformance-layout');
    const store = await openStores(nodeHost()).open(parseLocation(`oci:${folder.path}/layout`));
    const result = await conformance(store);
    expect(result.failed, result.summary).toEqual([]);
  });

  test.runIf(needs('docker-registry'))('before a real registry', async () => {
    await using registry = await startRegistry();
    const store = await openStores(nodeHost()).open(parseLocation(`${registry.host}/conformance`));
    // The registry behind it, of 2.8, knows sha256 alone, and answers 500 to layers that are kept elsewhere.
    const result = await conformance(store, { OCI_DATA_SHA512: 'false', OCI_DATA_NONDISTRIBUTABLE: 'false' });
    expect(result.failed, result.summary).toEqual([]);
  });
});
