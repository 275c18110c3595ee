// One request through the fault proxy: to the registry and back, spoiled as its fault says.

import { once } from 'node:events';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Deed, FaultState } from './fault.ts';
import { bandwidth, type Pace } from './pace.ts';

/** A request as it went through. `status` is undefined where no answer was begun. */
export interface ProxiedRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly status: number | undefined;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  /** The deed's kind, where a fault took it. */
  readonly fault: Deed['kind'] | undefined;
  /** Whether a client's Authorization header came with it; its value is not kept. */
  readonly authorized: boolean;
}

/** The log's entry while it is being written. */
export type Entry = { -readonly [Name in keyof ProxiedRequest]: ProxiedRequest[Name] };

/** One request and what holds for it. */
export interface Exchange {
  readonly incoming: IncomingMessage;
  readonly answer: ServerResponse;
  readonly entry: Entry;
  readonly state: FaultState | undefined;
  readonly paces: { readonly up: Pace | undefined; readonly down: Pace | undefined };
}

/** The entry of a request that has just come. */
export function newEntry(incoming: IncomingMessage, state: FaultState | undefined): Entry {
  return {
    method: incoming.method ?? '',
    path: incoming.url ?? '',
    status: undefined,
    receivedBytes: 0,
    sentBytes: 0,
    fault: state?.fault.deed.kind,
    authorized: incoming.headers.authorization !== undefined,
  };
}

/** Answers a request, or breaks its connection: then it throws, and the caller closes the socket. */
export async function serve(upstreamHost: string, exchange: Exchange): Promise<void> {
  const { state } = exchange;
  const deed = state?.fault.deed;
  if (deed?.kind === 'status') return answerWith(deed, exchange);
  if (deed?.kind === 'stall') await state?.released.until(1);
  await forward(upstreamHost, exchange);
}

async function answerWith(deed: Deed & { kind: 'status' }, { incoming, answer, entry }: Exchange): Promise<void> {
  for await (const chunk of incoming) entry.receivedBytes += (chunk as Buffer).length;
  const body = deed.body ?? JSON.stringify({ errors: [{ code: 'TEST', message: 'a fault of the test' }] });
  entry.status = deed.status;
  answer.writeHead(deed.status, { 'content-type': 'application/json', ...deed.headers });
  answer.end(incoming.method === 'HEAD' ? undefined : body);
}

async function forward(upstreamHost: string, exchange: Exchange): Promise<void> {
  const { incoming, answer, entry, paces } = exchange;
  const [host, port] = upstreamHost.split(':');
  const { method, url: path, headers } = incoming;
  // The client's own Host header goes on, so that the registry's Location headers lead back here.
  const outgoing = request({ host, port, method, path, headers, agent: false });
  answer.on('close', () => outgoing.destroy());
  const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>;
  const sent = pipeline(bodyThrough(incoming, 'close-request', paces.up, exchange), outgoing);
  // A registry may answer before the body is whole.
  const [response] = await Promise.race([answered, sent.then(() => answered)]);
  entry.status = response.statusCode;
  answer.writeHead(response.statusCode ?? 502, response.rawHeaders);
  answer.flushHeaders();
  await pipeline(bodyThrough(response, 'close-response', paces.down, exchange), answer);
}

async function* bodyThrough(
  body: IncomingMessage,
  breaks: 'close-request' | 'close-response',
  whole: Pace | undefined,
  { entry, answer, state }: Exchange,
): AsyncIterable<Buffer> {
  const deed = state?.fault.deed;
  const own = deed?.kind === 'slow' ? bandwidth(deed.bytesPerSecond) : undefined;
  const counter = breaks === 'close-request' ? 'receivedBytes' : 'sentBytes';
  let left = deed?.kind === breaks ? deed.afterBytes : Number.POSITIVE_INFINITY;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    await whole?.(chunk.length);
    await own?.(chunk.length);
    const passed = chunk.subarray(0, left);
    entry[counter] += passed.length;
    yield passed;
    left -= chunk.length;
    if (left > 0) continue;
    // What was let through does reach the client before the connection breaks.
    const { socket } = answer;
    if (socket) await new Promise((resolve) => socket.write('', resolve));
    throw new Error('a fault of the test: the connection breaks here');
  }
}
