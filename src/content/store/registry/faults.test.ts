/** A registry that fails: tried again within bounds, with nothing lost and nothing sent twice that need not be. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Deed, Fault } from '../../../../test/support/fault.ts';
import { startFaultProxy } from '../../../../test/support/fault-proxy.ts';
import { needs } from '../../../../test/support/peers.ts';
import { type Registry, startRegistry } from '../../../../test/support/registry.ts';
import { type Host, nodeHost } from '../../../base/host/host.ts';
import { nodeHttp } from '../../../base/host/http.ts';
import { digestOf } from '../../oci/digest.ts';
import { serializeManifest } from '../../oci/manifest.ts';
import { ociTypes } from '../../oci/media-types.ts';
import { copyGraph, readBytes, readNamed, writeBytes } from '../copy.ts';
import { memoryStore } from '../memory.ts';
import { type OpenedStore, openStores } from '../open.ts';
import { blob, inPieces, untouchable, writeImage } from '../store.contract.ts';
import type { Budget } from './gate.ts';

const impatient: Budget = { maxTries: 4, maxWaitMs: 5000, backoff: { firstMs: 1, maxMs: 5 } };
const large = 24 * 1024 * 1024;
const toBlob = /\/blobs\/sha256/;
const toUpload = /\/blobs\/uploads\//;

describe.runIf(needs('docker-registry'))('a registry that fails', () => {
  let registry: Registry;
  let host: Host;
  beforeAll(async () => {
    registry = await startRegistry();
    host = { ...nodeHost(), http: nodeHttp({ connectionsPerHost: 8, stallMs: 400 }) };
  });
  afterAll(async () => {
    await host.http.close();
    await registry.stop();
  });

  const openAt = (at: string, budget = impatient): Promise<OpenedStore> =>
    openStores(host, { budget }).open({ kind: 'registry', host: at, repository: 'acme/faults' });
  const behind = async (faults: readonly Fault[]) => {
    const proxy = await startFaultProxy(registry.host, faults);
    return { proxy, store: await openAt(proxy.host), [Symbol.asyncDispose]: () => proxy.stop() };
  };

  const passing: { name: string; deed: Deed }[] = [
    { name: '429 with seconds', deed: { kind: 'status', status: 429, headers: { 'retry-after': '0' } } },
    {
      name: '429 with a date that is past',
      deed: { kind: 'status', status: 429, headers: { 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' } },
    },
    {
      name: "429 with GHCR's delay in the body",
      deed: { kind: 'status', status: 429, body: 'retry-after: 2.5ms, allowed: 2000/minute' },
    },
    { name: '500', deed: { kind: 'status', status: 500 } },
    { name: '502 without a body', deed: { kind: 'status', status: 502 } },
    { name: 'a stall', deed: { kind: 'stall' } },
    { name: 'a connection that breaks at once', deed: { kind: 'close-request', afterBytes: 0 } },
    { name: 'an answer that breaks at once', deed: { kind: 'close-response', afterBytes: 0 } },
  ];
  const steps = [
    { step: 'the HEAD of a blob', method: 'HEAD', path: toBlob },
    { step: 'the POST that opens an upload', method: 'POST', path: toUpload },
    { step: 'the PUT of a blob', method: 'PUT', path: toUpload },
    { step: 'the PUT of a manifest', method: 'PUT', path: /\/manifests\/sha256/ },
    { step: 'the PUT of a tag', method: 'PUT', path: /\/manifests\/[^s]/ },
    { step: 'the GET of a blob', method: 'GET', path: toBlob },
  ];
  test.for(passing.flatMap((fault) => steps.map((step) => ({ ...fault, ...step }))))(
    '$name at $step passes',
    async ({ name, step, deed, method, path }) => {
      const fault: Fault = { match: { method, path, times: 2 }, deed };
      await using around = await behind([fault]);
      const { store, proxy } = around;
      const image = await writeImage(store, `${name} ${step}`);
      await store.tag(image, 'latest');
      const { content, bytes } = blob(`${name} ${step}`, 700_000);
      await store.write(content, inPieces(bytes, 65_536));
      expect(digestOf(await readBytes(store, content, 700_000))).toBe(content.digest);
      expect((await store.resolve('latest'))?.digest).toBe(image.digest);
      // An answer without a body is whole before the connection can break.
      expect(proxy.hits(fault)).toBeGreaterThanOrEqual(1);
    },
  );

  test.for([
    { status: 401, code: 'registry.denied' },
    { status: 403, code: 'registry.denied' },
    { status: 404, code: 'registry.not-found' },
    { status: 405, code: 'registry.invalid' },
    { status: 413, code: 'registry.invalid' },
  ])('$status to an upload is an error at once', async ({ status, code }) => {
    const body = JSON.stringify({ errors: [{ code: 'DENIED', message: 'because' }] });
    const fault: Fault = { match: { method: 'POST', times: 99 }, deed: { kind: 'status', status, body } };
    await using around = await behind([fault]);
    const { content } = blob(`refused ${status}`, 1000);
    const writing = around.store.write(content, inPieces(blob(`refused ${status}`, 1000).bytes, 100));
    await expect(writing).rejects.toMatchObject({ code, status, codes: ['DENIED'], retryable: false });
    await expect(writing).rejects.toThrow(/because/);
    expect(around.proxy.hits(fault)).toBe(1);
    expect(await (await openAt(registry.host)).has(content)).toBe(false);
  });

  test.for([429, 500, 503])('%i without an end is an error within bounds', async (status) => {
    const fault: Fault = { match: { method: 'POST', times: 99 }, deed: { kind: 'status', status } };
    await using around = await behind([fault]);
    const { content, bytes } = blob(`endless ${status}`, 1000);
    const code = status === 429 ? 'registry.rate-limited' : 'registry.unavailable';
    await expect(around.store.write(content, inPieces(bytes, 100))).rejects.toMatchObject({ code, status });
    // An upload tries to open a session anew, each time with tries of its own.
    expect(around.proxy.hits(fault)).toBeLessThanOrEqual(impatient.maxTries ** 2);
  });

  test('a registry that wants more patience than there is ends the work, and says so', async () => {
    const fault: Fault = {
      match: { times: 99 },
      deed: { kind: 'status', status: 429, headers: { 'retry-after': '3600' } },
    };
    await using around = await behind([fault]);
    await expect(around.store.resolve('latest')).rejects.toMatchObject({
      code: 'registry.rate-limited',
      hint: expect.stringContaining('later'),
    });
    expect(around.proxy.hits(fault)).toBe(1);
  });

  // distribution 2.8 forgets an upload whose connection breaks: what is still held begins anew, the rest is read again by the copy.
  test.for([1, 1_000_000, 9_000_000, large - 100])(
    'a blob that breaks after %i bytes gets there',
    async (afterBytes) => {
      const fault: Fault = { match: { method: 'PUT', path: toUpload }, deed: { kind: 'close-request', afterBytes } };
      await using around = await behind([fault]);
      const source = memoryStore();
      const layer = await writeBytes(source, ociTypes.layer, blob(`resume ${afterBytes}`, large).bytes);
      const config = await writeBytes(source, ociTypes.config, Buffer.from('{}'));
      const manifest = serializeManifest({ kind: 'manifest', mediaType: ociTypes.manifest, config, layers: [layer] });
      const image = await writeBytes(source, ociTypes.manifest, manifest);
      await copyGraph(source, around.store, image);
      expect(around.proxy.hits(fault)).toBe(1);
      expect(digestOf(await readBytes(await openAt(registry.host), layer, large))).toBe(layer.digest);
    },
  );

  test.for([1, 3_000_000])(
    'an upload whose digest comes last breaks after %i bytes and goes on',
    async (afterBytes) => {
      const fault: Fault = { match: { method: 'PATCH' }, deed: { kind: 'close-request', afterBytes } };
      await using around = await behind([fault]);
      const { content, bytes } = blob(`late ${afterBytes}`, large);
      const upload = await around.store.begin();
      for await (const piece of inPieces(bytes, 65_536)) await upload.append(piece);
      await upload.commit(content.digest);
      expect(around.proxy.hits(fault)).toBe(1);
      expect(digestOf(await readBytes(await openAt(registry.host), content, large))).toBe(content.digest);
    },
  );

  test('an upload that the registry forgot, past what is remembered, asks for the source once more', async () => {
    const broken: Fault = {
      match: { method: 'PUT', path: toUpload },
      deed: { kind: 'close-request', afterBytes: 20_000_000 },
    };
    const forgotten: Fault = {
      match: { method: 'GET', path: toUpload, times: 9 },
      deed: { kind: 'status', status: 404 },
    };
    await using around = await behind([broken, forgotten]);
    const { content, bytes } = blob('forgotten', large);
    const writing = around.store.write(content, inPieces(bytes, 65_536));
    await expect(writing).rejects.toMatchObject({ code: 'registry.unavailable', retryable: true });
    await around.store.write(content, inPieces(bytes, 65_536));
    expect(await around.store.has(content)).toBe(true);
  });

  test('an answer that was lost is found out without sending again', async () => {
    const fault: Fault = { match: { method: 'PUT', path: toUpload }, deed: { kind: 'close-response', afterBytes: 0 } };
    await using around = await behind([fault]);
    const { content, bytes } = blob('lost answer', large);
    await around.store.write(content, inPieces(bytes, 65_536));
    const received = around.proxy.requests().reduce((sum, request) => sum + request.receivedBytes, 0);
    expect(received).toBe(large);
  });

  test.for([1, 100_000, 5_000_000])('reading goes on after a break at byte %i', async (afterBytes) => {
    const { content, bytes } = blob(`read ${afterBytes}`, 6_000_000);
    await (await openAt(registry.host)).write(content, inPieces(bytes, 65_536));
    const fault: Fault = {
      match: { method: 'GET', path: toBlob, times: 2 },
      deed: { kind: 'close-response', afterBytes },
    };
    await using around = await behind([fault]);
    expect(digestOf(await readBytes(around.store, content, 6_000_000))).toBe(content.digest);
    expect(around.proxy.hits(fault)).toBe(2);
    const sent = around.proxy.requests().reduce((sum, request) => sum + request.sentBytes, 0);
    expect(sent).toBeLessThanOrEqual(6_000_000);
  });

  test("GHCR's secondary limit, a 403, is waited for; another 403 is not", async () => {
    const body =
      '{"errors":[{"code":"DENIED","message":"permission_denied: You have exceeded a secondary rate limit."}]}';
    const fault: Fault = { match: { method: 'PUT', path: /manifests/ }, deed: { kind: 'status', status: 403, body } };
    await using around = await behind([fault]);
    // A minute is more than this test's patience: the error says that it would have passed.
    await expect(writeImage(around.store, 'secondary limit')).rejects.toMatchObject({ code: 'registry.rate-limited' });
    await writeImage(around.store, 'secondary limit');
  });

  test('a blob that a registry does not see yet is waited for; one that is gone is named', async () => {
    const body = '{"errors":[{"code":"MANIFEST_BLOB_UNKNOWN","message":"blob unknown to registry"}]}';
    const fault: Fault = {
      match: { method: 'PUT', path: /manifests/, times: 2 },
      deed: { kind: 'status', status: 400, body },
    };
    await using around = await behind([fault]);
    await writeImage(around.store, 'seen late');
    expect(around.proxy.hits(fault)).toBe(2);
    const gone: Fault = { match: { method: 'HEAD', path: toBlob, times: 99 }, deed: { kind: 'status', status: 404 } };
    const refused: Fault = {
      match: { method: 'PUT', path: /manifests/, times: 99 },
      deed: { kind: 'status', status: 400, body },
    };
    await using other = await behind([gone, refused]);
    await expect(writeImage(other.store, 'gone')).rejects.toMatchObject({ code: 'content.missing' });
    expect(other.proxy.hits(refused)).toBe(1);
  });

  test('a rate limit that one request meets slows the others', async () => {
    const fault: Fault = {
      match: { method: 'HEAD', path: /manifests\/first/ },
      deed: { kind: 'status', status: 429, headers: { 'retry-after': '1' } },
    };
    await using around = await behind([fault]);
    const first = around.store.resolve('first');
    await around.proxy.reached(fault);
    const startedMs = performance.now();
    // The limit's answer is on its way: from when it is known, others wait too.
    await first;
    expect(performance.now() - startedMs).toBeGreaterThan(900);
    expect(await around.store.resolve('second')).toBeUndefined();
  });

  test('what is there is not sent: one HEAD', async () => {
    const { content, bytes } = blob('there', 1000);
    await (await openAt(registry.host)).write(content, inPieces(bytes, 100));
    await using around = await behind([]);
    await around.store.write(content, untouchable());
    expect(around.proxy.requests().map(({ method }) => method)).toEqual(['HEAD']);
  });

  test('a manifest is sent without a question before it; a name is read by one GET', async () => {
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: ociTypes.index, manifests: [] }));
    await using around = await behind([]);
    const content = await writeBytes(around.store, ociTypes.index, bytes);
    await around.store.tag(content, 'named');
    const before = around.proxy.requests().length;
    expect((await readNamed(around.store, 'named'))?.content).toEqual(content);
    const methods = around.proxy.requests().map(({ method }) => method);
    expect(methods.slice(0, before)).toEqual(['PUT', 'HEAD', 'PUT']);
    expect(methods.slice(before)).toEqual(['GET']);
  });

  test('a tag that is right is not written; one that is not takes one PUT', async () => {
    await using around = await behind([]);
    const image = await writeImage(around.store, 'tagged once');
    await around.store.tag(image, 'once');
    const before = around.proxy.requests().length;
    await around.store.tag(image, 'once');
    expect(
      around.proxy
        .requests()
        .slice(before)
        .map(({ method }) => method),
    ).toEqual(['HEAD']);
    const puts = around.proxy
      .requests()
      .filter(({ method, path }) => method === 'PUT' && path.endsWith('/manifests/once'));
    expect(puts).toHaveLength(1);
  });
});
