/** What is asked of a machine once, however many legs want to know. */
import type { Cancel } from '../base/host/cancel.ts';

/** Does `work` once for each host and key; what failed is done again when it is asked for next. */
export type Once<T> = (host: object, key: string, work: (cancel: Cancel) => Promise<T>, cancel: Cancel) => Promise<T>;

/** A new memory, empty. */
export function once<T>(): Once<T> {
  const hosts = new WeakMap<object, Map<string, { readonly answer: Promise<T>; readonly cancel: Cancel }>>();
  return async function ask(host, key, work, cancel): Promise<T> {
    const known = hosts.get(host) ?? new Map<string, { readonly answer: Promise<T>; readonly cancel: Cancel }>();
    hosts.set(host, known);
    const asked = known.get(key) ?? { answer: work(cancel), cancel };
    known.set(key, asked);
    try {
      return await asked.answer;
    } catch (error) {
      if (known.get(key) === asked) known.delete(key);
      cancel.signal?.throwIfAborted();
      // Who asked first was stopped, and that is nothing to us.
      if (asked.cancel.signal?.aborted === true) return await ask(host, key, work, cancel);
      throw error;
    }
  };
}
