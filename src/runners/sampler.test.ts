import { describe, test } from 'vitest';
import { nodeHost } from '../base/host/host.ts';
import { createDiskMeter } from './sampler.ts';

/** A machine of two disks whose free space the test says, and a clock whose seconds it lets pass. */
function machine(free: { root: number; data: number }) {
  const devices: Readonly<Record<string, 'root' | 'data'>> = { '/work': 'root', '/tmp': 'root', '/data': 'data' };
  const waiting = new Set<() => void>();
  let asked = 0;
  return {
    disk: {
      space: async (path: string) => {
        const name = devices[path];
        if (name === undefined) return undefined;
        asked++;
        return { device: name === 'root' ? 1 : 2, totalBytes: 1000, freeBytes: free[name] };
      },
    },
    clock: {
      ...nodeHost().clock,
      sleep: (_ms: number, cancel?: { readonly signal?: AbortSignal }) =>
        new Promise<void>((resolve, reject) => {
          waiting.add(resolve);
          cancel?.signal?.addEventListener('abort', () => reject(new Error('ended')));
        }),
    },
    asked: () => asked,
    /** A second passes, and its look is over. */
    second: async (): Promise<void> => {
      const all = [...waiting];
      waiting.clear();
      for (const wake of all) wake();
      while (waiting.size < all.length) await new Promise(setImmediate);
    },
  };
}

describe('a leg’s disk', () => {
  test('is the most that was taken at once, each disk counted once', async ({ expect }) => {
    const free = { root: 500, data: 300 };
    const { second, ...host } = machine(free);
    const watch = await createDiskMeter(host).begin(['/work', '/tmp', '/data', '/nowhere']);
    Object.assign(free, { root: 400, data: 100 });
    await second();
    Object.assign(free, { root: 150, data: 300 });
    await second();
    Object.assign(free, { root: 490, data: 290 });
    expect(await watch.end()).toEqual({ peakBytes: 350, leastFreeBytes: 100 });
  });

  test('is seen at its end where it ends within a second', async ({ expect }) => {
    const free = { root: 500, data: 300 };
    const watch = await createDiskMeter(machine(free)).begin(['/work']);
    free.root = 380;
    expect(await watch.end()).toEqual({ peakBytes: 120, leastFreeBytes: 380 });
  });

  test('is nothing where others freed more than it took', async ({ expect }) => {
    const free = { root: 500, data: 300 };
    const watch = await createDiskMeter(machine(free)).begin(['/work']);
    free.root = 900;
    expect(await watch.end()).toEqual({ peakBytes: 0, leastFreeBytes: 500 });
    const both = await createDiskMeter(machine(free)).begin(['/work', '/data']);
    Object.assign(free, { root: 990, data: 280 });
    expect(await both.end()).toMatchObject({ peakBytes: 20 });
  });

  test('is unknown where two legs shared the machine, or no disk answers', async ({ expect }) => {
    const meter = createDiskMeter(machine({ root: 500, data: 300 }));
    const [one, other] = [await meter.begin(['/work']), await meter.begin(['/work'])];
    expect([await one.end(), await other.end()]).toEqual([undefined, undefined]);
    const alone = await meter.begin(['/work']);
    expect(await alone.end()).toEqual({ peakBytes: 0, leastFreeBytes: 500 });
    expect(await (await meter.begin(['/nowhere'])).end()).toBeUndefined();
  });

  test('is looked at no more once it has ended', async ({ expect }) => {
    const { second, asked, ...host } = machine({ root: 500, data: 300 });
    const watch = await createDiskMeter(host).begin(['/work']);
    await second();
    await watch.end();
    const before = asked();
    await new Promise(setImmediate);
    expect(asked()).toBe(before);
  });
});

test('the machine’s own disks are asked', async ({ expect }) => {
  const { disk } = nodeHost();
  const space = await disk.space('/');
  expect(space?.freeBytes).toBeGreaterThan(0);
  expect(space?.totalBytes).toBeGreaterThanOrEqual(space?.freeBytes ?? 0);
  expect((await disk.space('/usr'))?.device).toEqual(expect.any(Number));
  expect(await disk.space('/not/there')).toBeUndefined();
});
