/** How work is stopped from outside: the last parameter of whatever takes time. */

/** A signal that ends the work; its `reason` is what the caller sees. */
export interface Cancel {
  readonly signal?: AbortSignal | undefined;
}

/** Throws the reason of a signal that has fired; called before each step with an effect. */
export function throwIfCancelled(cancel: Cancel | undefined): void {
  cancel?.signal?.throwIfAborted();
}

/** One Cancel that ends as soon as any of the given ones does. */
export function anyOf(...cancels: readonly (Cancel | AbortSignal | undefined)[]): Cancel {
  const signals = cancels
    .map((cancel) => (cancel instanceof AbortSignal ? cancel : cancel?.signal))
    .filter((signal) => signal !== undefined);
  return { signal: AbortSignal.any(signals) };
}
