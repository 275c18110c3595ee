// The examples of families that are read in place, run as they stand: one described by a Bake file, one by a GitHub matrix.
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, inject, test } from 'vitest';
import { systemExec } from '../../src/base/host/exec.ts';
import { systemFiles } from '../../src/base/host/files.ts';
import { legsOf } from '../../src/source/project/legs.ts';
import { loadFamily } from '../../src/source/project/load.ts';
import { environmentForPeers, needs } from '../support/peers.ts';
import { run } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** A copy of an example, published into the folder itself. */
function copyOf(name: string) {
  const folder = temporaryFolder(name);
  cpSync(join('examples', name), folder.path, { recursive: true });
  const file = join(folder.path, 'fanfold.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replace(/^destinations: .*$/m, 'destinations: [oci:out]'));
  const fanfold = (...args: readonly string[]) => run(process.execPath, [inject('cli'), ...args], { cwd: folder.path });
  return { path: folder.path, file, fanfold, [Symbol.dispose]: () => folder[Symbol.dispose]() };
}

interface Ran {
  readonly legs: readonly { readonly leg: string; readonly outcome: string }[];
}

describe.for([
  {
    name: 'bake',
    legs: ['app-full', 'app-slim', 'tools'].flatMap((target) => [`${target}@linux/amd64`, `${target}@linux/arm64`]),
    tags: [
      ['app-full', '1.4.0'],
      ['app-slim', '1.4.0'],
      ['tools', '1.4.0'],
    ],
  },
  {
    name: 'matrix',
    legs: [
      'backends-cpu-echo@linux/amd64',
      'backends-cpu-echo@linux/arm64',
      'backends-gpu-echo@linux/amd64',
      'backends-cpu-sum@linux/amd64',
      'backends-cpu-sum@linux/arm64',
    ],
    tags: [
      ['backends', '1.4.0-cpu-echo'],
      ['backends', '1.4.0-gpu-echo'],
      ['backends', '1.4.0-cpu-sum'],
    ],
  },
])('examples/$name', ({ name, legs, tags }) => {
  test('is built and published; again: nothing to do', async ({ expect }) => {
    using example = copyOf(name);
    const first = await example.fanfold('run', '--json');
    expect(first.stderr).not.toMatch(/failed/);
    const ran = JSON.parse(first.stdout) as Ran;
    expect(ran.legs.map(({ leg, outcome }) => `${outcome} ${leg}`).sort()).toEqual(
      legs.map((leg) => `built ${leg}`).sort(),
    );
    for (const [image = '', tag] of tags) {
      const index = JSON.parse(readFileSync(join(example.path, 'out', image, 'index.json'), 'utf8')) as {
        manifests: { annotations?: Record<string, string> }[];
      };
      expect(index.manifests.map(({ annotations }) => annotations?.['org.opencontainers.image.ref.name'])).toContain(
        tag,
      );
    }
    expect((await example.fanfold('run')).stdout).toContain('nothing to do');
  });

  test('is imported with equal legs: what was built stays what is wanted', async ({ expect }) => {
    using example = copyOf(name);
    await example.fanfold('run');
    const shown = await example.fanfold('import', '--dry-run', '--output', 'fanfold.yaml');
    expect(shown).toMatchObject({ status: 0, stderr: expect.stringContaining(`${legs.length} legs equal`) });
    expect(readFileSync(example.file, 'utf8')).toContain('sources:');
    expect(await example.fanfold('import', '--output', 'fanfold.yaml')).toMatchObject({ status: 0 });
    expect(readFileSync(example.file, 'utf8')).not.toContain('sources:');
    expect((await example.fanfold('run')).stdout).toContain('nothing to do');
  });
});

describe('import', () => {
  test('takes a matrix and a mapping from its options', async ({ expect }) => {
    using example = copyOf('matrix');
    const map = ['image=backends', 'suffix={tag-suffix}', 'platforms={platforms}', 'args.BACKEND={backend}'];
    const { status, stdout, stderr } = await example.fanfold(
      'import',
      ...['--matrix', 'matrix.yml', '--list', 'include', '--destination', 'ghcr.io/acme'],
      ...map.flatMap((one) => ['--map', one]),
    );
    expect([status, stderr]).toEqual([0, '6 legs equal, in 4 targets\n']);
    expect(stdout).toContain('# The accelerator has no driver for arm64.');
  });

  test('tells a mistake in its options at the field that has it', async ({ expect }) => {
    using example = copyOf('matrix');
    const outcome = await example.fanfold(
      'import',
      '--matrix',
      'matrix.yml',
      '--map',
      'image=x',
      '--map',
      'platforms={platform}',
    );
    expect(outcome).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining('did you mean platforms?'),
    });
  });

  test('says where there is nothing to import', async ({ expect }) => {
    using folder = temporaryFolder('import-nothing');
    writeFileSync(join(folder.path, 'fanfold.yaml'), 'targets: {}\n');
    const cwd = folder.path;
    expect(await run(process.execPath, [inject('cli'), 'import'], { cwd })).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('no sources'),
    });
  });
});

describe.runIf(needs('docker'))('Bake itself', () => {
  test('prints what examples/bake/bake.json holds, and its file is read the same', async ({ expect }) => {
    using example = copyOf('bake');
    const exec = {
      run: (...[program, args, options, cancel]: Parameters<typeof systemExec.run>) =>
        systemExec.run(program, args, { ...options, env: environmentForPeers() }, cancel),
    };
    const host = { files: systemFiles, cwd: '/', exec };
    const saved = await loadFamily(example.file, host);
    writeFileSync(example.file, readFileSync(example.file, 'utf8').replace('bake: bake.json', 'bake: docker-bake.hcl'));
    const printed = await loadFamily(example.file, host);
    expect(printed.diagnostics).toEqual([]);
    const withoutPlace = ({ family }: typeof saved) =>
      legsOf(family ?? { targets: [] }).map(({ name, platform, target: { place: _, ...target } }) => ({
        name,
        platform,
        target,
      }));
    expect(withoutPlace(printed)).toEqual(withoutPlace(saved));
    expect(withoutPlace(printed)).toHaveLength(6);
  });

  test('its mistakes are told where fanfold.yaml names the file', async ({ expect }) => {
    using example = copyOf('bake');
    writeFileSync(join(example.path, 'docker-bake.hcl'), 'target "a" {\n  context = nothing\n}\n');
    writeFileSync(example.file, readFileSync(example.file, 'utf8').replace('bake: bake.json', 'bake: docker-bake.hcl'));
    const exec = {
      run: (...[program, args, options, cancel]: Parameters<typeof systemExec.run>) =>
        systemExec.run(program, args, { ...options, env: environmentForPeers() }, cancel),
    };
    const { diagnostics } = await loadFamily(example.file, { files: systemFiles, cwd: '/', exec });
    expect(diagnostics).toMatchObject([
      { place: { file: example.file, line: 8, column: 11 }, message: expect.stringContaining('bake --print failed') },
    ]);
  });
});
