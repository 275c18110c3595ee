/**
 * `npm run bench:merge`: 386 targets of two legs, whose contents both registries hold, get a new index and a tag on each: by Fanfold
 * in one go, and by `docker buildx imagetools create` target by target, as workflows do it today (a sample, scaled up).
 */
import { nodeHost } from '../src/base/host/host.ts';
import { formatLocation } from '../src/content/oci/reference.ts';
import { copyGraph } from '../src/content/store/copy.ts';
import { fanOut } from '../src/content/store/fan-out.ts';
import { openStores } from '../src/content/store/open.ts';
import { createPool } from '../src/content/store/pool.ts';
import { environmentForPeers, requirePeer } from '../test/support/peers.ts';
import { stageLeg } from '../test/support/publication.ts';
import { startRegistry } from '../test/support/registry.ts';
import { runOk } from '../test/support/run.ts';
import { printMachine } from './machine.ts';
import { type Measured, printGoal, printRounds, race, ratiosOf, spreadText } from './measure.ts';
import { type FamilyTarget, familyOf, platforms, targetCount } from './merge-family.ts';
import { runMeasured } from './process.ts';
import { storageFolder, storagePlace } from './storage.ts';

const sampleSize = 20;
const setUpAtOnce = 8;
const env = environmentForPeers();
const docker = requirePeer('docker');
const own = `Fanfold, ${targetCount} targets`;
const ordered = `Fanfold with a record of what took each tag, ${targetCount} targets`;
const theirs = `imagetools create, ${sampleSize} targets scaled to ${targetCount}`;
const besides = `imagetools create, 4 at once, ${sampleSize} scaled to ${targetCount}`;

printMachine(`merge: ${targetCount} targets of ${platforms.length} legs on two registries`, [
  'docker-registry',
  'docker',
]);
console.log(`the registries' storage: ${storagePlace()}`);
using storage = storageFolder();
using otherStorage = storageFolder();
await using one = await startRegistry({ storageFolder: storage.path });
await using other = await startRegistry({ storageFolder: otherStorage.path });
const hosts = [one.host, other.host];
const manifests = await setUp();

let round = 0;
const rounds = await race(
  [
    { name: own, run: () => publishAll(++round, 'plain') },
    { name: ordered, run: () => publishAll(++round, 'ordered') },
    { name: theirs, run: () => mergeSample(++round, 1) },
    { name: besides, run: () => mergeSample(++round, 4) },
  ],
  { rounds: 5, budgetMs: 110_000 },
);
printRounds(rounds);
printGoal(
  'imagetools create over Fanfold',
  spreadText(ratiosOf(rounds, theirs, own, 'wallMs'), 1),
  'at least 20 times',
);
console.log(`   over Fanfold with the record: ${spreadText(ratiosOf(rounds, theirs, ordered, 'wallMs'), 1)}`);
console.log(`   4 at once, over Fanfold: ${spreadText(ratiosOf(rounds, besides, own, 'wallMs'), 1)}`);

/** Stages every leg and brings it to both destinations. Gives the manifests' digests by target. */
async function setUp(): Promise<ReadonlyMap<string, readonly string[]>> {
  const host = nodeHost();
  const stores = openStores(host);
  const pool = createPool(setUpAtOnce);
  const bring = async (target: FamilyTarget): Promise<readonly [string, readonly string[]]> => {
    const staging = await stores.open(target.staging);
    const members = await Promise.all(
      target.destinations.map(async (location) => ({
        name: formatLocation(location),
        store: await stores.open(location),
        required: true,
      })),
    );
    const digests: string[] = [];
    for (const platform of platforms) {
      const { manifest } = await stageLeg(staging, target.seed, platform);
      await copyGraph(staging, fanOut(members), manifest);
      digests.push(manifest.digest);
    }
    return [target.name, digests];
  };
  const all = await Promise.all(familyOf(hosts, 0).map((target) => pool(() => bring(target))));
  await host.http.close();
  return new Map(all);
}

async function publishAll(number: number, manner: 'plain' | 'ordered'): Promise<Measured> {
  const file = new URL('merge-publish.ts', import.meta.url).pathname;
  const args = ['--import', 'tsx', file, String(number), manner, ...hosts];
  // It tells its own time: starting tsx is not publishing.
  const said = await runOk(process.execPath, args, { timeoutMs: 120_000 });
  return JSON.parse(said) as Measured;
}

async function mergeSample(number: number, atOnce: number): Promise<Measured> {
  const sample = familyOf(hosts, number).slice(0, sampleSize);
  const pool = createPool(atOnce);
  const startedMs = performance.now();
  const runs = await Promise.all(sample.map((target) => pool(() => mergeOne(target, number))));
  const wallMs = ((performance.now() - startedMs) * targetCount) / sampleSize;
  const processorMs = (runs.reduce((sum, run) => sum + run.processorMs, 0) * targetCount) / sampleSize;
  return { wallMs, processorMs, peakBytes: Math.max(...runs.map(({ peakBytes }) => peakBytes)) };
}

function mergeOne(target: FamilyTarget, number: number): Promise<Measured> {
  const [first = ''] = target.destinations.map(formatLocation);
  const tags = target.destinations.flatMap((location) => ['--tag', `${formatLocation(location)}:latest`]);
  const sources = (manifests.get(target.name) ?? []).map((digest) => `${first}@${digest}`);
  const annotation = ['--annotation', `index:bench.round=${number}`];
  return runMeasured(docker, ['buildx', 'imagetools', 'create', ...annotation, ...tags, ...sources], { env });
}
