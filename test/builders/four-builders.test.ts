// Four builders, one index: a leg by Buildx, one by Buildah, one by a command and one by the direct builder.

import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildahBuilder } from '../../src/build/buildah.ts';
import { buildxBuilder } from '../../src/build/buildx.ts';
import { commandBuilder } from '../../src/build/command.ts';
import { directBuilder } from '../../src/build/direct/direct.ts';
import { parseLocation } from '../../src/content/oci/reference.ts';
import { openStores } from '../../src/content/store/open.ts';
import { desiredTarget } from '../../src/plan/desired.ts';
import { publishTarget } from '../../src/publish/reconcile.ts';
import { peersHost, type RequestDifferences } from '../support/build-request.ts';
import { builtLeg } from '../support/built-leg.ts';
import { filesOf } from '../support/image-content.ts';
import { pushBusybox } from '../support/images.ts';
import { environmentForPeers, needs, type PeerName, requirePeer } from '../support/peers.ts';
import { imageOf, writeLayout } from '../support/random-image.ts';
import { startRegistry } from '../support/registry.ts';
import { runOk } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { missingBelow, namedDigest } from '../support/whole.ts';

const ok = (program: PeerName, ...args: string[]) =>
  runOk(requirePeer(program), args, { env: environmentForPeers(), timeoutMs: 120_000 });

describe.runIf(needs('engine', 'docker', 'buildah', 'docker-registry', 'skopeo', 'crane', 'oras'))(
  'four builders',
  { timeout: 180_000 },
  () => {
    test('give one index of four platforms, with one digest on both registries', async () => {
      await using one = await startRegistry();
      await using two = await startRegistry();
      using folder = temporaryFolder('four');
      const host = peersHost();
      const stores = openStores(host);
      const staging = `oci:${join(folder.path, 'staging')}`;
      const destinations = [`${one.host}/team/four`, `${two.host}/four`];
      const base = await pushBusybox(one.host);
      const arm = { os: 'linux', architecture: 'arm', variant: 'v7' };
      writeLayout(join(folder.path, 'made'), imageOf([[{ path: 'by', content: Buffer.from('command') }]], arm), 'made');
      const build = (builder: Parameters<typeof builtLeg>[0], differences: RequestDifferences) =>
        builtLeg(builder, staging, { ...differences, destinations }, host, stores);

      const legs = [
        await build(directBuilder('test'), {
          platform: 'linux/s390x',
          dockerfile: 'FROM scratch\nCOPY by /\n',
          files: { by: 'direct' },
        }),
        await build(buildxBuilder, {
          platform: 'linux/amd64',
          dockerfile: `FROM ${base}\nRUN printf buildx > /by\n`,
          target: { attestations: { provenance: 'max', sbom: false } },
        }),
        await build(commandBuilder, {
          platform: 'linux/arm/v7',
          files: {
            'make.sh': { text: `#!/bin/sh\ncp -r ${folder.path}/made/. "$FANFOLD_LAYOUT"\n`, executable: true },
          },
          target: { builder: { kind: 'command', run: ['./make.sh'] } },
        }),
        await build(buildahBuilder, {
          platform: 'linux/arm64',
          dockerfile: `FROM ${base}\nRUN printf buildah > /by\n`,
          inputs: { bases: [{ role: 'from', reference: base }] },
        }),
      ];
      const { target } = legs[0] ?? {};
      if (target === undefined) throw new Error('nothing was built');
      const desired = desiredTarget(
        target,
        legs.map(({ record }) => record),
        ['v1'],
      );
      const { digest } = await publishTarget(desired, (location) => stores.open(location));

      const places = [
        { registry: one.host, repository: 'team/four' },
        { registry: two.host, repository: 'four' },
      ];
      for (const { registry, repository } of places) {
        const reference = `${registry}/${repository}:v1`;
        expect(await namedDigest(registry, repository, 'v1')).toBe(digest);
        expect(await missingBelow(registry, repository, 'v1')).toEqual([]);
        const { manifests } = JSON.parse(await ok('docker', 'buildx', 'imagetools', 'inspect', '--raw', reference));
        expect(manifests.map(({ platform }: { platform: object }) => Object.values(platform).join('/'))).toEqual([
          'amd64/linux',
          'unknown/unknown',
          'arm/linux/v7',
          'arm64/linux',
          's390x/linux',
        ]);
        expect(await ok('skopeo', 'inspect', '--raw', '--tls-verify=false', `docker://${reference}`)).toContain(
          's390x',
        );
        for (const platform of ['linux/amd64', 'linux/arm/v7', 'linux/arm64', 'linux/s390x']) {
          await ok('crane', 'validate', '--insecure', `--platform=${platform}`, '--remote', reference);
        }
        expect(await ok('oras', 'manifest', 'fetch', '--plain-http', '--descriptor', reference)).toContain(digest);
      }
      const store = await stores.open(parseLocation(destinations[1] ?? ''));
      const by = await Promise.all(legs.map(async ({ outcome }) => (await filesOf(store, outcome.manifest))['by']));
      expect(by).toEqual(['direct', 'buildx', 'command', 'buildah']);
    });
  },
);
