// Concurrency groups: one holder at a time; who waits, who is cancelled.

import { isObject, type Json } from './json.ts';

/** What GitHub keeps waiting in a group with `queue: max`. */
export const maxWaiting = 100;

/** An evaluated `concurrency:`. */
export interface ConcurrencyRule {
  readonly group: string;
  readonly cancelInProgress: boolean;
  readonly queue: 'single' | 'max';
}

/** The group while it is held. */
export type Lease = Disposable;

/** All groups of a repository. */
export interface ConcurrencyGroups {
  /** Waits for the group. Undefined: a newer one took this one's place, or the signal ended the wait. `cancel` is called on a holder. */
  enter(rule: ConcurrencyRule, cancel: () => void, signal: AbortSignal): Promise<Lease | undefined>;
}

interface Waiting {
  readonly settle: (lease: Lease | undefined) => void;
  readonly cancel: () => void;
}

interface Group {
  holder: Waiting | undefined;
  waiting: Waiting[];
}

/** Reads an evaluated `concurrency:`; undefined where it is not written. */
export function readConcurrency(value: Json): ConcurrencyRule | undefined {
  if (value === null) return undefined;
  if (!isObject(value)) return { group: String(value), cancelInProgress: false, queue: 'single' };
  const { group, 'cancel-in-progress': cancel, queue } = value;
  const isMax = queue === 'max';
  if (isMax && cancel === true) throw new Error('queue: max does not go with cancel-in-progress');
  return { group: String(group), cancelInProgress: cancel === true, queue: isMax ? 'max' : 'single' };
}

/** Groups in which nobody is yet. Names are compared without case. */
export function makeConcurrencyGroups(): ConcurrencyGroups {
  const groups = new Map<string, Group>();
  return {
    enter({ group: name, cancelInProgress, queue }, cancel, signal) {
      const key = name.toLowerCase();
      const group = groups.get(key) ?? { holder: undefined, waiting: [] };
      groups.set(key, group);
      return new Promise((settle) => {
        const mine: Waiting = { settle, cancel };
        signal.addEventListener('abort', () => leave(group, mine), { once: true });
        if (group.holder === undefined) return hold(group, mine);
        displace(group, queue);
        group.waiting.push(mine);
        if (cancelInProgress) group.holder.cancel();
      });
    },
  };
}

// One may wait, and the newest is it; with `queue: max` a hundred may.
function displace(group: Group, queue: 'single' | 'max'): void {
  const room = queue === 'max' ? maxWaiting - 1 : 0;
  while (group.waiting.length > room) group.waiting.shift()?.settle(undefined);
}

function hold(group: Group, mine: Waiting): void {
  group.holder = mine;
  let isHeld = true;
  mine.settle({
    [Symbol.dispose]: () => {
      if (!isHeld) return;
      isHeld = false;
      group.holder = undefined;
      const next = group.waiting.shift();
      if (next !== undefined) hold(group, next);
    },
  });
}

function leave(group: Group, mine: Waiting): void {
  if (!group.waiting.includes(mine)) return;
  group.waiting = group.waiting.filter((each) => each !== mine);
  mine.settle(undefined);
}
