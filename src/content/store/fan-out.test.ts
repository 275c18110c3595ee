import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Fault } from '../../../test/support/fault.ts';
import { startFaultProxy } from '../../../test/support/fault-proxy.ts';
import { gate } from '../../../test/support/gate.ts';
import { needs } from '../../../test/support/peers.ts';
import { startRegistry } from '../../../test/support/registry.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { type Host, nodeHost } from '../../base/host/host.ts';
import { nodeHttp } from '../../base/host/http.ts';
import { digestOf } from '../oci/digest.ts';
import { copyGraph, readBytes } from './copy.ts';
import { type FanOutEvent, fanOut } from './fan-out.ts';
import { layoutStore } from './layout/layout.ts';
import type { Member } from './members.ts';
import { type MemoryStore, memoryStore } from './memory.ts';
import { openStores } from './open.ts';
import { blob, failing, inPieces, testStore, untouchable, writeImage } from './store.contract.ts';
import type { Store } from './store.ts';

testStore('a fan-out over memory and a layout', async () => {
  const folder = temporaryFolder('fan-out');
  const layout = layoutStore({ kind: 'layout', path: join(folder.path, 'layout') }, nodeHost());
  const store = fanOut([
    { name: 'memory', store: memoryStore(), required: true },
    { name: 'layout', store: layout, required: false },
  ]);
  return { store, [Symbol.asyncDispose]: async () => folder[Symbol.dispose]() };
});

const large = 6_000_000;

/** Staging, which is required, and two destinations, which are not. */
function three(changes: { staging?: Partial<Store>; one?: Partial<MemoryStore> } = {}) {
  const stores = { staging: memoryStore(), one: memoryStore(), two: memoryStore() };
  const events: FanOutEvent[] = [];
  const members: Member[] = [
    { name: 'staging', store: { ...stores.staging, ...changes.staging }, required: true },
    { name: 'one', store: { ...stores.one, ...changes.one }, required: false },
    { name: 'two', store: stores.two, required: false },
  ];
  const all = fanOut(members, { on: (event) => events.push(event), lagMs: 100 });
  return { ...stores, all, events, dropped: () => [...all.dropped().keys()] };
}

/** A write that takes the first bytes and then waits for its signal, as one to a registry that stalls. */
async function stall(
  _: unknown,
  bytes: AsyncIterable<Uint8Array>,
  cancel?: { signal?: AbortSignal | undefined },
): Promise<void> {
  for await (const _piece of bytes) break;
  await new Promise((_resolve, reject) => {
    cancel?.signal?.addEventListener('abort', () => reject(cancel.signal?.reason));
  });
}

describe('a fan-out', () => {
  test('reads a source once and writes the same pieces to all', async () => {
    const { all, staging, one, two } = three();
    const { content, bytes } = blob('once', large);
    let read = 0;
    const counted = (async function* () {
      for await (const piece of inPieces(bytes, 100_000)) {
        read += piece.length;
        yield piece;
      }
    })();
    await all.write(content, counted);
    expect(read).toBe(large);
    for (const store of [staging, one, two])
      expect(digestOf(await readBytes(store, content, large))).toBe(content.digest);
  });

  test('sends nothing to a member that has it, and reads nothing where all have it', async () => {
    const { all, one, two, events } = three();
    const { content, bytes } = blob('has', 1000);
    await one.write(content, inPieces(bytes, 1000));
    await all.write(content, inPieces(bytes, 1000));
    expect(events.map((event) => `${event.kind} ${event.member}`).sort()).toEqual([
      'skipped one',
      'written staging',
      'written two',
    ]);
    expect(await two.has(content)).toBe(true);
    await all.write(content, untouchable());
  });

  test('mounts where a neighbour has it, before it reads', async () => {
    const mounted: string[] = [];
    const { content, bytes } = blob('mount', 1000);
    const store = memoryStore();
    const mounting: MemoryStore = {
      ...store,
      mount: async (wanted, from) => {
        mounted.push(from);
        if (from !== 'acme/second' || wanted.digest !== content.digest) return false;
        await store.write(wanted, inPieces(bytes, 1000));
        return true;
      },
    };
    const mountFrom = ['acme/first', 'acme/second', 'acme/third'];
    const all = fanOut([{ name: 'registry', store: mounting, required: true, mountFrom }]);
    await all.write(content, untouchable());
    expect(mounted).toEqual(['acme/first', 'acme/second']);
    // What a client names is never forwarded.
    expect(await all.mount(blob('other', 10).content, 'private/repository')).toBe(false);
    expect(mounted).not.toContain('private/repository');
  });

  test.for([
    { name: 'its has', change: { has: () => Promise.reject(new Error('broken')) } },
    { name: 'its write', change: { write: () => Promise.reject(new Error('broken')) } },
    {
      name: 'the middle of its write',
      change: {
        write: async (_: unknown, bytes: AsyncIterable<Uint8Array>) => {
          for await (const _piece of bytes) throw new Error('broken');
        },
      },
    },
    { name: 'its tag', change: { tag: () => Promise.reject(new Error('broken')) } },
  ])('drops a member that fails in $name, says so once, and goes on', async ({ change }) => {
    const { all, staging, one, two, events, dropped } = three({ one: change });
    const { content, bytes } = blob('drop', large);
    await all.write(content, inPieces(bytes, 100_000));
    const image = await writeImage(all, 'after');
    await all.tag(image, 'v1');
    expect(dropped()).toEqual(['one']);
    expect(events.filter(({ kind }) => kind === 'dropped')).toMatchObject([
      { member: 'one', problem: { message: 'broken' } },
    ]);
    for (const store of [staging, two]) {
      expect(await store.has(content)).toBe(true);
      expect(await store.resolve('v1')).toMatchObject(image);
    }
    expect(await one.resolve('v1')).toBeUndefined();
    expect(await all.has(image)).toBe(true);
  });

  test('drops a member that lags while the others wait, and ends its write', async () => {
    let ended: unknown;
    const lagging: MemoryStore['write'] = (content, bytes, cancel) =>
      stall(content, bytes, cancel).catch((error: unknown) => {
        ended = error;
        throw error;
      });
    const { all, staging, two, dropped } = three({ one: { write: lagging } });
    const { content, bytes } = blob('lag', large);
    await all.write(content, inPieces(bytes, 100_000));
    expect(dropped()).toEqual(['one']);
    expect(ended).toMatchObject({ code: 'content.lagging' });
    for (const store of [staging, two]) expect(await store.has(content)).toBe(true);
  });

  test('drops a member that does not answer after all bytes went', async () => {
    const { all, dropped } = three({ one: { write: stall } });
    const { content, bytes } = blob('small lag', 1000);
    await all.write(content, inPieces(bytes, 1000));
    expect(dropped()).toEqual(['one']);
  });

  test('waits for a required member as long as it takes', async () => {
    const staging = memoryStore();
    const slow = gate();
    const write: Store['write'] = async (content, bytes, cancel) => {
      await slow.until(1);
      await staging.write(content, bytes, cancel);
    };
    const events: FanOutEvent[] = [];
    const one = memoryStore();
    const all = fanOut(
      [
        { name: 'staging', store: { ...staging, write }, required: true },
        { name: 'one', store: one, required: false },
      ],
      { on: (event) => events.push(event), lagMs: 1 },
    );
    const { content, bytes } = blob('patient', large);
    const writing = all.write(content, inPieces(bytes, 100_000));
    await new Promise((resolve) => setImmediate(resolve));
    slow.open();
    await writing;
    expect(events.map(({ kind }) => kind)).toEqual(['written', 'written']);
    expect(await one.has(content)).toBe(true);
  });

  test.for([0, 3_000_000])(
    'a required member that fails after %i bytes fails the write under its name',
    async (afterBytes) => {
      const broken: Store['write'] = async (_, bytes) => {
        let size = 0;
        for await (const piece of bytes) {
          size += piece.length;
          if (size > afterBytes) throw new Error('disk full');
        }
      };
      const { all, one, dropped } = three({ staging: { write: broken } });
      const { content, bytes } = blob('required', large);
      await expect(all.write(content, inPieces(bytes, 100_000))).rejects.toThrow('disk full');
      expect(await one.has(content)).toBe(false);
      expect(dropped()).toEqual([]);
    },
  );

  test('bytes that are wrong reach no member, and drop none', async () => {
    const { all, staging, one, dropped } = three();
    const { content, bytes } = blob('wrong', large);
    await expect(all.write(content, inPieces(bytes.subarray(1), 100_000))).rejects.toMatchObject({
      code: 'content.size',
    });
    await expect(all.write(content, failing(bytes, 500_000))).rejects.toThrow('the source broke');
    const upload = await all.begin();
    await upload.append(bytes);
    await expect(upload.commit(digestOf('another'))).rejects.toMatchObject({ code: 'content.digest' });
    for (const store of [staging, one]) expect(await store.has(content)).toBe(false);
    expect(dropped()).toEqual([]);
  });

  test('an upload goes on without a member that breaks in it', async () => {
    const begin: MemoryStore['begin'] = async () => ({
      append: () => Promise.reject(new Error('broken')),
      commit: () => Promise.reject(new Error('broken')),
      cancel: async () => undefined,
    });
    const { all, staging, two, dropped } = three({ one: { begin } });
    const { content, bytes } = blob('upload', large);
    const upload = await all.begin();
    for await (const piece of inPieces(bytes, 100_000)) await upload.append(piece);
    await upload.commit(content.digest);
    expect(dropped()).toEqual(['one']);
    for (const store of [staging, two]) expect(await store.has(content)).toBe(true);
  });

  test('with nobody left is an error', async () => {
    const write: Store['write'] = () => Promise.reject(new Error('broken'));
    const all = fanOut([{ name: 'only', store: { ...memoryStore(), write }, required: false }]);
    const { content, bytes } = blob('nobody', 1000);
    await expect(all.write(content, inPieces(bytes, 100))).rejects.toThrow(/only.*broken/);
  });
});

describe.runIf(needs('docker-registry'))('a fan-out over registries', () => {
  const host: Host = { ...nodeHost(), http: nodeHttp({ connectionsPerHost: 8, stallMs: 2000 }) };
  afterAll(() => host.http.close());
  const budget = { maxTries: 3, maxWaitMs: 3000, backoff: { firstMs: 1, maxMs: 5 } };
  const toUpload = /blobs\/uploads/;
  const faults: { name: string; fault: Fault }[] = [
    ...[401, 403, 404, 500].map((status) => ({
      name: `answers ${status}`,
      fault: { match: { path: toUpload, times: 999 }, deed: { kind: 'status', status } } as const,
    })),
    {
      name: 'answers 429 with a long Retry-After',
      fault: {
        match: { path: toUpload, times: 999 },
        deed: { kind: 'status', status: 429, headers: { 'retry-after': '60' } },
      },
    },
    { name: 'stalls', fault: { match: { method: 'PUT', path: toUpload, times: 999 }, deed: { kind: 'stall' } } },
    {
      name: 'closes in the middle of a blob',
      fault: {
        match: { method: 'PUT', path: toUpload, times: 999 },
        deed: { kind: 'close-request', afterBytes: 1_000_000 },
      },
    },
  ];

  async function rig(fault: Fault, required: boolean) {
    const [good, bad] = [await startRegistry(), await startRegistry()];
    const proxy = await startFaultProxy(bad.host, [fault]);
    const stores = openStores(host, { budget });
    const open = (at: string) => stores.open({ kind: 'registry', host: at, repository: 'acme/fan-out' });
    const members: Member[] = [
      { name: good.host, store: await open(good.host), required: true },
      { name: proxy.host, store: await open(proxy.host), required },
    ];
    const source = memoryStore();
    const image = await writeImage(source, 'fan-out');
    const { content, bytes } = blob('fan-out', large);
    return {
      ...{ source, image, content, bytes, proxy },
      all: fanOut(members, { lagMs: 300 }),
      good: await open(good.host),
      direct: await open(bad.host),
      async [Symbol.asyncDispose]() {
        await proxy.stop();
        await Promise.all([good.stop(), bad.stop()]);
      },
    };
  }

  test.for(faults)('a destination that $name is dropped, and healed by the next copy', async ({ fault }) => {
    await using around = await rig(fault, false);
    const { all, good, direct, source, image, content, bytes, proxy } = around;
    await all.write(content, inPieces(bytes, 65_536));
    await copyGraph(source, all, image);
    await all.tag(image, 'v1');
    expect([...all.dropped().keys()]).toEqual([proxy.host]);
    expect(await good.has(content)).toBe(true);
    expect((await good.resolve('v1'))?.digest).toBe(image.digest);
    expect(await direct.resolve('v1')).toBeUndefined();
    await copyGraph(good, direct, image);
    expect(await direct.has(image)).toBe(true);
  });

  test.for(faults)('staging that $name is a clear error, and no tag moves', async ({ fault }) => {
    await using around = await rig(fault, true);
    const { all, good, content, bytes, proxy } = around;
    const writing = all.write(content, inPieces(bytes, 65_536));
    await expect(writing).rejects.toMatchObject({ code: expect.stringMatching(/^(registry|host)\./) });
    await expect(writing).rejects.toThrow(proxy.host);
    expect(await good.resolve('v1')).toBeUndefined();
  });

  test('a blob to two registries is read once, and each gets it once', async () => {
    await using around = await rig({ match: { path: /never/ }, deed: { kind: 'stall' } }, true);
    const { all, good, direct, content, bytes, proxy } = around;
    await all.write(content, inPieces(bytes, 65_536));
    for (const store of [good, direct]) expect(digestOf(await readBytes(store, content, large))).toBe(content.digest);
    expect(proxy.requests().map(({ method }) => method)).toEqual(['HEAD', 'POST', 'PUT']);
  });
});
