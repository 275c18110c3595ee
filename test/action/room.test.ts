// A job that makes room before its leg, on a folder that stands in for a hosted runner's root: from fanfold.yaml to the built leg.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { nodeHost } from '../../src/base/host/host.ts';
import { createJobLog } from '../../src/ci/github/log.ts';
import { parseInputs } from '../../src/ci/job-inputs.ts';
import { runJob } from '../../src/ci/run-job.ts';
import { createStyle } from '../../src/report/style.ts';
import { familyYaml, testFamily } from '../support/family.ts';
import { needs } from '../support/peers.ts';
import { startRegistry } from '../support/registry.ts';
import { runOk } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const gb = 1e9;

/** Runs `mode` in the checkout, on a machine with 10 GB of room and 3.7 GB to remove. */
async function job(workspace: string, mode: string, root: string) {
  using folder = temporaryFolder('job');
  const file = (name: string): string => join(folder.path, name);
  for (const name of ['output', 'summary']) writeFileSync(file(name), '');
  writeFileSync(file('event.json'), '{}');
  const machine = nodeHost();
  const haskell = join(root, 'usr/local/.ghcup');
  const host = {
    ...machine,
    cwd: workspace,
    env: {
      PATH: '/usr/bin:/bin',
      HOME: folder.path,
      DOCKER_CONFIG: file('no-docker'),
      GITHUB_ACTIONS: 'true',
      GITHUB_EVENT_NAME: 'push',
      GITHUB_EVENT_PATH: file('event.json'),
      GITHUB_REF: 'refs/heads/main',
      GITHUB_REPOSITORY: 'acme/tools',
      GITHUB_SHA: (await runOk('git', ['rev-parse', 'HEAD'], { cwd: workspace })).trim(),
      GITHUB_WORKSPACE: workspace,
      GITHUB_OUTPUT: file('output'),
      GITHUB_STEP_SUMMARY: file('summary'),
      RUNNER_TEMP: folder.path,
      RUNNER_NAME: 'GitHub Actions 7',
      RUNNER_ENVIRONMENT: 'github-hosted',
      ImageOS: 'ubuntu24',
    },
    files: {
      ...machine.files,
      kindOf: async (path: string) => (path === '/.dockerenv' ? undefined : await machine.files.kindOf(path)),
    },
    disk: {
      space: async (path: string) => {
        const space = await machine.disk.space(path);
        return space && { ...space, freeBytes: 10 * gb + (existsSync(haskell) ? 0 : 3.74 * gb) };
      },
    },
  };
  let text = '';
  const keep = (part: string): void => {
    text += part;
  };
  const log = createJobLog(keep, host.random, host.secrets);
  const given: Readonly<Record<string, string>> = { mode, legs: mode === 'leg' ? 'api@linux/amd64' : '' };
  try {
    const status = await runJob(
      parseInputs((name) => given[name] ?? ''),
      host,
      log,
      createStyle(false),
      {},
      root,
    );
    return { status, text };
  } catch (error) {
    return { status: 1, text: `${text}${error instanceof Error ? error.message : ''}` };
  } finally {
    await host.http.close();
  }
}

const scene = (disk: string, registry: string) =>
  testFamily({
    'fanfold.yaml': familyYaml([`${registry}/acme`], { api: `disk: ${disk}` }),
    'api/Dockerfile': 'FROM scratch\nCOPY file /file\n',
    'api/file': 'api',
  });

function standIn(root: string): void {
  for (const path of ['usr/local/.ghcup', 'usr/local/bin', 'home/runner/work'])
    mkdirSync(join(root, path), { recursive: true });
}

describe.runIf(needs('docker-registry'))('a job on a hosted runner', () => {
  test('removes what its leg’s need takes, says so, and builds the leg', async () => {
    await using registry = await startRegistry();
    using family = await scene('12GB', registry.host);
    using machine = temporaryFolder('machine');
    standIn(machine.path);
    const { status, text } = await job(family.path, 'leg', machine.path);
    expect(text).toContain('prepared the disk: 13.7 GB are free, 10 GB were; removed haskell');
    expect(text).toContain('built   api@linux/amd64');
    expect(status).toBe(0);
    const left = ['usr/local/.ghcup', 'usr/local/bin', 'home/runner/work'].map((path) =>
      existsSync(join(machine.path, path)),
    );
    expect(left).toEqual([false, true, true]);
  });

  test('ends a leg that cannot fit before it is built', async () => {
    await using registry = await startRegistry();
    using family = await scene('60GB', registry.host);
    using machine = temporaryFolder('machine');
    standIn(machine.path);
    const { status, text } = await job(family.path, 'leg', machine.path);
    expect(text).toContain('api@linux/amd64 needs 60 GB of disk, and GitHub Actions 7 has 13.7 GB free');
    expect(text).not.toContain('build   api@linux/amd64');
    expect(status).toBe(1);
    expect((await registry.requests()).filter(({ method }) => method === 'PUT')).toEqual([]);
  });

  test('plans no leg that no machine of its runner’s kind has room for', async () => {
    await using registry = await startRegistry();
    using family = await scene('300GB', registry.host);
    using machine = temporaryFolder('machine');
    standIn(machine.path);
    const { status, text } = await job(family.path, 'plan', machine.path);
    expect(text).toContain(
      'a runner’s disk is too small: api@linux/amd64 needs 300 GB, and ubuntu-24.04 has 130 GB at the most',
    );
    expect(status).toBe(1);
  });
});
