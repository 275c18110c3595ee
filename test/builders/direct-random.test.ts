// Random Dockerfiles: the direct builder and the engine make the same root file system of each, or both refuse it.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { isFanfoldError } from '../../src/base/errors/error.ts';
import { nodeHost } from '../../src/base/host/host.ts';
import { directBuilder } from '../../src/build/direct/direct.ts';
import { openStores } from '../../src/content/store/open.ts';
import { buildRequest } from '../support/build-request.ts';
import { directBase } from '../support/direct-bases.ts';
import { writeDirectContext } from '../support/direct-context.ts';
import { flattenLayout } from '../support/flatten.ts';
import { folderTree } from '../support/folder-tree.ts';
import { pushTestIndex } from '../support/images.ts';
import { environmentForPeers, needs, requirePeer } from '../support/peers.ts';
import { randomDockerfiles } from '../support/random-dockerfile.ts';
import { type Registry, startRegistry } from '../support/registry.ts';
import { run } from '../support/run.ts';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder.ts';

// More of them, or others: FANFOLD_RANDOM_COUNT, FANFOLD_RANDOM_SEED.
const count = Number(process.env['FANFOLD_RANDOM_COUNT'] ?? 12);
const seed = Number(process.env['FANFOLD_RANDOM_SEED'] ?? 4);
const cases = randomDockerfiles(seed, count).map((dockerfile, place) => ({ place, dockerfile }));

describe.runIf(needs('docker-registry', 'engine', 'docker', 'skopeo'))(`seed ${seed}`, { concurrent: true }, () => {
  let registry: Registry;
  let folder: TemporaryFolder;
  let base: string;
  const path = (...parts: readonly string[]): string => join(folder.path, ...parts);

  beforeAll(async () => {
    registry = await startRegistry();
    folder = temporaryFolder('random');
    mkdirSync(path('context'));
    await writeDirectContext(path('context'), path('extra'));
    base = await pushTestIndex(registry.host, 'base', await directBase());
  });
  afterAll(async () => {
    await registry.stop();
    folder[Symbol.dispose]();
  });

  test.for(cases)('number $place', { timeout: 120_000 }, async ({ place, dockerfile }, { expect }) => {
    const [engine, direct] = [await buildByEngine(place, dockerfile), await buildDirectly(place, dockerfile)];
    expect({ dockerfile, root: direct }).toEqual({ dockerfile, root: engine });
  });

  async function buildByEngine(place: number, dockerfile: string): Promise<Record<string, string> | 'refused'> {
    const output = path(`engine-${place}`);
    const flags = ['--file=-', '--no-cache', '--provenance=false', '--network=none', '--build-arg', `BASE=${base}`];
    const args = ['buildx', 'build', ...flags, '--output', `type=oci,tar=false,dest=${output}`, path('context')];
    const options = { env: environmentForPeers(), input: dockerfile, timeoutMs: 100_000 };
    const { status } = await run(requirePeer('docker'), args, options);
    return status === 0 ? Object.fromEntries((await flattenLayout(output)).root) : 'refused';
  }

  async function buildDirectly(place: number, dockerfile: string): Promise<Record<string, string> | 'refused'> {
    const host = nodeHost();
    const stores = openStores(host);
    const store = await stores.open({ kind: 'layout', path: path(`direct-${place}`) });
    const inputs = { args: { BASE: base } };
    const request = buildRequest({ dockerfile, inputs, store, open: (location) => stores.open(location) });
    try {
      const made = await directBuilder('test').build({ ...request, context: folderTree(path('context')) }, host, {});
      await store.tag(made.manifest, 'latest');
    } catch (error) {
      if (!isFanfoldError(error)) throw error;
      return 'refused';
    }
    return Object.fromEntries((await flattenLayout(path(`direct-${place}`))).root);
  }
});
