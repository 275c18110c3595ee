// The suite tells a registry that does what the specification says from one that does not.

import { describe, expect, test } from 'vitest';
import { runConformance } from './conformance.ts';
import { startFaultProxy } from './fault-proxy.ts';
import { needs } from './peers.ts';
import { startRegistry } from './registry.ts';

const settings = { OCI_FILTER_TEST: 'OCI Conformance Test/image' };

describe.runIf(needs('docker-registry', 'conformance'))('runConformance', () => {
  test('a registry passes the cases of an image', async () => {
    await using registry = await startRegistry();
    const result = await runConformance(registry.host, settings);
    expect(result.failed).toEqual([]);
    expect(result.passed.length).toBeGreaterThan(5);
  });

  test('one that refuses manifests does not', async () => {
    await using registry = await startRegistry();
    const match = { method: 'PUT', path: /manifests/, times: 1000 };
    await using proxy = await startFaultProxy(registry.host, [{ match, deed: { kind: 'status', status: 500 } }]);
    const result = await runConformance(proxy.host, settings);
    expect(result.failed.length).toBeGreaterThan(0);
  });
});
