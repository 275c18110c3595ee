import { expect, test } from 'vitest';
import { once } from './once.ts';

test('work is done once for each host and key', async () => {
  const ask = once<number>();
  const [one, two] = [{}, {}];
  let done = 0;
  const work = async () => ++done;
  expect(await Promise.all([ask(one, 'a', work, {}), ask(one, 'a', work, {})])).toEqual([1, 1]);
  expect(await ask(one, 'b', work, {})).toBe(2);
  expect(await ask(two, 'a', work, {})).toBe(3);
  expect(await ask(one, 'a', work, {})).toBe(1);
});

test('what failed is done again', async () => {
  const ask = once<string>();
  const host = {};
  await expect(ask(host, 'a', () => Promise.reject(new Error('down')), {})).rejects.toThrow('down');
  expect(await ask(host, 'a', async () => 'up', {})).toBe('up');
});

test('who waits for another that is stopped asks again; who is stopped is stopped', async () => {
  const ask = once<string>();
  const host = {};
  const stop = new AbortController();
  const untilStopped = (cancel: { readonly signal?: AbortSignal | undefined }): Promise<string> =>
    new Promise((resolve, reject) => {
      if (cancel.signal === undefined) return resolve('answered');
      cancel.signal.addEventListener('abort', () => reject(cancel.signal?.reason));
    });
  const first = ask(host, 'a', untilStopped, { signal: stop.signal });
  const second = ask(host, 'a', untilStopped, {});
  stop.abort(new Error('stopped'));
  await expect(first).rejects.toThrow('stopped');
  expect(await second).toBe('answered');
});
