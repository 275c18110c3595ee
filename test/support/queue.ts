// A queue that its reader waits for.

/** What is put is taken in the same order. */
export interface Queue<Item> {
  put(item: Item): void;
  /** Waits where there is nothing yet. */
  take(): Promise<Item>;
}

/** An empty queue. */
export function queue<Item>(): Queue<Item> {
  const items: Item[] = [];
  const takers: ((item: Item) => void)[] = [];
  return {
    put(item) {
      const taker = takers.shift();
      if (taker) taker(item);
      else items.push(item);
    },
    take: () =>
      new Promise((resolve) => {
        const item = items.shift();
        if (item === undefined) takers.push(resolve);
        else resolve(item);
      }),
  };
}
