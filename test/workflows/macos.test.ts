// An image for macOS beside those for Linux: its binaries are made on a macOS runner, which has no Docker, and packed there into the same image index.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { environmentForPeers, needs, requirePeer } from '../support/peers.ts';
import { runOk } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import type { Machine } from './harness/runner.ts';
import { expectJobs, scenePrograms } from './scene/expect.ts';
import { registryPair } from './scene/pair.ts';
import { generateWorkflow, makeScene, realMachine, type Scene } from './scene/scene.ts';

/** Machines of `macos-15` have what macOS brings (here: a program of that name), and no Docker. */
async function machines(folder: string): Promise<Machine> {
  mkdirSync(join(folder, 'mac'));
  writeFileSync(join(folder, 'mac', 'sw_vers'), '#!/bin/sh\necho 15.6\n', { mode: 0o755 });
  writeFileSync(join(folder, 'mac', 'docker'), '#!/bin/sh\necho no Docker on a Mac >&2\nexit 127\n', { mode: 0o755 });
  const machine = await realMachine();
  return { ...machine, paths: { 'macos-15': [join(folder, 'mac'), '/usr/local/bin', '/usr/bin', '/bin'] } };
}

const make = 'mkdir -p cli/bin\necho "$FANFOLD_PLATFORM made on $(sw_vers 2>/dev/null || uname -s)" > cli/bin/tool\n';

/** Adds a target to the scene's family, and the workflow to it. */
async function addTarget(scene: Scene, line: string): Promise<void> {
  const family = readFileSync(join(scene.repository.path, 'fanfold.yaml'), 'utf8');
  scene.repository.write({ 'fanfold.yaml': `${family.trimEnd()}\n  ${line}\n` });
  await generateWorkflow(scene.repository);
}

describe.runIf(needs(...scenePrograms))('a leg of macOS', { timeout: 300_000 }, () => {
  const pair = registryPair();

  test('is made on a macOS runner without Docker, and stands in the index beside the others', async () => {
    using folder = temporaryFolder('machines');
    await using scene = await makeScene(pair.first, pair.second, {
      direct: true,
      machine: await machines(folder.path),
    });
    await addTarget(
      scene,
      'cli: { context: cli, platforms: [linux/amd64, darwin/arm64], generated: [{ paths: [cli/bin], run: [sh, make.sh], lock: [make.sh] }] }',
    );
    const attempt = await scene.run({
      'make.sh': make,
      'cli/Dockerfile': 'FROM scratch\nCOPY bin/tool /tool\n',
      '.gitignore': 'cli/bin/\n',
    });
    expectJobs(attempt, { plan: 'success', 'legs-1': 'success', publish: 'success', gate: 'success' });
    const mac = attempt.cells.find(({ report }) => report?.log.includes('cli@darwin/arm64 with direct'));
    expect(mac?.report?.log, attempt.text).toContain('built   cli@darwin/arm64');
    expect(mac?.report?.log).not.toMatch(/no Docker|@linux/);

    const [first, second] = await scene.published('cli', 'main');
    expect(first?.platforms).toEqual(expect.arrayContaining(['linux/amd64', 'darwin/arm64']));
    expect(second).toEqual(first);
    for (const { host } of [pair.first, pair.second]) {
      const reference = `${host}/${scene.namespace}/cli:main`;
      expect(await toolIn(reference, 'darwin', 'arm64')).toBe('darwin/arm64 made on 15.6\n');
      expect(await toolIn(reference, 'linux', 'amd64')).toBe('linux/amd64 made on Linux\n');
    }
  });

  test('with a RUN fails at that line with the way out, and stops no other target', async () => {
    using folder = temporaryFolder('machines');
    await using scene = await makeScene(pair.first, pair.second, {
      direct: true,
      machine: await machines(folder.path),
    });
    await addTarget(scene, 'cli: { context: cli, platforms: [linux/amd64, darwin/arm64] }');
    const attempt = await scene.run({
      'cli/Dockerfile': 'FROM scratch\nCOPY tool /tool\nRUN ["/tool"]\n',
      'cli/tool': 'tool\n',
    });
    expectJobs(attempt, { plan: 'success', 'legs-1': 'failure', publish: 'failure', gate: 'failure' });
    const told = attempt.cells.flatMap(({ report }) => report?.annotations ?? []);
    const way = told.find(({ message }) => message.includes('runs a program of darwin/arm64'));
    expect(way, attempt.text).toMatchObject({ properties: { file: 'cli/Dockerfile', line: '3' } });
    expect(way?.message).toContain('make the files by `generated` (on a macOS runner, for darwin)');
    expect((await scene.published('alpha', 'main'))[0]?.platforms).toHaveLength(2);
    expect(await scene.published('cli', 'main')).toEqual([undefined, undefined]);
  });
});

/** The file /tool of an image's platform, as skopeo copies it and tar reads it. */
async function toolIn(reference: string, os: string, architecture: string): Promise<string> {
  using folder = temporaryFolder('tool');
  const env = environmentForPeers();
  const which = [`--override-os=${os}`, `--override-arch=${architecture}`];
  const flags = ['--src-tls-verify=false', '--src-no-creds'];
  await runOk(requirePeer('skopeo'), [...which, 'copy', ...flags, `docker://${reference}`, `dir:${folder.path}`], {
    env,
  });
  const read = (name: string) => JSON.parse(readFileSync(join(folder.path, name), 'utf8'));
  const { config, layers } = read('manifest.json');
  expect(read(config.digest.replace('sha256:', ''))).toMatchObject({ os, architecture });
  return await runOk('tar', ['-xzOf', join(folder.path, layers.at(-1).digest.replace('sha256:', '')), 'tool']);
}
