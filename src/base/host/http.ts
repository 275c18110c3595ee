/** HTTP as the machine gives it: one request, one answer, streamed; a bounded number of connections to a host. */
import { Readable } from 'node:stream';
import type { Agent } from 'undici';
import { FanfoldError, messageOf } from '../errors/error.ts';
import type { Cancel } from './cancel.ts';

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

type Undici = typeof import('undici').default;

/** HTTP by undici, imported with the first request; one agent for each origin. */
export function undiciHttp(options: HttpOptions): Http {
  const agents = new Map<string, Agent>();
  let undici: Promise<Undici> | undefined;
  return {
    async request(request, cancel) {
      cancel?.signal?.throwIfAborted();
      // The default export: a bundler may not see the named ones of a CommonJS package.
      undici ??= import('undici').then((module) => module.default);
      const library = await undici;
      return await send(library, agentOf(library, agents, request.url, options), request, cancel);
    },
    async close() {
      const open = [...agents.values()];
      agents.clear();
      await Promise.all(open.map((agent) => agent.destroy()));
    },
  };
}

function agentOf(undici: Undici, agents: Map<string, Agent>, url: string, options: HttpOptions): Agent {
  const { origin } = new URL(url);
  const known = agents.get(origin);
  if (known !== undefined) return known;
  const agent = new undici.Agent({
    connections: options.connectionsPerHost,
    pipelining: 1,
    bodyTimeout: options.stallMs,
    headersTimeout: options.stallMs,
    connect: { timeout: options.stallMs },
  });
  agents.set(origin, agent);
  return agent;
}

async function send(
  undici: Undici,
  agent: Agent,
  request: HttpRequest,
  cancel: Cancel | undefined,
): Promise<HttpResponse> {
  const signal = cancel?.signal;
  try {
    const answer = await undici.request(request.url, {
      dispatcher: agent,
      method: request.method,
      headers: { ...request.headers },
      body: bodyOf(request.body),
      ...(signal === undefined ? {} : { signal }),
    });
    return {
      status: answer.statusCode,
      headers: joined(answer.headers),
      body: errorsNamed(answer.body, request, signal),
      discard: () => answer.body.dump({ limit: 65_536 }).catch(() => undefined),
    };
  } catch (error) {
    throw named(error, request, signal);
  }
}

function bodyOf(body: HttpRequest['body']): Uint8Array | Readable | null {
  if (body === undefined || body instanceof Uint8Array) return body ?? null;
  return Readable.from(body, { objectMode: false });
}

function joined(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const entries = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name.toLowerCase(), Array.isArray(value) ? value.join(', ') : value] as const],
  );
  return Object.fromEntries(entries);
}

async function* errorsNamed(
  body: AsyncIterable<Uint8Array>,
  request: HttpRequest,
  signal: AbortSignal | undefined,
): AsyncIterable<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw named(error, request, signal);
  }
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
