import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { familyIn, keyFamily, type TargetSpec } from '../../test/support/keyed-family.ts';
import { testRepository } from '../../test/support/repository.ts';
import { nodeHost } from '../base/host/host.ts';
import { readyBuilder } from './builder.ts';

// A stand-in that writes its arguments down: what is asked of a machine's Docker is what is to be seen, not what it does.
const docker = `#!/bin/sh
echo "$*" >> "$(dirname "$0")/calls"
case "$1 $2" in
  "buildx version") echo "github.com/docker/buildx 0.30.0 x" ;;
  "buildx inspect") printf 'Name: default\\nDriver: %s\\n\\nNodes:\\nEndpoint: default\\n' "\${TEST_DRIVER:-docker}" ;;
  "buildx create") exit "\${TEST_CREATE_STATUS:-0}" ;;
  "container ls") printf '%s\n' $TEST_CONTAINERS ;;
  "volume ls") printf '%s\n' $TEST_VOLUMES ;;
  "run --privileged") exit "\${TEST_RUN_STATUS:-0}" ;;
esac
`;

interface Setting {
  readonly target?: TargetSpec;
  readonly dockerfile?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Whether the kernel has an emulator already. */
  readonly emulated?: boolean;
  /** Whether the legs are only tested, an earlier job having built them. */
  readonly built?: true;
}

/** What was asked of Docker to change anything, and what BUILDX_BUILDER was meanwhile. */
async function ready({
  target = {},
  dockerfile = 'FROM scratch\nRUN true\n',
  env = {},
  emulated = false,
  built,
}: Setting) {
  using repository = await testRepository();
  await repository.commit({ Dockerfile: dockerfile });
  repository.write({ 'bin/docker': { bytes: docker, executable: true }, 'bin/calls': '' });
  const { keyed } = await keyFamily(familyIn(repository.path, { api: { platforms: ['linux/amd64'], ...target } }));
  const machine = nodeHost();
  const path = `${repository.path}/bin:${process.env['PATH']}`;
  const host = {
    ...machine,
    architecture: 'amd64',
    env: { PATH: path, HOME: repository.path, ...env },
    files: { ...machine.files, kindOf: async () => (emulated ? ('file' as const) : undefined) },
  };
  const notes: string[] = [];
  const images = { buildkit: 'moby/buildkit:test', binfmt: 'binfmt:test' };
  const test = keyed.filter(({ leg }) => leg.target.test !== undefined);
  let during: string | undefined;
  {
    await using one = await readyBuilder(
      { build: built ? [] : keyed, test },
      images,
      host,
      (line) => notes.push(line),
      {},
    );
    during = one.host.env['BUILDX_BUILDER'];
  }
  const calls = readFileSync(join(repository.path, 'bin/calls'), 'utf8').split('\n');
  const changes = calls.filter((call) => /^run|^(?:buildx|container|volume) (?:create|rm)/.test(call));
  return { changes, during, notes };
}

describe('the builder of a job', () => {
  test('is made where Buildx is needed and the one in use is Docker’s own, and taken away', async () => {
    const { changes, during } = await ready({});
    expect(during).toMatch(/^fanfold(?:-[0-9a-f]{12}){3}$/);
    expect(changes).toEqual([
      `buildx create --name=${during} --driver=docker-container --driver-opt=network=host --driver-opt=image=moby/buildkit:test --bootstrap`,
      `buildx rm --force ${during}`,
    ]);
  });

  test.for<[string, Setting]>([
    ['no leg needs it', { dockerfile: 'FROM scratch\nCOPY Dockerfile /\n' }],
    ['the family names a builder', { target: { builder: { kind: 'buildx', name: 'mine' } } }],
    ['another builder is asked for', { target: { builder: { kind: 'buildah' } } }],
    ['the builder in use is somebody’s choice', { env: { TEST_DRIVER: 'remote' } }],
    ['tests run on the machine’s own platform', { built: true, target: { test: [['true']] } }],
    ['a leg is built already, and has no tests', { built: true, target: { platforms: ['linux/s390x'] } }],
    [
      'a platform is foreign, and only files are arranged',
      { dockerfile: 'FROM scratch\nCOPY Dockerfile /\n', target: { platforms: ['linux/s390x'] } },
    ],
  ])('nothing is changed where %s', async ([, setting]) => {
    expect((await ready(setting)).changes).toEqual([]);
  });

  test('BUILDX_BUILDER stays what it is', async () => {
    expect(await ready({ env: { BUILDX_BUILDER: 'mine' } })).toMatchObject({ changes: [], during: 'mine' });
  });

  test('an emulator is set up for a foreign platform alone, once, before the builder that must see it', async () => {
    const platforms = ['linux/amd64', 'linux/386', 'linux/arm/v6', 'linux/arm/v7', 'linux/riscv64'];
    const { changes } = await ready({ target: { platforms } });
    expect(changes.slice(0, 2)).toEqual([
      'run --privileged --rm -- binfmt:test --install arm',
      'run --privileged --rm -- binfmt:test --install riscv64',
    ]);
    expect(changes[2]).toMatch(/^buildx create/);
    const again = await ready({ target: { platforms }, emulated: true });
    expect(again.changes.filter((call) => call.startsWith('run'))).toEqual([]);
  });

  test.for<[string, Setting]>([
    ['another job built it', { built: true }],
    ['it is made of files', { dockerfile: 'FROM scratch\nCOPY Dockerfile /\n' }],
    ['another builder makes it', { target: { builder: { kind: 'command', run: ['make'] } } }],
  ])('a leg whose tests run on a foreign platform has its emulator though %s', async ([, setting]) => {
    const target = { ...setting.target, platforms: ['linux/amd64', 'linux/s390x'], test: [['docker', 'run']] };
    const { changes } = await ready({ ...setting, target });
    expect(changes).toEqual(['run --privileged --rm -- binfmt:test --install s390x']);
    expect((await ready({ ...setting, target, emulated: true })).changes).toEqual([]);
  });

  test('programs of this machine that make a foreign image need no emulator, only Buildx', async () => {
    const { changes } = await ready({
      dockerfile: 'FROM --platform=$BUILDPLATFORM scratch AS make\nRUN true\nFROM scratch\nCOPY --from=make / /\n',
      target: { platforms: ['linux/s390x'] },
    });
    expect(changes.map((call) => call.split(' ').slice(0, 2).join(' '))).toEqual(['buildx create', 'buildx rm']);
  });

  test('Buildah’s programs have their emulator, too', async () => {
    const { changes } = await ready({ target: { platforms: ['linux/riscv64'], builder: { kind: 'buildah' } } });
    expect(changes).toEqual(['run --privileged --rm -- binfmt:test --install riscv64']);
  });

  test('an emulator that cannot be had is told of, and the builder is made all the same', async () => {
    const { changes, notes } = await ready({
      target: { platforms: ['linux/riscv64'] },
      env: { TEST_RUN_STATUS: '7' },
    });
    expect(notes.join('\n')).toContain('an emulator could not be set up: docker run ended with status 7');
    expect(changes.map((call) => call.split(' ')[0])).toEqual(['run', 'buildx', 'buildx']);
  });

  test('a builder that cannot be made is taken away and told of; the legs go on', async () => {
    const { changes, during, notes } = await ready({ env: { TEST_CREATE_STATUS: '3' } });
    expect(during).toBeUndefined();
    expect(changes.map((call) => call.split(' ')[1])).toEqual(['create', 'rm']);
    expect(notes.join('\n')).toContain('docker buildx ended with status 3');
  });
});
