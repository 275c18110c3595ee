/**
 * A proxy before a registry that lets so many bytes a second through, in a process of its own.
 * Takes the registry's host and the bytes, prints the proxy's host, and ends with its standard input.
 */
import { startFaultProxy } from '../test/support/fault-proxy.ts';

const [upstreamHost = '', bytesPerSecond] = process.argv.slice(2);
const proxy = await startFaultProxy(upstreamHost, [], { bytesPerSecond: Number(bytesPerSecond) });
console.log(proxy.host);
process.stdin.resume().on('end', () => process.exit());
