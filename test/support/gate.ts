// A count that others can wait for.

/** Opened again and again; `until` waits for the nth time. */
export interface Gate {
  readonly opened: number;
  open(): void;
  /** Resolves once it was opened so often; at once if it was already. */
  until(times: number): Promise<void>;
}

/** A gate that was never opened. */
export function gate(): Gate {
  let opened = 0;
  let waiting: { readonly times: number; readonly resolve: () => void }[] = [];
  return {
    get opened() {
      return opened;
    },
    open() {
      opened += 1;
      for (const one of waiting) if (one.times <= opened) one.resolve();
      waiting = waiting.filter((one) => one.times > opened);
    },
    until: (times) =>
      new Promise((resolve) => {
        if (times <= opened) resolve();
        else waiting.push({ times, resolve });
      }),
  };
}
