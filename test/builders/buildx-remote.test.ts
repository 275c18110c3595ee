// A BuildKit that does not reach this machine's loopback: found out by trying, and read by its export or left to push itself.

import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Host } from '../../src/base/host/host.ts';
import { buildByNames } from '../../src/build/buildx/by-names.ts';
import { probeReach } from '../../src/build/buildx/probe.ts';
import { buildxBuilder } from '../../src/build/buildx.ts';
import { writeBuildFolders } from '../../src/build/folders.ts';
import { contentMade } from '../../src/build/made.ts';
import { parsePlatform } from '../../src/content/oci/platform.ts';
import { type Location, parseLocation } from '../../src/content/oci/reference.ts';
import { layoutStore } from '../../src/content/store/layout/layout.ts';
import { openStores } from '../../src/content/store/open.ts';
import { buildRequest, peersHost, type RequestDifferences } from '../support/build-request.ts';
import { filesOf, statementsOf } from '../support/image-content.ts';
import { type IsolatedEngine, startIsolatedEngine } from '../support/isolated-engine.ts';
import { environmentForPeers, needs, requirePeer } from '../support/peers.ts';
import { startRegistry } from '../support/registry.ts';
import { runOk } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const platform = parsePlatform('linux/arm64');
const copied: RequestDifferences = {
  platform: 'linux/arm64',
  dockerfile: 'FROM scratch\nCOPY . /\n',
  files: { 'a.txt': 'hello' },
};

describe.runIf(needs('engine', 'docker', 'socat'))('a BuildKit out of reach', { timeout: 180_000 }, () => {
  let engine: IsolatedEngine;
  let host: Host;

  beforeAll(async () => {
    engine = await startIsolatedEngine();
    host = peersHost(engine.env);
  });
  afterAll(() => engine[Symbol.asyncDispose]());

  test('the probe tells which BuildKit reaches this machine, and asks once', async () => {
    let runs = 0;
    const counting = (real: Host): Host => ({
      ...real,
      exec: {
        run(...call) {
          runs += 1;
          return real.exec.run(...call);
        },
      },
    });
    const near = counting(peersHost());
    const far = counting(host);
    expect(await probeReach(undefined, platform, near, {})).toMatchObject({
      reaches: true,
      driver: { kind: 'remote' },
    });
    expect(await probeReach(undefined, platform, far, {})).toMatchObject({ reaches: false });
    const before = runs;
    expect(await probeReach(undefined, platform, far, {})).toMatchObject({ reaches: false });
    expect(runs).toBe(before);
  });

  test('its OCI export is read, into a layout too, and the subjects are right', async () => {
    using folder = temporaryFolder('layout');
    const store = layoutStore({ kind: 'layout', path: join(folder.path, 'out') }, host);
    const request = buildRequest({
      ...copied,
      store,
      destinations: ['one.example/app', `oci:${join(folder.path, 'out')}`],
      target: { attestations: { provenance: 'max', sbom: false } },
    });
    const outcome = await buildxBuilder.build(request, host, {});
    expect(await filesOf(store, outcome.manifest)).toEqual({ 'a.txt': 'hello' });
    const [statement] = await statementsOf(store, outcome.attestations);
    expect(statement?.subjects.map(({ name }) => name.split('@')[0])).toEqual(
      request.subjects.map((subject) => `pkg:docker/${subject}`),
    );
    expect(request.notices()).toEqual([
      'the BuildKit behind the remote driver does not reach 127.0.0.1 of this machine, so its OCI export is read',
    ]);
  });

  test('of several nodes, the one that builds the platform decides', async () => {
    const docker = (env: Readonly<Record<string, string>>, ...args: string[]) =>
      runOk(requirePeer('docker'), args, { env });
    const socketOf = (text: string) => /unix:\S+/.exec(text)?.[0] ?? '';
    const near = socketOf(await docker(environmentForPeers(), 'buildx', 'inspect', 'fanfold'));
    const far = socketOf(await docker(engine.env, 'buildx', 'inspect', 'isolated'));
    const create = ['buildx', 'create', '--name', 'both', '--driver', 'remote'];
    await docker(engine.env, ...create, '--platform', 'linux/amd64', near);
    await docker(engine.env, ...create, '--append', '--platform', 'linux/arm64', far);
    const notices = async (name: string) => {
      const request = buildRequest({
        ...copied,
        platform: name,
        target: { builder: { kind: 'buildx', name: 'both' } },
      });
      const outcome = await buildxBuilder.build(request, host, {});
      expect(await filesOf(request.store, outcome.manifest)).toEqual({ 'a.txt': 'hello' });
      return request.notices().length;
    };
    expect(await notices('linux/amd64')).toBe(0);
    expect(await notices('linux/arm64')).toBe(1);
  });

  test('a docker driver out of reach is read by its export, too', async () => {
    const request = buildRequest({ ...copied, target: { builder: { kind: 'buildx', name: 'default' } } });
    const outcome = await buildxBuilder.build(request, host, {});
    expect(await filesOf(request.store, outcome.manifest)).toEqual({ 'a.txt': 'hello' });
    expect(request.notices()[0]).toContain('the docker driver');
  });
});

describe.runIf(needs('engine', 'docker', 'docker-registry'))(
  'a BuildKit that pushes itself',
  { timeout: 180_000 },
  () => {
    test('one exporter with every name gives each registry the same bytes, and staging has them from the first', async () => {
      await using one = await startRegistry();
      await using two = await startRegistry();
      await using staging = await startRegistry();
      const host = peersHost();
      const stores = openStores(host);
      const open = (location: Location) => stores.open(location);
      const request = buildRequest({
        ...copied,
        store: await open(parseLocation(`${staging.host}/staging/app`)),
        destinations: [`${one.host}/team/app`, `${two.host}/app`],
        target: { attestations: { provenance: 'max', sbom: false } },
        open,
      });
      await using folders = await writeBuildFolders(request, host, {});
      const pushed = await buildByNames(request, folders, host, {});
      const { manifest, attestations } = await contentMade(request, pushed, {});
      const everywhere = [`${one.host}/team/app`, `${two.host}/app`, `${staging.host}/staging/app`];
      for (const text of everywhere) {
        const store = await open(parseLocation(text));
        expect((await store.resolve(pushed.published.digest))?.digest).toBe(pushed.published.digest);
        expect(await filesOf(store, manifest)).toEqual({ 'a.txt': 'hello' });
      }
      const [statement] = await statementsOf(request.store, attestations);
      expect(statement?.subjects.map(({ name }) => decodeURIComponent(name.split('@')[0] ?? ''))).toEqual([
        `pkg:docker/${one.host}/team/app`,
        `pkg:docker/${two.host}/app`,
      ]);
    });
  },
);
