/**
 * A registry that takes every upload and keeps nothing, in a process of its own: what a client costs by itself.
 * Run as a program it prints a line with the hosts of as many as its argument says, and ends with its standard input.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const count = Number(process.argv[2] ?? 1);
const servers = Array.from({ length: count }, () => createServer(answer).listen(0, '127.0.0.1'));
await Promise.all(servers.map((server) => once(server, 'listening')));
console.log(servers.map((server) => `127.0.0.1:${(server.address() as AddressInfo).port}`).join(' '));
process.stdin.resume().on('end', () => process.exit());

function answer(incoming: IncomingMessage, outgoing: ServerResponse): void {
  let sizeBytes = 0;
  incoming.on('data', (chunk: Buffer) => {
    sizeBytes += chunk.length;
  });
  incoming.on('end', () => {
    const { status, headers } = answerTo(incoming, sizeBytes);
    outgoing.writeHead(status, { 'content-length': '0', ...headers }).end();
  });
}

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
}

function answerTo({ method, url = '' }: IncomingMessage, sizeBytes: number): Answer {
  const [path = ''] = url.split('?');
  if (path === '/v2/') return { status: 200 };
  const location = path.endsWith('/uploads/') ? `${path}1?_state=none` : url;
  if (method === 'POST') return { status: 202, headers: { location } };
  if (method === 'PATCH') return { status: 202, headers: { location, range: `0-${Math.max(0, sizeBytes - 1)}` } };
  if (method === 'PUT') return { status: 201, headers: { location: path } };
  return { status: 404 };
}
