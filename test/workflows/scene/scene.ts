// A small family on GitHub: its repository, its generated workflow, two registries, and machines with the real programs.

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import type { Fault } from '../../support/fault.ts';
import { otherNode } from '../../support/other-node.ts';
import { dockerConfigText, environmentForPeers, peersFolder } from '../../support/peers.ts';
import { type FileSpec, type TestRepository, testRepository } from '../../support/repository.ts';
import { runOk } from '../../support/run.ts';
import { type Hub, type HubOptions, makeHub } from '../harness/hub.ts';
import type { Attempt, Run } from '../harness/run.ts';
import type { Machine } from '../harness/runner.ts';
import { type PublishedImage, readBack } from './read-back.ts';
import type { SceneRegistry } from './registries.ts';

/** The family's targets and their platforms: `tool` has a RUN and is built by Buildx, the others by Fanfold itself. */
export const targets = {
  alpha: ['linux/amd64', 'linux/arm64'],
  beta: ['linux/amd64', 'linux/arm64'],
  tool: ['linux/amd64'],
} as const;

/** A target's name. */
export type TargetName = keyof typeof targets;

/** What differs from the plain scene. */
export interface SceneOptions extends Partial<HubOptions> {
  /** Without the target that needs the engine, where a test is about something else: seconds less for each run. */
  readonly direct?: true;
  /** Lines of `github:` in fanfold.yaml. */
  readonly github?: readonly string[];
  /** More lines of fanfold.yaml. */
  readonly lines?: readonly string[];
}

/** The requests of a namespace that a registry answered so far. */
export type Mark = readonly [number, number];

/** A scene; all that it published stands in `first` and `second` below its own namespace. */
export interface Scene extends AsyncDisposable {
  readonly hub: Hub;
  readonly repository: TestRepository;
  readonly namespace: string;
  /** The family's targets. */
  readonly targets: readonly TargetName[];
  /** Commits files, pushes `main` and gives the run that it starts. */
  push(files?: Readonly<Record<string, FileSpec>>, message?: string): Promise<Run>;
  /** Like `push`, and waits for the run's end. */
  run(files?: Readonly<Record<string, FileSpec>>, message?: string): Promise<Attempt>;
  /** What a tag of a target names in each registry. */
  published(target: string, tag: string): Promise<readonly (PublishedImage | undefined)[]>;
  mark(): Mark;
  /** What was written since, a line for each request that was taken: `PUT alpha/manifests/main`, by registry. */
  writesSince(mark: Mark): readonly [readonly string[], readonly string[]];
}

/** Fanfold's own action, as the repository holds it. */
export const actionFolder = fileURLToPath(new URL('../../..', import.meta.url));

let scenes = 0;

/** Makes a scene whose `main` holds the family and its generated workflow, not yet pushed. */
export async function makeScene(
  first: SceneRegistry,
  second: SceneRegistry,
  options: SceneOptions = {},
): Promise<Scene> {
  const namespace = `acme${++scenes}`;
  const { github = [], lines = [], direct, ...hubOptions } = options;
  const names: readonly TargetName[] = direct ? ['alpha', 'beta'] : ['alpha', 'beta', 'tool'];
  const repository = await testRepository();
  const destinations = [`${first.host}/${namespace}`, `${second.host}/${namespace}`];
  const settings = [...credentials(first, second), ...github];
  repository.write(familyFiles(destinations, `${first.host}/base/busybox`, settings, lines, names));
  await repository.git('add', '-A');
  await generateWorkflow(repository);
  await repository.commit();
  const hub = await makeHub({
    machine: await realMachine(),
    actions: { 'acme/fanfold@': actionFolder },
    workflows: { 'acme/fanfold/.github/workflows/publish.yml@': join(actionFolder, '.github/workflows/publish.yml') },
    secrets: secretsOf(first, second),
    ...hubOptions,
  });
  const push: Scene['push'] = async (files = {}, message = 'Change') => {
    await repository.commit(files, message);
    return only(await hub.push(repository, 'main'));
  };
  const registries = [first, second] as const;
  return {
    ...{ hub, repository, namespace, targets: names, push },
    run: async (files, message) => await finished(await push(files, message)),
    published: (target, tag) =>
      Promise.all(registries.map(({ host }) => readBack(`${host}/${namespace}/${target}:${tag}`))),
    mark: () => [first.proxy.requests().length, second.proxy.requests().length],
    writesSince: ([one, other]) => [writes(first, namespace, one), writes(second, namespace, other)],
    async [Symbol.asyncDispose]() {
      await hub[Symbol.asyncDispose]();
      repository[Symbol.dispose]();
    },
  };
}

/** Refuses every manifest of a target's legs, as a registry does to whoever may not write. */
export function refusedLegs(namespace: string, target: TargetName): Fault {
  const path = new RegExp(`/v2/${namespace}/${target}-staging/manifests/`);
  return { match: { method: 'PUT', path, times: 1_000_000 }, deed: { kind: 'status', status: 403 } };
}

/** The one run of an event. */
export function only(runs: readonly Run[]): Run {
  const [run] = runs;
  if (run === undefined || runs.length > 1) throw new Error(`the event started ${runs.length} runs`);
  return run;
}

/** Waits for a run's end. No run may have written a secret, whatever became of it. */
export async function finished(run: Run): Promise<Attempt> {
  return withoutLeaks(await run.ended());
}

/** Runs again what failed, and waits for the end; held to the same. */
export async function rerunFailed(run: Run): Promise<Attempt> {
  return withoutLeaks(await run.rerunFailed());
}

function withoutLeaks(attempt: Attempt): Attempt {
  if (attempt.leaks.length > 0) throw new Error(`a step wrote a secret: ${attempt.leaks.join('\n')}`);
  return attempt;
}

/** Writes the workflow as a user would. */
export async function generateWorkflow(repository: TestRepository): Promise<void> {
  const env = { PATH: process.env['PATH'] ?? '', HOME: repository.path };
  await runOk(process.execPath, [inject('cli'), 'generate', 'github'], { cwd: repository.path, env });
}

/** Secrets of the repository: a login for each registry. */
export function secretsOf(first: SceneRegistry, second: SceneRegistry): Readonly<Record<string, string>> {
  return {
    FIRST_USER: first.login.username,
    FIRST_TOKEN: first.login.password,
    SECOND_USER: second.login.username,
    SECOND_TOKEN: second.login.password,
  };
}

function credentials(first: SceneRegistry, second: SceneRegistry): readonly string[] {
  return [
    'credentials:',
    `  "${first.host}": { username: FIRST_USER, password: FIRST_TOKEN }`,
    `  "${second.host}": { username: SECOND_USER, password: SECOND_TOKEN }`,
  ];
}

function familyFiles(
  destinations: readonly string[],
  base: string,
  github: readonly string[],
  lines: readonly string[],
  names: readonly TargetName[],
): Readonly<Record<string, FileSpec>> {
  const direct = (name: string): Record<string, string> => ({
    [`${name}/Dockerfile`]: 'FROM scratch\nCOPY file /file\nLABEL made=for-tests\n',
    [`${name}/file`]: `${name} one\n`,
  });
  return {
    'fanfold.yaml': [
      `destinations: [${destinations.map((each) => JSON.stringify(each)).join(', ')}]`,
      'platforms: [linux/amd64, linux/arm64]',
      'tags: |',
      '  type=ref,event=branch',
      '  type=semver,pattern={{version}}',
      'github:',
      `  action: acme/fanfold@${'c'.repeat(40)} # v0.1.0`,
      ...github.map((line) => `  ${line}`),
      ...lines,
      'targets:',
      ...names.map((name) => `  ${name}: { context: ${name}, platforms: [${targets[name].join(', ')}] }`),
      '',
    ].join('\n'),
    ...direct('alpha'),
    ...direct('beta'),
    'tool/Dockerfile': `FROM ${base}\nCOPY file /file\nRUN wc -c < /file > /size\n`,
    'tool/file': 'tool one\n',
  };
}

/** A runner image with the engine, its builder and the clients of the tests. */
export async function realMachine(): Promise<Machine> {
  const other = await otherNode();
  if (other === undefined) throw new Error('the other Node.js is not here');
  const { PATH: _path, HOME: _home, DOCKER_CONFIG: _config, LANG: _lang, ...env } = environmentForPeers();
  const node24 = process.version.startsWith('v24.') ? process.execPath : other;
  return {
    path: [join(peersFolder, 'bin'), '/usr/local/bin', '/usr/bin', '/bin'],
    env,
    home: { '.docker/config.json': dockerConfigText() },
    nodes: { node24 },
    grace: { interruptMs: 7500, terminateMs: 2500 },
    minuteMs: 60_000,
  };
}

const writing = ['POST', 'PATCH', 'PUT', 'DELETE'];

function writes({ proxy }: SceneRegistry, namespace: string, from: number): readonly string[] {
  return proxy
    .requests()
    .slice(from)
    .filter(
      ({ method, path, status = 0 }) =>
        writing.includes(method) && status < 400 && path.startsWith(`/v2/${namespace}/`),
    )
    .map(({ method, path }) => `${method} ${path.slice(`/v2/${namespace}/`.length).replace(/\?.*$/, '')}`);
}
