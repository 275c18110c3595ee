// An HTTP proxy before a real registry that spoils the requests it is told to, and counts all bytes.

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Fault, type FaultState, newState, takes } from './fault.ts';
import { bandwidth } from './pace.ts';
import { type Entry, newEntry, type ProxiedRequest, serve } from './proxy-exchange.ts';

/** A running proxy, ended by `await using`. */
export interface FaultProxy extends AsyncDisposable {
  /** `127.0.0.1:PORT`, as it stands in references. */
  readonly host: string;
  /** Requests in the order in which they came, those under way included. */
  requests(): readonly ProxiedRequest[];
  /** How often a fault was taken. */
  hits(fault: Fault): number;
  /** Waits until a fault has been taken so often: order is decided, not slept for. */
  reached(fault: Fault, times?: number): Promise<void>;
  /** Lets all that a `stall` holds go on, and what it would hold later. */
  release(fault: Fault): void;
  /** Adds a fault while it runs; faults are tried in order, the first that takes a request wins. */
  add(fault: Fault): void;
  /** Ends a fault: the registry is as it was. */
  remove(fault: Fault): void;
  stop(): Promise<void>;
}

/** What holds for the whole proxy: all bodies in one direction share so many bytes a second. */
export interface ProxyOptions {
  readonly bytesPerSecond?: number;
}

/** Starts a proxy before a registry at `127.0.0.1:PORT`. */
export async function startFaultProxy(
  upstreamHost: string,
  faults: readonly Fault[] = [],
  options: ProxyOptions = {},
): Promise<FaultProxy> {
  const states = faults.map(newState);
  const log: Entry[] = [];
  const total = options.bytesPerSecond;
  const paces = { up: total ? bandwidth(total) : undefined, down: total ? bandwidth(total) : undefined };
  const server = createServer((incoming, answer) => {
    const state = states.find((candidate) => takes(candidate, incoming));
    const entry = newEntry(incoming, state);
    log.push(entry);
    state?.hits.open();
    // The message lets go of its socket when it breaks.
    const { socket } = incoming;
    // A broken connection is the fault's own work or the client's; the log has how far it came.
    serve(upstreamHost, { incoming, answer, entry, state, paces }).catch(() => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stateOf = (fault: Fault): FaultState => {
    const found = states.find((state) => state.fault === fault);
    if (!found) throw new Error('this proxy has no such fault');
    return found;
  };
  const stop = async (): Promise<void> => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => log.map((entry) => ({ ...entry })),
    hits: (fault) => stateOf(fault).hits.opened,
    reached: (fault, times = 1) => stateOf(fault).hits.until(times),
    release: (fault) => stateOf(fault).released.open(),
    add: (fault) => void states.push(newState(fault)),
    remove: (fault) => void states.splice(states.indexOf(stateOf(fault)), 1),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
