// The direct builder against the real engine: the same Dockerfile gives the same root file system and the same config.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nodeHost } from '../../src/base/host/host.ts';
import { directBuilder } from '../../src/build/direct/direct.ts';
import { openStores } from '../../src/content/store/open.ts';
import type { NamedContext } from '../../src/source/project/model.ts';
import { buildRequest } from '../support/build-request.ts';
import { bareBase, directBase, onbuildBase, throughBase } from '../support/direct-bases.ts';
import { writeDirectContext } from '../support/direct-context.ts';
import { type FlatImage, flattenLayout } from '../support/flatten.ts';
import { folderTree } from '../support/folder-tree.ts';
import { pushTestIndex } from '../support/images.ts';
import { environmentForPeers, needs, requirePeer } from '../support/peers.ts';
import { type Registry, startRegistry } from '../support/registry.ts';
import { run, runOk } from '../support/run.ts';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder.ts';

const fixtures = join(import.meta.dirname, '../fixtures/dockerfiles/direct');
const names = readdirSync(fixtures).flatMap((file) =>
  file.endsWith('.dockerfile') ? [file.replace(/\.dockerfile$/, '')] : [],
);

const batchSize = 8;
const tries = 3;

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
    let bases: Record<'BASE' | 'BARE' | 'ONBUILD' | 'THROUGH', string>;
    const place = (name: string): string => join(folder.path, name);

    beforeAll(async () => {
      registry = await startRegistry();
      folder = temporaryFolder('direct');
      for (const name of ['context', 'extra', 'files', 'engine', 'direct']) mkdirSync(place(name), { mode: 0o755 });
      await writeDirectContext(place('context'), place('extra'));
      bases = {
        BASE: await pushTestIndex(registry.host, 'base', await directBase()),
        BARE: await pushTestIndex(registry.host, 'bare', await bareBase()),
        ONBUILD: await pushTestIndex(registry.host, 'onbuild', await onbuildBase()),
        THROUGH: await pushTestIndex(registry.host, 'through', await throughBase()),
      };
      await bakeAll();
    }, 300_000);
    afterAll(async () => {
      await registry.stop();
      folder[Symbol.dispose]();
    });

    test('there are at least 60 of them', () => expect(names.length).toBeGreaterThanOrEqual(60));

    test.for(names)('%s', { timeout: 60_000 }, async (name, { expect }) => {
      const direct = await buildDirectly(name);
      const engine = await flattenLayout(place(`engine/${name}`));
      expect(Object.fromEntries(direct.root)).toEqual(Object.fromEntries(engine.root));
      expect(comparable(direct)).toEqual(comparable(engine));
    });

    const textOf = (name: string): string =>
      readFileSync(join(fixtures, `${name}.dockerfile`), 'utf8').replaceAll('{{base}}', bases.BASE);

    /** The engine builds many at once: one client, one transfer of the context. All in one is more than it bears. */
    async function bakeAll(): Promise<void> {
      for (const name of names) writeFileSync(place(`files/${name}`), textOf(name));
      for (let from = 0; from < names.length; from += batchSize) await bake(names.slice(from, from + batchSize));
    }

    async function bake(targets: readonly string[]): Promise<void> {
      const target = Object.fromEntries(targets.map((name) => [name, bakeTarget(name)]));
      writeFileSync(place('bake.json'), JSON.stringify({ group: { default: { targets } }, target }));
      const flags = ['--file', place('bake.json'), '--provenance=false', '--sbom=false', '--progress=plain'];
      const options = { env: environmentForPeers(), cwd: folder.path, timeoutMs: 120_000 };
      // The engine loses a snapshot now and then where many builds share steps (seen with 28.5: "failed to stat active key during commit").
      for (let attempt = 1; attempt < tries; attempt++) {
        if ((await run(requirePeer('docker'), ['buildx', 'bake', ...flags], options)).status === 0) return;
      }
      await runOk(requirePeer('docker'), ['buildx', 'bake', ...flags], options);
    }

    function bakeTarget(name: string): Record<string, unknown> {
      const { stage, platform = 'linux/amd64', args } = differences[name] ?? {};
      return {
        context: place('context'),
        dockerfile: place(`files/${name}`),
        contexts: { extra: place('extra'), other: `docker-image://${bases.BASE}` },
        args: { ...bases, ...args },
        platforms: [platform],
        labels: { given: 'by the build' },
        network: 'none',
        // What earlier builds left in the engine is no part of the judgement.
        'no-cache': true,
        output: [`type=oci,tar=false,dest=${place(`engine/${name}`)}`],
        ...(stage === undefined ? {} : { target: stage }),
      };
    }

    async function buildDirectly(name: string): Promise<FlatImage> {
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
        dockerfile: textOf(name),
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
  const layers = ((rootfs as { diff_ids?: string[] | null }).diff_ids ?? []).length;
  const made = ((history ?? []) as { empty_layer?: boolean }[]).map((entry) => entry.empty_layer === true);
  const types = ((manifest['layers'] ?? []) as { mediaType: string }[]).map(({ mediaType }) => mediaType);
  return {
    ...rest,
    layers,
    made,
    types,
    type: manifest['mediaType'],
    configType: (manifest['config'] as { mediaType: string }).mediaType,
  };
}
