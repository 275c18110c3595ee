import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type Http, type HttpOptions, type HttpRequest, nodeHttp } from './http.ts';

const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function serve(answer: RequestListener): Promise<{ readonly url: string; readonly server: Server }> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/path?q=1`, server };
}

function http(options: Partial<HttpOptions> = {}): Http {
  const made = nodeHttp({ connectionsPerHost: 4, stallMs: 5000, ...options });
  closing.push(() => made.close());
  return made;
}

async function text(body: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

async function* pieces(...words: readonly string[]): AsyncIterable<Uint8Array> {
  for (const word of words) yield Buffer.from(word);
}

/** One piece, then nothing until `over` is resolved. */
async function* slow(over: Promise<unknown>): AsyncIterable<Uint8Array> {
  yield Buffer.from('one');
  await over;
  yield Buffer.from('two');
}

/** Answers with what was asked. */
const echo: RequestListener = (request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { method, headers } = request;
    const framing = headers['content-length'] ?? headers['transfer-encoding'] ?? 'no body';
    response.end(`${method} ${request.url} ${framing} ${Buffer.concat(chunks)}`);
  });
};

test.for<{ name: string; request: Omit<HttpRequest, 'url'>; want: string }>([
  { name: 'a GET', request: { method: 'GET' }, want: 'GET /path?q=1 no body ' },
  { name: 'a POST without a body', request: { method: 'POST' }, want: 'POST /path?q=1 0 ' },
  { name: 'bytes', request: { method: 'PUT', body: Buffer.from('abc') }, want: 'PUT /path?q=1 3 abc' },
  {
    name: 'a stream of known length',
    request: { method: 'PUT', headers: { 'content-length': '4' }, body: pieces('ab', 'cd') },
    want: 'PUT /path?q=1 4 abcd',
  },
  {
    name: 'a stream of unknown length',
    request: { method: 'PATCH', body: pieces('ab', 'cd') },
    want: 'PATCH /path?q=1 chunked abcd',
  },
])('$name arrives as it was sent', async ({ request, want }) => {
  const { url } = await serve(echo);
  const answer = await http().request({ ...request, url });
  expect(answer.status).toBe(200);
  expect(await text(answer.body)).toBe(want);
});

test('repeated headers are joined', async () => {
  const { url } = await serve((_, response) => void response.setHeader('x-word', ['one', 'two']).end());
  const answer = await http().request({ method: 'HEAD', url });
  expect(answer.headers['x-word']).toBe('one, two');
  await answer.discard();
});

test('no more connections than the bound, each used again', async () => {
  let open = 0;
  const { url, server } = await serve(echo);
  server.on('connection', () => open++);
  const client = http({ connectionsPerHost: 2 });
  for (let round = 0; round < 2; round++) {
    const answers = Array.from({ length: 6 }, () =>
      client.request({ method: 'GET', url }).then((one) => one.discard()),
    );
    await Promise.all(answers);
  }
  expect(open).toBe(2);
});

test('an answer that is too large to be discarded costs its connection, and nothing more', async () => {
  let open = 0;
  const { url, server } = await serve((_, response) => void response.end(Buffer.alloc(8 * 1024 * 1024)));
  server.on('connection', () => open++);
  const client = http({ connectionsPerHost: 1 });
  for (let round = 0; round < 2; round++) await (await client.request({ method: 'GET', url })).discard();
  expect(open).toBe(2);
});

test('a redirect is an answer', async () => {
  const { url } = await serve((_, response) => void response.writeHead(307, { location: '/other' }).end());
  const answer = await http().request({ method: 'GET', url });
  expect(answer).toMatchObject({ status: 307, headers: { location: '/other' } });
  await answer.discard();
});

test('what the source fails with, the request fails with, at once', async () => {
  const { url } = await serve(echo);
  const body = (async function* (): AsyncIterable<Uint8Array> {
    yield Buffer.from('one');
    throw new Error('the disk broke');
  })();
  const request = { method: 'PUT', url, body } as const;
  await expect(http().request(request)).rejects.toMatchObject({
    code: 'host.network',
    message: expect.stringContaining('the disk broke') as string,
  });
});

test.for([
  { name: 'fewer', words: ['ab'] },
  { name: 'more', words: ['ab', 'cdef'] },
])('$name bytes than announced are an error', async ({ words }) => {
  const { url } = await serve(echo);
  const request = { method: 'PUT', url, headers: { 'content-length': '4' }, body: pieces(...words) } as const;
  await expect(http().request(request)).rejects.toMatchObject({ code: 'host.network' });
});

test('an answer that ends before the body ends it, and the source is let go', async () => {
  const { url } = await serve((_, response) => void response.writeHead(413).end('too large'));
  const left = resolvable();
  const body: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => {
      let first = true;
      return {
        next: () => {
          if (!first) return new Promise<never>(() => undefined);
          first = false;
          return Promise.resolve({ value: Buffer.from('one'), done: false });
        },
        return: () => {
          left.resolve();
          return Promise.resolve({ value: undefined, done: true });
        },
      };
    },
  };
  const answer = await http().request({ method: 'PUT', url, body });
  expect(answer.status).toBe(413);
  expect(await text(answer.body)).toBe('too large');
  await left.promise;
});

test.for<{ name: string; answer: RequestListener }>([
  { name: 'an answer that does not come', answer: () => undefined },
  { name: 'an answer that stops', answer: (_, response) => void response.writeHead(200).write('begun') },
])('$name is a stall', async ({ answer }) => {
  const { url } = await serve(answer);
  const client = http({ stallMs: 100 });
  const asked = client.request({ method: 'GET', url }).then((one) => text(one.body));
  await expect(asked).rejects.toMatchObject({
    code: 'host.network',
    message: expect.stringContaining('nothing moved for 100 ms') as string,
  });
});

test('a slow source is no stall', async () => {
  const { url, server } = await serve(echo);
  const idle = new Promise((resolve) => {
    server.setTimeout(400, resolve);
  });
  const answer = await http({ stallMs: 100 }).request({ method: 'PUT', url, body: slow(idle) });
  expect(await text(answer.body)).toBe('PUT /path?q=1 chunked onetwo');
});

test('a slow reader is no stall: the connection waits with it', async () => {
  const whole = Buffer.alloc(64 * 1024 * 1024, 'x');
  const { url, server } = await serve((_, response) => void response.end(whole));
  const idle = new Promise<Socket>((resolve) => {
    server.setTimeout(400, resolve);
  });
  const answer = await http({ stallMs: 100 }).request({ method: 'GET', url });
  const body = answer.body[Symbol.asyncIterator]();
  let sizeBytes = (await body.next()).value?.length ?? 0;
  await idle;
  const unread = { [Symbol.asyncIterator]: () => body };
  for await (const chunk of unread) sizeBytes += chunk.length;
  expect(sizeBytes).toBe(whole.length);
});

test('of an answer that breaks off, what came is read before the error', async () => {
  const { url } = await serve((_, response) => void response.write('begun', () => response.destroy()));
  const answer = await http().request({ method: 'GET', url });
  const body = answer.body[Symbol.asyncIterator]();
  expect(Buffer.from((await body.next()).value ?? '').toString()).toBe('begun');
  await expect(body.next()).rejects.toMatchObject({ code: 'host.network' });
});

test('who leaves an answer early closes its connection', async () => {
  const closed = resolvable();
  const { url } = await serve((_, response) => {
    response.once('close', closed.resolve);
    response.write('begun');
  });
  for await (const _ of (await http().request({ method: 'GET', url })).body) break;
  await closed.promise;
});

test.for<{ name: string; answer: RequestListener }>([
  { name: 'before the answer', answer: () => undefined },
  { name: 'within the answer', answer: (_, response) => void response.writeHead(200).write('begun') },
])('a signal $name ends it with its reason', async ({ answer }) => {
  const reached = resolvable();
  const { url } = await serve((request, response) => {
    answer(request, response);
    reached.resolve();
  });
  const stopping = new AbortController();
  const asked = http()
    .request({ method: 'GET', url }, stopping)
    .then((one) => text(one.body));
  await reached.promise;
  const reason = new Error('enough');
  stopping.abort(reason);
  await expect(asked).rejects.toBe(reason);
});

function resolvable(): { readonly promise: Promise<void>; resolve(): void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve: () => resolve() };
}
