// `fanfold tee`: the real command in front of real registries, for programs that push.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { nodeHost } from '../../src/base/host/host.ts';
import { attestedImage, isAttestation, parseStatement } from '../../src/content/oci/attestation.ts';
import { parseLocation } from '../../src/content/oci/reference.ts';
import { readBytes, readManifest } from '../../src/content/store/copy.ts';
import { type OpenedStore, openStores } from '../../src/content/store/open.ts';
import { testFamily } from '../support/family.ts';
import { pushBusybox } from '../support/images.ts';
import { environmentForPeers, needs, requirePeer } from '../support/peers.ts';
import { makeProgram } from '../support/program.ts';
import { descriptorOf, randomImage, randomIndex, writeLayout } from '../support/random-image.ts';
import { startRegistry } from '../support/registry.ts';
import { runOk } from '../support/run.ts';

const index = randomIndex('tee', [
  { os: 'linux', architecture: 'amd64' },
  { os: 'linux', architecture: 'arm64' },
]);

/** Stores as anybody reads them, from no endpoint. */
async function opened(...locations: readonly string[]): Promise<readonly OpenedStore[]> {
  const stores = openStores(nodeHost());
  return await Promise.all(locations.map((location) => stores.open(parseLocation(location))));
}

describe('a command', () => {
  test('finds the reference in its environment and its arguments; its exit status is kept', async () => {
    await using program = await makeProgram('pusher');
    using family = await testFamily({});
    const to = ['--to', 'oci:out/a', '--to', 'oci:out/b'];
    const running = family.start('tee', ...to, '--', program.path, '-t', '{reference}:1', '$FANFOLD_HOST; echo *');
    const invocation = await program.next();
    const reference = invocation.env['FANFOLD_REFERENCE'] ?? '';
    expect(reference).toMatch(/^127\.0\.0\.1:\d+\/[0-9a-f]{32}\/a$/);
    expect(invocation.env['FANFOLD_HOST']).toBe(reference.split('/')[0]);
    expect(invocation.args).toEqual(['-t', `${reference}:1`, '$FANFOLD_HOST; echo *']);
    expect((await fetch(`http://${reference.split('/')[0]}/v2/`)).status).toBe(200);
    invocation.stdout('said by the program\n');
    invocation.exit(7);
    const { status, stdout } = await running.ended;
    expect([status, stdout]).toEqual([7, 'said by the program\n']);
    await expect(fetch(`http://${reference.split('/')[0]}/v2/`)).rejects.toThrow();
  });

  test('Ctrl-C ends it', async () => {
    await using program = await makeProgram('pusher');
    using family = await testFamily({});
    const running = family.start('tee', '--to', 'oci:out/a', '--', program.path);
    const invocation = await program.next();
    running.kill('SIGINT');
    await invocation.ended;
    expect((await running.ended).status).toBe(1);
  });

  test.for([
    { name: 'no destination', args: ['tee', '--', 'true'], status: 2, says: /--to/ },
    { name: 'no such program', args: ['tee', '--to', 'oci:out', '--', './none'], status: 1, says: /none/ },
    { name: 'a destination that is none', args: ['tee', '--to', 'x y', '--', 'true'], status: 1, says: /x y/ },
  ])('$name', async ({ args, status, says }) => {
    using family = await testFamily({});
    const outcome = await family.fanfold(...args);
    expect(outcome.status).toBe(status);
    expect(outcome.stderr).toMatch(says);
  });

  test('its help has the flag that each client needs for plain HTTP', async () => {
    using family = await testFamily({});
    const { stdout } = await family.fanfold('tee', '--help');
    const flags = [
      '--dest-tls-verify=false',
      '--tls-verify=false',
      '--insecure',
      '--plain-http',
      '--allow-http-registry',
    ];
    for (const flag of flags) expect(stdout).toContain(flag);
  });
});

describe.runIf(needs('docker-registry', 'skopeo'))('what is pushed', () => {
  const skopeo = ['copy', '--all', '--dest-tls-verify=false', 'oci:index:latest', 'docker://{reference}:1.4'];

  test('by tag is on two registries and a layout, the same bytes and the tag', async () => {
    await using first = await startRegistry();
    await using second = await startRegistry();
    using family = await testFamily({}, environmentForPeers());
    writeLayout(join(family.path, 'index'), index);
    const places = [`${first.host}/acme/api`, `${second.host}/other/api`, `oci:${family.path}/out/api`];
    const to = places.flatMap((place) => ['--to', place]);
    const outcome = await family.fanfold('tee', ...to, '--json', '--', requirePeer('skopeo'), ...skopeo);
    expect(outcome.status, outcome.stderr).toBe(0);
    for (const store of await opened(...places)) {
      expect(await store.resolve('1.4')).toEqual(descriptorOf(index.index));
    }
  });

  test('to a destination that refuses it fails, and no tag is moved anywhere', async () => {
    await using first = await startRegistry();
    await using second = await startRegistry({ readOnly: true });
    using family = await testFamily({}, environmentForPeers());
    writeLayout(join(family.path, 'index'), index);
    const places = [`${first.host}/acme/api`, `${second.host}/acme/api`];
    const to = places.flatMap((place) => ['--to', place]);
    const outcome = await family.fanfold('tee', ...to, '--', requirePeer('skopeo'), ...skopeo);
    expect(outcome.status).not.toBe(0);
    expect(outcome.stderr).toContain(second.host);
    for (const store of await opened(...places)) expect(await store.resolve('1.4')).toBeUndefined();
  });

  test('while it serves alone is committed as it comes, by digest too; it ends well when it is stopped', async () => {
    await using registry = await startRegistry();
    using family = await testFamily({});
    const image = randomImage('alone');
    writeLayout(join(family.path, 'image'), image);
    const place = `${registry.host}/acme/api`;
    const running = family.start('tee', '--to', place, '--to', 'oci:out/api');
    const ready = () => /push to (\S+);/.exec(running.stderr())?.[1];
    await expect.poll(ready, { timeout: 20_000 }).toBeDefined();
    const target = `docker://${ready()}@${image.manifest.digest}`;
    const flags = ['copy', '--preserve-digests', '--dest-tls-verify=false', 'oci:image:latest', target];
    await runOk(requirePeer('skopeo'), flags, { cwd: family.path });
    const stores = await opened(place, `oci:${family.path}/out/api`);
    for (const store of stores) expect(await store.resolve(image.manifest.digest)).toBeDefined();
    running.kill('SIGTERM');
    const { status, stdout } = await running.ended;
    expect([status, stdout]).toEqual([0, expect.stringContaining(image.manifest.digest)]);
  });
});

describe.runIf(needs('docker-registry', 'engine', 'docker'))('Buildx through tee', () => {
  test.for([
    { name: 'no byte is changed', subjects: false },
    { name: 'with --subjects attestations name every destination', subjects: true },
  ])('$name', async ({ subjects }) => {
    await using first = await startRegistry();
    await using second = await startRegistry();
    using family = await testFamily({}, environmentForPeers());
    mkdirSync(join(family.path, 'context'));
    writeFileSync(join(family.path, 'context', 'Dockerfile'), `FROM ${await pushBusybox(first.host)}\nRUN true\n`);
    const places = [`${first.host}/acme/api`, `${second.host}/acme/api`];
    const to = places.flatMap((place) => ['--to', place]);
    const build = ['buildx', 'build', '--quiet', '--network=none', '--provenance=mode=max', '--push'];
    const command = [requirePeer('docker'), ...build, '--tag', '{reference}:1', 'context'];
    const outcome = await family.fanfold('tee', ...to, ...(subjects ? ['--subjects'] : []), '--', ...command);
    expect(outcome.status, outcome.stderr).toBe(0);
    const built = /sha256:[0-9a-f]{64}/.exec(outcome.stdout)?.[0];
    const [one, other] = await opened(...places);
    const published = await one?.resolve('1');
    if (one === undefined || published === undefined) throw new Error('nothing was published');
    expect(await other?.resolve('1')).toEqual(published);
    expect(published.digest === built).toBe(!subjects);
    const names = await subjectsOf(one, published);
    if (subjects) expect(names).toEqual(places.map((place) => `pkg:docker/${place}@1?platform=linux%2Famd64`));
    else expect(names).toHaveLength(1);
  });
});

async function subjectsOf(store: OpenedStore, root: Parameters<typeof readManifest>[1]): Promise<readonly string[]> {
  const { manifest } = await readManifest(store, root);
  const attestation = manifest.kind === 'index' ? manifest.manifests.find(isAttestation) : undefined;
  if (attestation === undefined) throw new Error('there is no attestation');
  const parts = (await readManifest(store, attestation)).manifest;
  const layer = parts.kind === 'manifest' ? parts.layers[0] : undefined;
  if (layer === undefined) throw new Error('the attestation is empty');
  const { subjects } = parseStatement(await readBytes(store, layer, layer.size));
  expect(subjects.map(({ digest }) => `sha256:${digest['sha256']}`)).toContain(attestedImage(attestation));
  return subjects.map(({ name }) => name);
}
