// Each fault happens to the request that it takes, before a real registry, and to no other.

import { describe, expect, test } from 'vitest';
import type { Deed, Fault, Match } from './fault.ts';
import { startFaultProxy } from './fault-proxy.ts';
import { needs } from './peers.ts';
import { blobOf, randomBytes } from './random-image.ts';
import { type Registry, startRegistry } from './registry.ts';

const blob = blobOf(randomBytes('fault', 300_000));
const blobPath = `/v2/a/blobs/${blob.digest}`;

async function push(host: string): Promise<number> {
  const begun = await fetch(`http://${host}/v2/a/blobs/uploads/`, { method: 'POST' });
  const url = `${begun.headers.get('location')}&digest=${blob.digest}`;
  return (await fetch(url, { method: 'PUT', body: Buffer.from(blob.bytes) })).status;
}

async function withProxy(
  match: Match,
  deed: Deed,
  use: (around: {
    registry: Registry;
    proxy: Awaited<ReturnType<typeof startFaultProxy>>;
    fault: Fault;
  }) => Promise<void>,
): Promise<void> {
  const fault = { match, deed };
  await using registry = await startRegistry();
  expect(await push(registry.host)).toBe(201);
  await using proxy = await startFaultProxy(registry.host, [fault]);
  await use({ registry, proxy, fault });
}

describe.runIf(needs('docker-registry'))('startFaultProxy', () => {
  test('hands all on where no fault matches, and counts the bytes', () =>
    withProxy({ method: 'DELETE' }, { kind: 'stall' }, async ({ proxy, fault }) => {
      expect(await push(proxy.host)).toBe(201);
      const fetched = await fetch(`http://${proxy.host}${blobPath}`);
      expect(blobOf(new Uint8Array(await fetched.arrayBuffer())).digest).toBe(blob.digest);
      expect(proxy.requests()).toMatchObject([
        { method: 'POST', status: 202 },
        { method: 'PUT', status: 201, receivedBytes: 300_000 },
        { method: 'GET', path: blobPath, status: 200, sentBytes: 300_000, fault: undefined },
      ]);
      expect(proxy.hits(fault)).toBe(0);
    }));

  test.for([401, 403, 404, 429, 500])('answers %i to the second and third request', (status) =>
    withProxy(
      { method: 'GET', path: /\/blobs\//, nth: 2, times: 2 },
      { kind: 'status', status, headers: { 'retry-after': '1' } },
      async ({ proxy, fault, registry }) => {
        const before = (await registry.requests()).length;
        const answers = [];
        for (let turn = 0; turn < 4; turn++) answers.push(await fetch(`http://${proxy.host}${blobPath}`));
        await Promise.all(answers.map((answer) => answer.arrayBuffer()));
        expect(answers.map((answer) => answer.status)).toEqual([200, status, status, 200]);
        expect(answers[1]?.headers.get('retry-after')).toBe('1');
        expect(proxy.hits(fault)).toBe(2);
        expect((await registry.requests()).length - before).toBe(2);
      },
    ),
  );

  test('holds a request until told', () =>
    withProxy({ method: 'GET' }, { kind: 'stall' }, async ({ proxy, registry, fault }) => {
      const answer = fetch(`http://${proxy.host}${blobPath}`);
      await proxy.reached(fault);
      expect((await registry.requests()).filter((request) => request.method === 'GET')).toEqual([]);
      proxy.release(fault);
      expect((await (await answer).arrayBuffer()).byteLength).toBe(300_000);
    }));

  test('a held request ends with its client and never reaches the registry', () =>
    withProxy({ method: 'GET' }, { kind: 'stall' }, async ({ proxy, registry, fault }) => {
      const controller = new AbortController();
      const answer = fetch(`http://${proxy.host}${blobPath}`, { signal: controller.signal });
      await proxy.reached(fault);
      controller.abort();
      await expect(answer).rejects.toThrow();
      await proxy.stop();
      expect((await registry.requests()).filter((request) => request.method === 'GET')).toEqual([]);
    }));

  test('breaks off an answer after so many bytes', () =>
    withProxy({ method: 'GET' }, { kind: 'close-response', afterBytes: 100_000 }, async ({ proxy }) => {
      const answer = await fetch(`http://${proxy.host}${blobPath}`);
      let received = 0;
      const read = async (): Promise<void> => {
        for await (const chunk of answer.body ?? []) received += chunk.length;
      };
      await expect(read()).rejects.toThrow();
      expect(received).toBe(100_000);
      expect(proxy.requests()[0]).toMatchObject({ status: 200, sentBytes: 100_000, fault: 'close-response' });
    }));

  test('breaks off an upload after so many bytes, and lets the next one through', () =>
    withProxy({ method: 'PUT' }, { kind: 'close-request', afterBytes: 100_000 }, async ({ proxy }) => {
      await expect(push(proxy.host)).rejects.toThrow();
      expect(await push(proxy.host)).toBe(201);
      const puts = proxy.requests().filter((request) => request.method === 'PUT');
      expect(puts.map((request) => request.receivedBytes)).toEqual([100_000, 300_000]);
    }));

  test('caps the bandwidth of one request', () =>
    withProxy({ method: 'GET' }, { kind: 'slow', bytesPerSecond: 1_000_000 }, async ({ proxy }) => {
      const startedAtMs = performance.now();
      await (await fetch(`http://${proxy.host}${blobPath}`)).arrayBuffer();
      expect(performance.now() - startedAtMs).toBeGreaterThan(250);
    }));

  test('caps the bandwidth of all requests together', async () => {
    await using registry = await startRegistry();
    await using proxy = await startFaultProxy(registry.host, [], { bytesPerSecond: 2_000_000 });
    const startedAtMs = performance.now();
    expect(await Promise.all([push(proxy.host), push(proxy.host)])).toEqual([201, 201]);
    expect(performance.now() - startedAtMs).toBeGreaterThan(250);
  });
});
