// What a test asks a proxy to spoil: which requests, and how.

import type { IncomingMessage } from 'node:http';
import { type Gate, gate } from './gate.ts';

/** Which requests a fault takes: those that match, from the nth on (1 unless told), so many times (1 unless told). */
export interface Match {
  readonly method?: string;
  /** On path and query. */
  readonly path?: RegExp;
  readonly nth?: number;
  readonly times?: number;
}

/** What happens to a request that a fault takes. */
export type Deed =
  /** The proxy answers itself. The request's body is read and dropped. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body?: string;
    }
  /** Nothing happens until `release`, then the request goes on; or until the client goes away. */
  | { readonly kind: 'stall' }
  /** The connection breaks after so many bytes of the request's body went to the registry. */
  | { readonly kind: 'close-request'; readonly afterBytes: number }
  /** The connection breaks after so many bytes of the answer's body. */
  | { readonly kind: 'close-response'; readonly afterBytes: number }
  /** Both bodies of this request at so many bytes a second. */
  | { readonly kind: 'slow'; readonly bytesPerSecond: number };

/** A match and its deed. */
export interface Fault {
  readonly match: Match;
  readonly deed: Deed;
}

/** A fault in a running proxy: how many requests matched, how many it took, whether its stall is over. */
export interface FaultState {
  readonly fault: Fault;
  seen: number;
  readonly hits: Gate;
  readonly released: Gate;
}

/** A fault that has seen nothing. */
export function newState(fault: Fault): FaultState {
  return { fault, seen: 0, hits: gate(), released: gate() };
}

/** Whether the fault takes this request; counts it if it matches. */
export function takes(state: FaultState, incoming: IncomingMessage): boolean {
  const { method, path, nth = 1, times = 1 } = state.fault.match;
  if (method !== undefined && method !== incoming.method) return false;
  if (path !== undefined && !path.test(incoming.url ?? '')) return false;
  state.seen += 1;
  return state.seen >= nth && state.seen < nth + times;
}
