import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runTasks, type Task } from './schedule.ts';

/** Tasks that end when the test says so. */
function steered(names: Readonly<Record<string, readonly string[]>>) {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const tasks = Object.entries(names).map(
    ([name, after]): Task<string> => ({
      name,
      after,
      run: () =>
        new Promise((resolve) => {
          begun.push(name);
          ends.set(name, () => resolve(`${name} done`));
        }),
    }),
  );
  const end = async (name: string): Promise<void> => {
    ends.get(name)?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { tasks, begun, end };
}

describe('runTasks', () => {
  test('runs no more than the bound at once, in order', async () => {
    const { tasks, begun, end } = steered({ a: [], b: [], c: [] });
    const all = runTasks(tasks, 2);
    expect(begun).toEqual(['a', 'b']);
    await end('b');
    expect(begun).toEqual(['a', 'b', 'c']);
    await end('a');
    await end('c');
    expect(await all).toEqual(
      new Map([
        ['b', 'b done'],
        ['a', 'a done'],
        ['c', 'c done'],
      ]),
    );
  });

  test('begins a task once all that it comes after have ended, and a later one meanwhile', async () => {
    const { tasks, begun, end } = steered({ top: ['base'], base: [], other: [] });
    const all = runTasks(tasks, 4);
    expect(begun).toEqual(['base', 'other']);
    await end('base');
    expect(begun).toEqual(['base', 'other', 'top']);
    await end('top');
    await end('other');
    expect((await all).size).toBe(3);
  });

  test('begins nothing once the signal has fired, and waits for what runs', async () => {
    const { tasks, begun, end } = steered({ a: [], b: [], c: [] });
    const stopping = new AbortController();
    const all = runTasks(tasks, 1, { signal: stopping.signal });
    stopping.abort(new Error('stop'));
    await end('a');
    expect(begun).toEqual(['a']);
    expect([...(await all).keys()]).toEqual(['a']);
  });

  test('ends with what could run where tasks wait in a circle', async () => {
    const run = async () => 1;
    const results = await runTasks(
      [
        { name: 'a', after: ['b'], run },
        { name: 'b', after: ['a'], run },
        { name: 'c', after: [], run },
      ],
      2,
    );
    expect([...results.keys()]).toEqual(['c']);
  });

  test('keeps order and bound for any graph', async () => {
    const graph = fc.array(fc.array(fc.nat(20), { maxLength: 3 }), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(graph, fc.integer({ min: 1, max: 4 }), async (edges, atOnce) => {
        let now = 0;
        const tasks = edges.map((before, place): Task<number> => {
          const after = before.filter((other) => other < place).map(String);
          return {
            name: String(place),
            after,
            run: async (results) => {
              expect(after.every((name) => results.has(name))).toBe(true);
              expect(++now).toBeLessThanOrEqual(atOnce);
              await Promise.resolve();
              now--;
              return place;
            },
          };
        });
        expect((await runTasks(tasks, atOnce)).size).toBe(edges.length);
      }),
    );
  });
});
