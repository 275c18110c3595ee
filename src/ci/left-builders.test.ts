import { describe, expect, test } from 'vitest';
import { peersHost } from '../../test/support/build-request.ts';
import { pushBusybox } from '../../test/support/images.ts';
import { needs } from '../../test/support/peers.ts';
import { startRegistry } from '../../test/support/registry.ts';
import type { Host } from '../base/host/host.ts';
import { builderName, removeLeftBuilders } from './left-builders.ts';

const random = (sizeBytes: number): Uint8Array => new Uint8Array(sizeBytes).fill(7);
const job = { RUNNER_NAME: 'ours', RUNNER_TEMP: '/w/_temp', GITHUB_REPOSITORY: 'acme/tools', GITHUB_RUN_ID: '1' };
const nameIn = (env: Readonly<Record<string, string>>): string => builderName({ env: { ...job, ...env }, random });
const container = (builder: string): string => `buildx_buildkit_${builder}0`;

interface Machine {
  readonly env?: Readonly<Record<string, string>>;
  readonly containers?: readonly string[];
  readonly volumes?: readonly string[];
}

/** What was taken away on a machine that has these. */
async function removed({ env = {}, containers = [], volumes = [] }: Machine): Promise<readonly string[]> {
  const calls: string[] = [];
  const answers: Readonly<Record<string, readonly string[]>> = { 'container ls': containers, 'volume ls': volumes };
  const exec: Host['exec'] = {
    async run(_program, args) {
      calls.push(args.join(' '));
      const answer = answers[args.slice(0, 2).join(' ')] ?? [];
      return { status: 0, stdout: Buffer.from(answer.map((line) => `${line}\n`).join('')), stderr: '' };
    },
  };
  await removeLeftBuilders({ exec, random, env: { ...job, ...env } }, () => undefined, {});
  return calls.filter((call) => call.startsWith('buildx rm')).map((call) => call.split(' ').at(-1) ?? '');
}

describe('builders that an earlier job left', () => {
  const left = nameIn({ GITHUB_RUN_ID: '0' });

  test('are told by their name: the runner’s own, of another job', async () => {
    const again = nameIn({ GITHUB_RUN_ATTEMPT: '2' });
    expect(await removed({ containers: [container(left), container(again)] })).toEqual([left, again]);
  });

  test('are found by their volume where the container is gone, each once', async () => {
    expect(await removed({ volumes: [`${container(left)}_state`] })).toEqual([left]);
    expect(await removed({ containers: [container(left)], volumes: [`${container(left)}_state`] })).toEqual([left]);
  });

  test.for<[string, Machine]>([
    ['this very job’s', { containers: [container(nameIn({}))] }],
    ['another runner’s', { containers: [container(nameIn({ RUNNER_NAME: 'theirs', GITHUB_RUN_ID: '0' }))] }],
    [
      'another folder’s of a runner of that name',
      { containers: [container(nameIn({ RUNNER_TEMP: '/other', GITHUB_RUN_ID: '0' }))] },
    ],
    ['somebody’s', { containers: ['buildx_buildkit_mine0', `my-${container(left)}`, `${container(left)}-mine`] }],
    [
      'a hosted machine’s, which ends with its job',
      { containers: [container(left)], env: { RUNNER_ENVIRONMENT: 'github-hosted' } },
    ],
    ['those of no runner', { containers: [container(left)], env: { RUNNER_NAME: '' } }],
  ])('%s stay', async ([, machine]) => expect(await removed(machine)).toEqual([]));

  test('ten at a time', async () => {
    const names = Array.from({ length: 25 }, (_, run) => container(nameIn({ GITHUB_RUN_ID: String(100 + run) })));
    expect(await removed({ containers: names })).toHaveLength(10);
  });
});

describe.runIf(needs('engine', 'docker', 'docker-registry', 'skopeo'))('on a machine of somebody’s own', () => {
  test('the container and the volume of a killed job are gone after the next one, and nothing else', async () => {
    await using registry = await startRegistry();
    const image = await pushBusybox(registry.host);
    // Another run's, so that tests side by side have builders of their own.
    const runner = { RUNNER_NAME: `test ${process.pid}`, RUNNER_ENVIRONMENT: 'self-hosted' };
    const host = peersHost({ ...job, ...runner, GITHUB_RUN_ID: '2' });
    const docker = async (...args: readonly string[]): Promise<readonly string[]> => {
      const { status, stdout, stderr } = await host.exec.run('docker', args, { env: host.env });
      if (status !== 0) throw new Error(stderr);
      return Buffer.from(stdout).toString('utf8').split('\n').filter(Boolean).sort();
    };
    const start = async (name: string): Promise<void> => {
      const node = container(name);
      const state = `--volume=${node}_state:/state`;
      await docker('run', '--detach', `--name=${node}`, state, '--network=none', image, 'sleep', '600');
    };
    const stays = builderName({ ...host, env: { ...host.env, RUNNER_NAME: `other ${process.pid}` } });
    const goes = builderName({ ...host, env: { ...host.env, GITHUB_RUN_ID: '1' } });
    await start(stays);
    try {
      await start(goes);
      const notes: string[] = [];
      await removeLeftBuilders(host, (line) => notes.push(line), {});
      expect(notes).toEqual([`removing the Buildx builder ${goes}, which an earlier job of this runner left`]);
      const all = (name: string) => `--filter=name=${container(name)}`;
      expect(await docker('container', 'ls', '--all', '--quiet', all(goes))).toEqual([]);
      expect(await docker('volume', 'ls', '--quiet', all(goes))).toEqual([]);
      expect(await docker('volume', 'ls', '--quiet', all(stays))).toEqual([`${container(stays)}_state`]);
    } finally {
      await docker('container', 'rm', '--force', container(stays));
      await docker('volume', 'rm', '--force', `${container(stays)}_state`);
    }
  });
});
