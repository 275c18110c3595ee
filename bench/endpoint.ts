/**
 * `npm run bench:endpoint`: Buildx pushes an image that BuildKit has in its cache to two registries, through the endpoint of
 * `fanfold tee`, and by one exporter with both names, which pushes to one after the other.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { environmentForPeers, requirePeer } from '../test/support/peers.ts';
import { randomBytes } from '../test/support/random-image.ts';
import { type Registry, startRegistry } from '../test/support/registry.ts';
import { temporaryFolder } from '../test/support/temporary-folder.ts';
import { bundleCommand } from './command.ts';
import { startBeside } from './helper-process.ts';
import { printMachine } from './machine.ts';
import { type Contestant, type Measured, printGoal, printRounds, race, ratiosOf, spreadText } from './measure.ts';
import { runMeasured } from './process.ts';
import { type StorageFolder, storageFolder, storagePlace } from './storage.ts';

const layers = 4;
const layerBytes = 128 * 1024 * 1024;
const cappedBytesPerSecond = 50_000_000;
const env = environmentForPeers();
const docker = requirePeer('docker');
const through = 'Buildx through the endpoint';
const direct = 'Buildx, one exporter with both names';

printMachine('endpoint: Buildx pushes 512 MiB in 4 layers to two registries', ['docker-registry', 'docker']);
using command = bundleCommand();
using context = temporaryFolder('bench-endpoint');
writeContext();
await warmCache();
await compare('On loopback:', 'at most 0.9', { rounds: 15, budgetMs: 200_000 }, () => startTwo(onDisk));
await compare(
  `On loopback, the registries' storage in ${storagePlace()}:`,
  'none, for processors alone decide it',
  { rounds: 3, budgetMs: 45_000 },
  () => startTwo(storageFolder),
);
await compare('Where each registry takes 50 MB/s:', 'at most 0.6', { rounds: 2, budgetMs: 70_000 }, startTwoCapped);

/** Random bytes of this very run: no earlier push of them is remembered anywhere. */
function writeContext(): void {
  const files = Array.from({ length: layers }, (_, place) => `layer-${place}`);
  for (const file of files) writeFileSync(join(context.path, file), randomBytes(`${context.path} ${file}`, layerBytes));
  const copies = files.map((file) => `COPY ${file} /${file}\n`);
  writeFileSync(join(context.path, 'Dockerfile'), `FROM scratch\n${copies.join('')}`);
}

/** Builds, compresses and pushes once: what is measured afterwards is the push alone. */
async function warmCache(): Promise<void> {
  await using registry = await startRegistry();
  await runMeasured(docker, buildArguments(`name=${registry.host}/bench/app:warm`), { env });
}

function buildArguments(name: string): readonly string[] {
  const attestations = ['--provenance=mode=max'];
  return ['buildx', 'build', '--network=none', ...attestations, '-o', `type=image,${name},push=true`, context.path];
}

/** Two registries, and how they are reached. */
interface TwoRegistries extends AsyncDisposable {
  readonly hosts: readonly string[];
}

async function compare(
  title: string,
  goal: string,
  options: Parameters<typeof race>[1],
  open: () => Promise<TwoRegistries>,
): Promise<void> {
  console.log(title);
  const rounds = await race([cold(through, open, pushThroughEndpoint), cold(direct, open, pushToBoth)], options);
  printRounds(rounds);
  printGoal(
    'time through the endpoint over that of one exporter',
    spreadText(ratiosOf(rounds, through, direct, 'wallMs'), 2),
    goal,
  );
  console.log('');
}

function cold(
  name: string,
  open: () => Promise<TwoRegistries>,
  push: (names: readonly string[]) => Promise<Measured>,
): Contestant {
  const run = async (): Promise<Measured> => {
    await using registries = await open();
    execFileSync('sync');
    return await push(registries.hosts.map((host) => `${host}/bench/app`));
  };
  return { name, run };
}

function pushToBoth(repositories: readonly string[]): Promise<Measured> {
  const names = repositories.map((repository) => `${repository}:latest`).join(',');
  return runMeasured(docker, buildArguments(`"name=${names}"`), { env });
}

function pushThroughEndpoint(repositories: readonly string[]): Promise<Measured> {
  const to = repositories.flatMap((repository) => ['--to', repository]);
  const push = [docker, ...buildArguments('name={reference}:latest')];
  return runMeasured(process.execPath, [command.path, 'tee', ...to, '--', ...push], { env });
}

function onDisk(): StorageFolder {
  return temporaryFolder('bench-registry');
}

async function startTwo(makeStorage: () => StorageFolder): Promise<TwoRegistries> {
  const folders = [makeStorage(), makeStorage()];
  const registries = await Promise.all(folders.map(({ path }) => startRegistry({ storageFolder: path })));
  const end = async (): Promise<void> => {
    await endAll(registries);
    for (const folder of folders) folder[Symbol.dispose]();
  };
  return { hosts: registries.map(({ host }) => host), [Symbol.asyncDispose]: end };
}

async function startTwoCapped(): Promise<TwoRegistries> {
  const registries = await startTwo(onDisk);
  const proxies = await Promise.all(registries.hosts.map(startCapped));
  return {
    hosts: proxies.map(({ words }) => words[0] ?? ''),
    [Symbol.asyncDispose]: () => endAll([...proxies, registries]),
  };
}

function startCapped(host: string): ReturnType<typeof startBeside> {
  return startBeside('capped-registry.ts', [host, String(cappedBytesPerSecond)]);
}

async function endAll(all: readonly (AsyncDisposable | Registry)[]): Promise<void> {
  for (const one of all) await one[Symbol.asyncDispose]();
}
