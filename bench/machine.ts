/** What a figure was measured on: printed before every benchmark. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { environmentForPeers, type PeerName, peer } from '../test/support/peers.ts';

/** Arguments that make a program tell its version. */
const versionArguments: Partial<Record<PeerName, readonly string[]>> = {
  crane: ['version'],
  docker: ['version', '--format', 'engine {{.Server.Version}}'],
  'docker-registry': ['--version'],
  oras: ['version'],
  skopeo: ['--version'],
};

/** Prints the machine's facts and the versions of the peers that a benchmark uses. */
export function printMachine(title: string, peers: readonly PeerName[]): void {
  const { model } = cpus()[0] ?? { model: 'unknown processor' };
  const load = readFileSync('/proc/loadavg', 'utf8').split(' ').slice(0, 2).join(' ');
  console.log(`# ${title}`);
  console.log(`${new Date().toISOString()}, load before it ${load}`);
  console.log(
    `${cpus().length} cores ${model.trim()}, ${gib(totalmem())} GiB memory, Linux ${release()}, Node.js ${process.version}`,
  );
  for (const name of peers) console.log(`${name}: ${versionOf(name)}`);
  if (peers.includes('docker')) console.log(`buildx: ${firstLine(peer('docker'), ['buildx', 'version'])}`);
  console.log('');
}

function versionOf(name: PeerName): string {
  return firstLine(peer(name), versionArguments[name] ?? ['--version']);
}

function firstLine(program: string | undefined, args: readonly string[]): string {
  if (program === undefined) return 'not installed';
  const text = execFileSync(program, args, { env: environmentForPeers(), encoding: 'utf8', timeout: 20_000 });
  return text.trim().split('\n')[0] ?? '';
}

function gib(sizeBytes: number): number {
  return Math.round(sizeBytes / 2 ** 30);
}
