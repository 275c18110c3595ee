/** HTTP on loopback: requests in as exchanges, answers out; bounded in headers, connections and idle time. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { FanfoldError, messageOf } from '../../base/errors/error.ts';
import { ApiError, apiErrorOf } from './api-error.ts';
import { Connection, takeOver } from './connection.ts';
import type { Answer, Exchange } from './exchange.ts';
import { type LargeBody, largeBytes } from './large-body.ts';
import { parseTarget, type Route } from './route.ts';

/** Answers one request. What it throws is answered as an error of the API. */
export type Serve = (exchange: Exchange, route: Route | undefined) => Promise<Answer>;

/** A listener on 127.0.0.1. */
export interface Listener {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  /** Closes the port and every connection; ends when nothing is served any more. */
  close(): Promise<void>;
}

const maxHeaderBytes = 16 * 1024;
const maxHeaders = 100;
const maxConnections = 512;
const headersTimeoutMs = 30_000;
const keepAliveMs = 60_000;
/** How long a client may stand still while it sends a body. */
const idleMs = 300_000;

/** @throws FanfoldError `host.network` where no port can be opened */
export async function listen(serve: Serve): Promise<Listener> {
  const underWay = new Set<Promise<void>>();
  const server = createServer({
    maxHeaderSize: maxHeaderBytes,
    headersTimeout: headersTimeoutMs,
    keepAliveTimeout: keepAliveMs,
    // A large blob takes as long as the slowest registry does; standing still is bounded instead.
    requestTimeout: 0,
  });
  server.maxHeadersCount = maxHeaders;
  server.maxConnections = maxConnections;
  server.on('request', (request, response) => {
    const done = handle(serve, request, response).finally(() => underWay.delete(done));
    underWay.add(done);
  });
  passConnections(server);
  const port = await open(server);
  return {
    host: `127.0.0.1:${port}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await Promise.allSettled([...underWay]);
    },
  };
}

/** HTTP gets each connection by way of one that it can be passed by. */
function passConnections(server: Server): void {
  const [serveHttp] = server.listeners('connection');
  server.removeAllListeners('connection');
  server.on('connection', (accepted) => serveHttp?.call(server, takeOver(accepted) ?? accepted));
}

function open(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void => {
      reject(new FanfoldError('host.network', `no port on 127.0.0.1: ${messageOf(error)}`, { cause: error }));
    };
    server.once('error', failed);
    server.listen({ host: '127.0.0.1', port: 0 }, () => {
      server.off('error', failed);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

/** Never rejects: whatever goes wrong is answered, or ends the connection. */
async function handle(serve: Serve, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  const large = largeBody(request);
  response.on('error', () => undefined);
  response.once('close', () => {
    if (!response.writableFinished) gone.abort(clientGone());
  });
  try {
    const { route, query } = parseTarget(request.url ?? '/');
    const exchange: Exchange = {
      method: request.method ?? 'GET',
      query,
      headers: request.headers as Readonly<Record<string, string | undefined>>,
      body: bodyOf(request, large),
      cancel: { signal: gone.signal },
    };
    const answer = await serve(exchange, route).catch(errorAnswer);
    if (large !== undefined) response.setHeader('connection', 'close');
    await send(answer, exchange, response);
    // What was not read of the body: a client that writes it all before it looks at the answer would wait for ever.
    if (large === undefined) request.resume();
    else large.leave();
  } catch {
    response.destroy();
  }
}

/** The body, where it is worth reading past HTTP. */
function largeBody(request: IncomingMessage): LargeBody | undefined {
  const sizeBytes = Number(request.headers['content-length']);
  const connection: unknown = request.socket;
  if (!(connection instanceof Connection) || !(sizeBytes >= largeBytes)) return undefined;
  return connection.divert(sizeBytes, () => request.read() ?? Buffer.alloc(0));
}

/** The body to its end; what breaks on the way is the client's doing, not the store's. Leaving it early keeps the connection. */
async function* bodyOf(request: IncomingMessage, large: LargeBody | undefined): AsyncIterable<Uint8Array> {
  const { socket } = request;
  socket.setTimeout(idleMs);
  try {
    yield* large ?? (request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>);
  } catch {
    throw clientGone();
  } finally {
    socket.setTimeout(0);
  }
}

function clientGone(): ApiError {
  return new ApiError(400, 'SIZE_INVALID', 'the client closed the connection before the end of its body');
}

function errorAnswer(thrown: unknown): Answer {
  const { status, code, message, headers } = apiErrorOf(thrown);
  return {
    status,
    headers: { ...headers, 'content-type': 'application/json' },
    body: new TextEncoder().encode(JSON.stringify({ errors: [{ code, message }] })),
  };
}

async function send({ status, headers, body }: Answer, { method }: Exchange, response: ServerResponse): Promise<void> {
  response.statusCode = status;
  response.setHeader('docker-distribution-api-version', 'registry/2.0');
  for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value);
  if (body instanceof Uint8Array && status !== 204) response.setHeader('content-length', body.length);
  if (body === undefined && method !== 'HEAD' && status !== 204) response.setHeader('content-length', 0);
  if (body === undefined || body instanceof Uint8Array || method === 'HEAD') {
    response.end(method === 'HEAD' ? undefined : body);
  } else {
    await pipeline(Readable.from(body, { objectMode: false }), response);
  }
}
