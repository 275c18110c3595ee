/**
 * `npm run bench:publish`: an image of 1 GiB from a layout to two real registries, against the other clients;
 * then to two that discard everything, to see what a client costs by itself.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { environmentForPeers, requirePeer } from '../test/support/peers.ts';
import { startRegistry } from '../test/support/registry.ts';
import { temporaryFolder } from '../test/support/temporary-folder.ts';
import { bundleCommand } from './command.ts';
import { startBeside } from './helper-process.ts';
import { type LargeImage, writeLargeImage } from './layout.ts';
import { printMachine } from './machine.ts';
import {
  type Contestant,
  type Measured,
  median,
  printGoal,
  printRounds,
  type Quantity,
  type Rounds,
  race,
  ratiosOf,
  spreadText,
  valuesOf,
} from './measure.ts';
import { runMeasured } from './process.ts';

const layers = 4;
const layerBytes = 256 * 1024 * 1024;
const repository = 'bench/app';
const env = environmentForPeers();
const tools = { crane: requirePeer('crane'), skopeo: requirePeer('skopeo'), oras: requirePeer('oras') };

printMachine('publish: 1 GiB in 4 layers to two registries', ['docker-registry', 'crane', 'skopeo', 'oras']);
using folder = temporaryFolder('bench-publish');
using command = bundleCommand();
const image = writeLargeImage(folder.path, layers, layerBytes);

await againstRegistries();
await againstSinks();

async function againstRegistries(): Promise<void> {
  console.log('From a layout to two cold registries on this machine:');
  const rivals = await race([cold('fanfold copy', fanfold), cold('curl, all at once', curl)], {
    // A round differs from the next by a quarter, as the registries' disk does: with five, so does their median by a tenth.
    rounds: 15,
    budgetMs: 180_000,
  });
  printRounds(rivals);
  const ratios = ratiosOf(rivals, 'fanfold copy', 'curl, all at once', 'wallMs');
  printGoal('time of fanfold copy over that of parallel curl', spreadText(ratios, 2), 'at most 1.1');
  const others = await race(
    [
      cold('crane push, both at once', crane),
      cold('skopeo copy, both at once', skopeo),
      cold('oras cp, both at once', oras),
    ],
    { rounds: 2, budgetMs: 45_000 },
  );
  printRounds(others);
  console.log('');
}

/** A contestant that gets two empty registries each time; what an earlier run left to be written is on the disk before. */
function cold(name: string, push: (hosts: readonly [string, string]) => Promise<Measured>): Contestant {
  const run = async (): Promise<Measured> => {
    await using one = await startRegistry();
    await using other = await startRegistry();
    execFileSync('sync');
    return await push([one.host, other.host]);
  };
  return { name, run };
}

function fanfold(hosts: readonly string[], from = `oci:${image.folder}:latest`): Promise<Measured> {
  const to = hosts.map((host) => `${host}/${repository}:latest`);
  return runMeasured(process.execPath, [command.path, 'copy', from, ...to], { env });
}

function curl(hosts: readonly string[]): Promise<Measured> {
  const { folder: layout, manifestDigest, blobDigests } = image satisfies LargeImage;
  const file = fileURLToPath(new URL('parallel-curl.sh', import.meta.url));
  return runMeasured('bash', [file, layout, repository, hosts.join(' '), manifestDigest, ...blobDigests], { env });
}

function crane(hosts: readonly string[]): Promise<Measured> {
  return atOnce(hosts.map((host) => `"$crane" push --insecure "$layout" ${host}/${repository}:latest`));
}

function skopeo(hosts: readonly string[]): Promise<Measured> {
  const flags = '--insecure-policy copy --quiet --preserve-digests --dest-tls-verify=false';
  return atOnce(hosts.map((host) => `"$skopeo" ${flags} "oci:$layout:latest" docker://${host}/${repository}:latest`));
}

function oras(hosts: readonly string[]): Promise<Measured> {
  const flags = '--no-tty --from-oci-layout --to-plain-http';
  return atOnce(hosts.map((host) => `"$oras" cp ${flags} "$layout:latest" ${host}/${repository}:latest`));
}

/** Runs commands of a shell side by side; the status of each counts. */
function atOnce(commands: readonly string[]): Promise<Measured> {
  const started = commands.map((one) => `${one} & pids="$pids $!"`).join('\n');
  const script = `pids=\n${started}\nfor pid in $pids; do wait "$pid" || exit 1; done`;
  return runMeasured('bash', ['-c', script], { env: { ...env, ...tools, layout: image.folder } });
}

async function againstSinks(): Promise<void> {
  console.log('To two registries that discard everything, the client alone:');
  await using sinks = await startBeside('sink.ts', ['2']);
  await using source = await startRegistry();
  await fanfold([source.host]);
  const from = `${source.host}/${repository}:latest`;
  const both = (args: readonly string[]): Promise<Measured> => oneAfterTheOther(sinks.words, args);
  const rounds = await race(
    [
      { name: 'fanfold copy from a registry', run: () => fanfold(sinks.words, from) },
      { name: 'fanfold copy from a layout', run: () => fanfold(sinks.words) },
      { name: 'crane copy from a registry, twice', run: () => both(['copy', '--insecure', from]) },
      { name: 'crane push from a layout, twice', run: () => both(['push', '--insecure', image.folder]) },
    ],
    { rounds: 5, budgetMs: 60_000 },
  );
  printRounds(rounds);
  for (const name of ['fanfold copy from a registry', 'fanfold copy from a layout']) printSinkGoals(rounds, name);
}

function printSinkGoals(rounds: Rounds, name: string): void {
  const ratios = ratiosOf(rounds, name, 'crane copy from a registry, twice', 'processorMs');
  printGoal(`processor time of ${name} over two crane copy`, spreadText(ratios, 2), 'at most 1');
  const peaks = valuesOf(rounds, name, 'peakBytes').map((bytes) => bytes / 2 ** 20);
  printGoal(`peak memory of ${name}`, `${median(peaks).toFixed(0)} MiB`, 'under 150 MiB');
}

async function oneAfterTheOther(hosts: readonly string[], args: readonly string[]): Promise<Measured> {
  const runs: Measured[] = [];
  for (const host of hosts) {
    runs.push(await runMeasured(tools.crane, [...args, `${host}/${repository}:latest`], { env }));
  }
  const sum = (quantity: Quantity): number => runs.reduce((total, one) => total + one[quantity], 0);
  return {
    wallMs: sum('wallMs'),
    processorMs: sum('processorMs'),
    peakBytes: Math.max(...runs.map(({ peakBytes }) => peakBytes)),
  };
}
