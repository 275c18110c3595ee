// The direct builder against the real engine: the same Dockerfile gives the same root file system and the same config.

import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nodeHost } from '../../src/base/host/host.ts';
import { directBuilder } from '../../src/build/direct/direct.ts';
import { openStores } from '../../src/content/store/open.ts';
import type { NamedContext } from '../../src/source/project/model.ts';
import { buildRequest } from '../support/build-request.ts';
import { bareBase, directBase, onbuildBase } from '../support/direct-bases.ts';
import { writeDirectContext } from '../support/direct-context.ts';
import { type FlatImage, flattenLayout } from '../support/flatten.ts';
import { folderTree } from '../support/folder-tree.ts';
import { pushTestIndex } from '../support/images.ts';
import { environmentForPeers, needs, requirePeer } from '../support/peers.ts';
import { type Registry, startRegistry } from '../support/registry.ts';
import { runOk } from '../support/run.ts';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder.ts';

const fixtures = join(import.meta.dirname, '../fixtures/dockerfiles/direct');
const names = readdirSync(fixtures).flatMap((file) =>
  file.endsWith('.dockerfile') ? [file.replace(/\.dockerfile$/, '')] : [],
);

/** What a Dockerfile is built with beyond the common arguments. */
const differences: Readonly<Record<string, { stage?: string; platform?: string; args?: Record<string, string> }>> = {
  target: { stage: 'second' },
  args: { args: { GIVEN: 'given', GLOBAL: 'from outside' } },
  'args-platform': { platform: 'linux/arm/v7' },
  'copy-from-image': { platform: 'linux/arm64' },
  'base-links': { platform: 'linux/arm64' },
};

describe.runIf(needs('docker-registry', 'engine', 'docker', 'skopeo'))(
  'the direct builder and BuildKit',
  { concurrent: true },
  () => {
    let registry: Registry;
    let folder: TemporaryFolder;
    let bases: Record<'BASE' | 'BARE' | 'ONBUILD', string>;
    const place = (name: string): string => join(folder.path, name);

    beforeAll(async () => {
      registry = await startRegistry();
      folder = temporaryFolder('direct');
      for (const name of ['context', 'extra', 'engine', 'direct']) mkdirSync(place(name), { mode: 0o755 });
      await writeDirectContext(place('context'), place('extra'));
      bases = {
        BASE: await pushTestIndex(registry.host, 'base', await directBase()),
        BARE: await pushTestIndex(registry.host, 'bare', await bareBase()),
        ONBUILD: await pushTestIndex(registry.host, 'onbuild', await onbuildBase()),
      };
    });
    afterAll(async () => {
      await registry.stop();
      folder[Symbol.dispose]();
    });

    test('there are at least 60 of them', () => expect(names.length).toBeGreaterThanOrEqual(60));

    test.for(names)('%s', { timeout: 60_000 }, async (name, { expect }) => {
      const text = readFileSync(join(fixtures, `${name}.dockerfile`), 'utf8').replaceAll('{{base}}', bases.BASE);
      const [engine, direct] = await Promise.all([buildByEngine(name, text), buildDirectly(name, text)]);
      expect(Object.fromEntries(direct.root)).toEqual(Object.fromEntries(engine.root));
      expect(comparable(direct)).toEqual(comparable(engine));
    });

    async function buildByEngine(name: string, text: string): Promise<FlatImage> {
      const { stage, platform = 'linux/amd64', args } = differences[name] ?? {};
      const flags = [
        ...['--platform', platform, '--provenance=false', '--sbom=false', '--network=none', '--file=-'],
        ...Object.entries({ ...bases, ...args }).flatMap(([key, value]) => ['--build-arg', `${key}=${value}`]),
        ...['--build-context', `extra=${place('extra')}`, '--build-context', `other=docker-image://${bases.BASE}`],
        ...(stage === undefined ? [] : ['--target', stage]),
        ...['--label', 'given=by the build', '--output', `type=oci,tar=false,dest=${place(`engine/${name}`)}`],
      ];
      const env = environmentForPeers();
      await runOk(requirePeer('docker'), ['buildx', 'build', ...flags, place('context')], { env, input: text });
      return await flattenLayout(place(`engine/${name}`));
    }

    async function buildDirectly(name: string, text: string): Promise<FlatImage> {
      const { stage, platform = 'linux/amd64', args } = differences[name] ?? {};
      const host = nodeHost();
      const stores = openStores(host);
      const store = await stores.open({ kind: 'layout', path: place(`direct/${name}`) });
      const contexts: Record<string, NamedContext> = {
        extra: { kind: 'folder', path: 'extra' },
        other: { kind: 'image', reference: bases.BASE },
      };
      const target = { contexts, labels: { given: 'by the build' }, ...(stage === undefined ? {} : { stage }) };
      const request = buildRequest({
        dockerfile: text,
        platform,
        target,
        inputs: { args: { ...bases, ...args }, folders: new Map([['extra', folderTree(place('extra'))]]) },
        store,
        open: (location) => stores.open(location),
      });
      const outcome = await directBuilder('test').build(
        { ...request, context: folderTree(place('context')) },
        host,
        {},
      );
      await store.tag(outcome.manifest, 'latest');
      return await flattenLayout(place(`direct/${name}`));
    }
  },
);

/** Everything of an image that two builders must agree on: all but digests, times, and the words of the history. */
function comparable({ config, manifest }: FlatImage): unknown {
  const { created: _, history, rootfs, ...rest } = config;
  const layers = (rootfs as { diff_ids: string[] }).diff_ids.length;
  const made = ((history ?? []) as { empty_layer?: boolean }[]).map((entry) => entry.empty_layer === true);
  const types = (manifest['layers'] as { mediaType: string }[]).map(({ mediaType }) => mediaType);
  return {
    ...rest,
    layers,
    made,
    types,
    type: manifest['mediaType'],
    configType: (manifest['config'] as { mediaType: string }).mediaType,
  };
}
