import { describe, expect, test } from 'vitest';
import { createPool } from './pool.ts';

/** Work that ends when it is told to. */
function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

describe('a pool', () => {
  test('runs no more than its bound, first come first served, and goes on after a failure', async () => {
    const pool = createPool(2);
    const gates = [gate(), gate(), gate()];
    const begun: number[] = [];
    const works = gates.map(({ opened }, place) =>
      pool(async () => {
        begun.push(place);
        await opened;
        if (place === 0) throw new Error('failed');
      }),
    );
    expect(begun).toEqual([0, 1]);
    gates[0]?.open();
    await expect(works[0]).rejects.toThrow('failed');
    expect(begun).toEqual([0, 1, 2]);
    for (const { open } of gates) open();
    await Promise.all(works.slice(1));
  });

  test('gives the place of who leaves early to the next, once', async () => {
    const pool = createPool(1);
    const [first, second] = [gate(), gate()];
    const begun: string[] = [];
    const one = pool(async (leave) => {
      leave();
      leave();
      await first.opened;
    });
    const others = ['second', 'third'].map((name) =>
      pool(async () => {
        begun.push(name);
        await second.opened;
      }),
    );
    await Promise.resolve();
    expect(begun).toEqual(['second']);
    first.open();
    await one;
    expect(begun).toEqual(['second']);
    second.open();
    await Promise.all(others);
    expect(begun).toEqual(['second', 'third']);
  });
});
