/** HTTP as the machine gives it: one request, one answer, streamed; a bounded number of connections to a host. */
import type { Agent, ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { FanfoldError, messageOf } from '../errors/error.ts';
import type { Cancel } from './cancel.ts';
import { type ReceivedBody, receiveBody } from './http-answer.ts';
import { sendBody } from './http-body.ts';
import { watchStall } from './http-stall.ts';

/** One request. Redirects are never followed and nothing is tried again: that is the caller's protocol. */
export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Give `content-length` in the headers where the size is known; else the body is sent chunked. */
  readonly body?: AsyncIterable<Uint8Array> | Uint8Array;
}

/** One answer. The body must be read to its end, or let go by `discard`. */
export interface HttpResponse {
  readonly status: number;
  /** Names in lower case; repeated headers are joined by ', '. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Uint8Array>;
  /** Reads what is left, at most 64 KiB, so that the connection serves again; else closes it. Never throws. */
  discard(): Promise<void>;
}

/** What sends requests. */
export interface Http {
  /** @throws FanfoldError `host.network` where no answer came; the signal's reason where it was cancelled. */
  request(request: HttpRequest, cancel?: Cancel): Promise<HttpResponse>;
  /** Closes every connection that is kept. */
  close(): Promise<void>;
}

/** Bounds for every host. */
export interface HttpOptions {
  /** Connections to one host at the most. */
  readonly connectionsPerHost: number;
  /** How long a connection may stand still, sending or receiving, in milliseconds. */
  readonly stallMs: number;
}

/** A connection that nobody uses is closed after this time: many servers close theirs after five seconds. */
const idleMs = 4000;
const discardBytes = 64 * 1024;

/** One scheme's way out. */
interface Way {
  readonly agent: Agent;
  readonly open: typeof import('node:http').request;
}

/** HTTP by Node.js itself, loaded with the first request. */
export function nodeHttp(options: HttpOptions): Http {
  const ways = new Map<string, Promise<Way>>();
  const open = new Set<ClientRequest>();
  const wayOf = (protocol: string): Promise<Way> => {
    const known = ways.get(protocol) ?? openWay(protocol, options);
    ways.set(protocol, known);
    return known;
  };
  return {
    async request(request, cancel) {
      cancel?.signal?.throwIfAborted();
      const url = new URL(request.url);
      const way = await wayOf(url.protocol);
      cancel?.signal?.throwIfAborted();
      const sent = way.open(sendable(url, request, way.agent));
      open.add(sent);
      return await answerTo(sent, request, options, cancel?.signal, () => open.delete(sent));
    },
    async close() {
      for (const sent of open) sent.destroy();
      for (const way of ways.values()) (await way).agent.destroy();
      ways.clear();
    },
  };
}

async function openWay(protocol: string, { connectionsPerHost }: HttpOptions): Promise<Way> {
  const library = protocol === 'https:' ? await import('node:https') : await import('node:http');
  const agent = new library.Agent({ keepAlive: true, maxSockets: connectionsPerHost, timeout: idleMs });
  return { agent, open: library.request };
}

/** What Node.js needs of a URL, and no more: it makes a tenth of a request's cost of the whole. */
function sendable(url: URL, { method, headers = {} }: HttpRequest, agent: Agent): RequestOptions {
  const { hostname, port, pathname, search } = url;
  // Node.js wants an IPv6 address without its brackets.
  const host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  return { agent, method, headers, host, path: pathname + search, ...(port === '' ? {} : { port }) };
}

/** `ended` is called once the request is over, whatever came of it. */
function answerTo(
  sent: ClientRequest,
  request: HttpRequest,
  { stallMs }: HttpOptions,
  signal: AbortSignal | undefined,
  ended: () => void,
): Promise<HttpResponse> {
  const body = sendBody(sent, request);
  let answer: { readonly incoming: IncomingMessage; readonly body: ReceivedBody } | undefined;
  // Bytes that came are not to look like the whole answer, hence the answer itself fails.
  const stop = (why: Error): void => void (answer?.incoming ?? sent).destroy(why);
  const onAbort = (): void => stop(new Error('cancelled'));
  signal?.addEventListener('abort', onAbort, { once: true });
  const isOurs = (): boolean => (answer === undefined ? body.waitsForSource() : answer.body.waitsForReader());
  const unwatch = watchStall(sent, stallMs, stop, isOurs);
  return new Promise((resolve, reject) => {
    sent.on('error', (error) => reject(named(error, request, signal)));
    sent.once('close', () => {
      ended();
      unwatch();
      signal?.removeEventListener('abort', onAbort);
      if (answer === undefined) reject(named(new Error('the connection was closed'), request, signal));
    });
    sent.once('response', (incoming) => {
      answer = { incoming, body: receiveBody(incoming, (error) => named(error, request, signal)) };
      // An answer that ends before the body has been sent is the last word on it.
      if (!isWhole(request.body)) incoming.once('close', () => body.leave());
      resolve(responseOf(incoming, answer.body));
    });
  });
}

/** Whether a body is sent at once, or not at all. */
function isWhole(body: HttpRequest['body']): boolean {
  return body === undefined || body instanceof Uint8Array;
}

function responseOf(incoming: IncomingMessage, body: ReceivedBody): HttpResponse {
  // Who reads the body sees what it broke with; while nobody reads, nobody needs to.
  incoming.on('error', () => undefined);
  return {
    status: incoming.statusCode ?? 0,
    headers: joined(incoming.rawHeaders),
    body: body.chunks,
    discard: () => discard(incoming),
  };
}

/** Names and values, one after the other, as they came. */
function joined(raw: readonly string[]): Record<string, string> {
  // No prototype: a header may be called `constructor`.
  const headers: Record<string, string> = Object.create(null);
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = (raw[at] ?? '').toLowerCase();
    const before = headers[name];
    const value = raw[at + 1] ?? '';
    headers[name] = before === undefined ? value : `${before}, ${value}`;
  }
  return headers;
}

function discard(incoming: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    if (incoming.readableEnded || incoming.destroyed) return resolve();
    incoming.once('close', resolve);
    let leftBytes = discardBytes;
    incoming.on('data', (chunk: Buffer) => {
      leftBytes -= chunk.length;
      if (leftBytes < 0) incoming.destroy();
    });
  });
}

function named(error: unknown, request: HttpRequest, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return signal.reason;
  if (error instanceof FanfoldError) return error;
  const { host, pathname } = new URL(request.url);
  return new FanfoldError('host.network', `${request.method} ${host}${pathname}: ${messageOf(error)}`, {
    place: { registry: host },
    hint: 'see that the host is up and can be reached from here',
    cause: error,
  });
}
