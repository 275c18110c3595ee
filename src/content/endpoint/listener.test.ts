import { createHash } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import type { Cancel } from '../../base/host/cancel.ts';
import type { Exchange } from './exchange.ts';
import { largeBytes } from './large-body.ts';
import { type Listener, listen, type Serve } from './listener.ts';

/** Answers with the body's digest. */
const digestBody: Serve = async ({ body }) => ({ status: 200, body: Buffer.from(await hashOf(body)) });

const sizes = [0, 1, largeBytes - 1, largeBytes, largeBytes + 1, 3 * largeBytes, 3 * largeBytes + 12_345];

test.for(sizes.flatMap((sizeBytes) => ['at once', 'head first', 'in odd writes'].map((how) => ({ sizeBytes, how }))))(
  'a body of $sizeBytes bytes that comes $how is whole',
  async ({ sizeBytes, how }) => {
    await using server = await serve(digestBody);
    const body = bytesOf(sizeBytes);
    const head = Buffer.from(headOf(sizeBytes));
    const writes = how === 'at once' ? [Buffer.concat([head, body])] : [head, body];
    using client = connect(server);
    for (const write of how === 'in odd writes' ? oddly(Buffer.concat(writes)) : writes) await client.write(write);
    const answer = await client.answer();
    expect(answer).toContain('200 OK');
    expect(answer).toContain(createHash('sha256').update(body).digest('hex'));
  },
);

test('a connection serves on after small bodies, and ends with a large one', async () => {
  await using server = await serve(digestBody);
  using client = connect(server);
  for (const sizeBytes of [0, 5000, largeBytes - 1]) {
    await client.write(Buffer.concat([Buffer.from(headOf(sizeBytes)), bytesOf(sizeBytes)]));
    expect(await client.answer()).toContain('Connection: keep-alive');
  }
  await client.write(Buffer.concat([Buffer.from(headOf(largeBytes)), bytesOf(largeBytes)]));
  expect(await client.answer()).toContain('connection: close');
  await client.ended();
});

test('requests that come in one write are answered in turn, the large one last', async () => {
  await using server = await serve(digestBody);
  using client = connect(server);
  const parts = [5, 6, largeBytes].flatMap((sizeBytes) => [Buffer.from(headOf(sizeBytes)), bytesOf(sizeBytes)]);
  await client.write(Buffer.concat(parts));
  await client.ended();
  const digests = [5, 6, largeBytes].map((size) => createHash('sha256').update(bytesOf(size)).digest('hex'));
  expect(client.text().match(/[0-9a-f]{64}/g)).toEqual(digests);
});

test.for([
  { name: 'reads nothing of it', serve: (async () => ({ status: 404 })) satisfies Serve },
  {
    name: 'leaves it in the middle',
    serve: (async ({ body }) => {
      for await (const _ of body) break;
      return { status: 404 };
    }) satisfies Serve,
  },
])('a client that writes 32 MiB before it looks gets the answer of a handler that $name', async (row) => {
  await using server = await serve(row.serve);
  using client = connect(server);
  const sizeBytes = 32 * 1024 * 1024;
  await client.write(Buffer.concat([Buffer.from(headOf(sizeBytes)), bytesOf(sizeBytes)]));
  expect(await client.answer()).toContain('404 Not Found');
  await client.ended();
});

test.for([100, largeBytes + 100])('a client that goes after %i bytes ends the body and the work', async (sentBytes) => {
  const ends: Promise<unknown>[] = [];
  const begun = new EventEmitter();
  await using server = await serve(async ({ body, cancel }) => {
    ends.push(
      hashOf(body).catch((error: unknown) => error),
      aborted(cancel),
    );
    begun.emit('begun');
    await Promise.all(ends);
    return { status: 200 };
  });
  using client = connect(server);
  const isBegun = once(begun, 'begun');
  await client.write(Buffer.concat([Buffer.from(headOf(3 * largeBytes)), bytesOf(sentBytes)]));
  await isBegun;
  client.socket.destroy();
  expect(String(await ends[0])).toContain('the client closed the connection');
  await ends[1];
});

test('a client that goes while it waits for the answer to a large body cancels the work', async () => {
  const told = new EventEmitter();
  await using server = await serve(async ({ body, cancel }) => {
    await hashOf(body);
    told.emit('taken');
    await aborted(cancel);
    told.emit('cancelled');
    return { status: 200 };
  });
  using client = connect(server);
  const taken = once(told, 'taken');
  const cancelled = once(told, 'cancelled');
  await client.write(Buffer.concat([Buffer.from(headOf(largeBytes)), bytesOf(largeBytes)]));
  await taken;
  client.socket.destroy();
  await cancelled;
});

test('connections that are over make room for others', async () => {
  await using server = await serve(digestBody);
  for (let turn = 0; turn < 520; turn++) {
    using client = connect(server);
    await client.write(Buffer.from('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n'));
    expect(await client.answer()).toContain('200 OK');
    await client.ended();
  }
});

async function serve(handler: Serve): Promise<Listener & AsyncDisposable> {
  const listener = await listen(handler);
  return { ...listener, [Symbol.asyncDispose]: () => listener.close() };
}

function aborted({ signal }: Cancel): Promise<void> {
  return new Promise((resolve) => signal?.addEventListener('abort', () => resolve()));
}

async function hashOf(body: Exchange['body']): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of body) hash.update(piece);
  return hash.digest('hex');
}

function headOf(sizeBytes: number): string {
  return `PUT /v2/x/blobs/uploads/1 HTTP/1.1\r\nhost: x\r\ncontent-length: ${sizeBytes}\r\n\r\n`;
}

/** A pattern that no power of two divides: a piece in another's place would show. */
function bytesOf(sizeBytes: number): Buffer {
  return Buffer.alloc(
    sizeBytes,
    Uint8Array.from({ length: 251 }, (_, at) => (at * 167 + 13) % 256),
  );
}

function* oddly(bytes: Buffer): Generator<Buffer> {
  for (let at = 0, step = 1; at < bytes.length; at += step, step = (step * 7) % 77_773)
    yield bytes.subarray(at, at + step);
}

interface Client extends Disposable {
  readonly socket: Socket;
  write(bytes: Buffer): Promise<void>;
  /** The next answer, as text. */
  answer(): Promise<string>;
  /** Everything that came. */
  text(): string;
  /** Resolves when the server has closed the connection. */
  ended(): Promise<void>;
}

function connect({ host }: Listener): Client {
  const [hostname = '', port = ''] = host.split(':');
  const socket = createConnection(Number(port), hostname);
  const ended = once(socket, 'end').then(() => undefined);
  let text = '';
  let seenTo = 0;
  socket.on('data', (bytes) => {
    text += bytes;
  });
  socket.on('error', () => undefined);
  return {
    socket,
    text: () => text,
    write: (bytes) => new Promise((resolve) => socket.write(bytes, () => resolve())),
    async answer() {
      while (!isWhole(text.slice(seenTo))) await once(socket, 'data');
      const answer = text.slice(seenTo);
      seenTo = text.length;
      return answer;
    },
    ended: () => ended,
    [Symbol.dispose]: () => void socket.destroy(),
  };
}

function isWhole(text: string): boolean {
  const end = text.indexOf('\r\n\r\n');
  return end >= 0 && text.length >= end + 4 + Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
}
