// A small family on GitLab: its repository and its generated pipeline, carried out by gitlab-ci-local against two real registries.

import { inject } from 'vitest';
import { requirePeer } from '../../support/peers.ts';
import { type FileSpec, type TestRepository, testRepository } from '../../support/repository.ts';
import { run, runOk } from '../../support/run.ts';
import { type PublishedImage, readBack } from './read-back.ts';
import type { SceneRegistry } from './registries.ts';

/** How a pipeline ended. */
export interface PipelineRun {
  readonly status: number | undefined;
  /** What its jobs printed. */
  readonly text: string;
  /** The legs that its jobs built, sorted. */
  readonly built: readonly string[];
}

/** A scene; all that it published stands in both registries below a namespace of its own. */
export interface GitlabScene extends Disposable {
  readonly repository: TestRepository;
  readonly namespace: string;
  /** Commits files where there are any, and carries out the pipeline of what is checked out, as what `variables` say started it. */
  pipeline(
    files?: Readonly<Record<string, FileSpec>>,
    variables?: Readonly<Record<string, string>>,
  ): Promise<PipelineRun>;
  /** What a tag of a target names in each registry. */
  published(target: string, tag: string): Promise<readonly (PublishedImage | undefined)[]>;
  /** What both registries were asked to write since the last call, a line for each request that was taken. */
  writes(): readonly string[];
}

let scenes = 0;

/** Makes a scene whose `main` holds the targets `alpha` and `beta` of two platforms each, and their pipeline. */
export async function makeGitlabScene(first: SceneRegistry, second: SceneRegistry): Promise<GitlabScene> {
  const namespace = `gitlab${++scenes}`;
  const registries = [first, second] as const;
  const repository = await testRepository();
  const env = { PATH: process.env['PATH'] ?? '', HOME: repository.path };
  repository.write(familyFiles(registries, namespace));
  await runOk(process.execPath, [inject('cli'), 'generate', 'gitlab'], { cwd: repository.path, env });
  await repository.commit();
  await repository.git('remote', 'add', 'origin', 'https://gitlab.test/acme/images.git');
  let seen = registries.map(({ proxy }) => proxy.requests().length);
  return {
    repository,
    namespace,
    async pipeline(files, variables = {}) {
      if (files !== undefined) await repository.commit(files);
      // A local run says that it is none of GitLab's.
      const given = Object.entries({ GITLAB_CI: 'true', ...variables });
      const flags = given.flatMap(([name, value]) => ['--variable', `${name}=${value}`]);
      const { status, stdout, stderr } = await run(
        requirePeer('gitlab-ci-local'),
        ['--force-shell-executor', '--no-color', ...flags],
        { cwd: repository.path, env: { ...env, FANFOLD_REGISTRY_AUTH: logins(registries) }, timeoutMs: 110_000 },
      );
      const text = stdout + stderr;
      return { status, text, built: [...text.matchAll(/built {3}(\S+) /g)].map(([, leg = '']) => leg).sort() };
    },
    published: (target, tag) =>
      Promise.all(registries.map(({ host }) => readBack(`${host}/${namespace}/${target}:${tag}`))),
    writes() {
      const lines = registries.flatMap(({ proxy }, index) => {
        const requests = proxy.requests().slice(seen[index]);
        const taken = requests.filter(({ method, status = 0 }) => /^P(?:OST|ATCH|UT)$/.test(method) && status < 400);
        return taken.map(({ method, path }) => `${method} ${path.replace(/\?.*$/, '')}`);
      });
      seen = registries.map(({ proxy }) => proxy.requests().length);
      return lines.filter((line) => line.includes(`/v2/${namespace}/`));
    },
    [Symbol.dispose]: () => repository[Symbol.dispose](),
  };
}

function familyFiles(registries: readonly SceneRegistry[], namespace: string): Readonly<Record<string, FileSpec>> {
  const names = ['alpha', 'beta'];
  const files = names.flatMap((name) => [
    [`${name}/Dockerfile`, 'FROM scratch\nCOPY file /file\nLABEL made=for-tests\n'] as const,
    [`${name}/file`, `${name} one\n`] as const,
  ]);
  return {
    'fanfold.yaml': [
      `destinations: [${registries.map(({ host }) => JSON.stringify(`${host}/${namespace}`)).join(', ')}]`,
      'platforms: [linux/amd64, linux/arm64]',
      'tags: |',
      '  type=ref,event=branch',
      '  type=semver,pattern={{version}}',
      `gitlab: { command: [${JSON.stringify(process.execPath)}, ${JSON.stringify(inject('cli'))}] }`,
      'targets:',
      ...names.map((name) => `  ${name}: { context: ${name} }`),
      '',
    ].join('\n'),
    '.gitignore': '.gitlab-ci-local\nfanfold-*\n',
    ...Object.fromEntries(files),
  };
}

function logins(registries: readonly SceneRegistry[]): string {
  return JSON.stringify(Object.fromEntries(registries.map(({ host, login }) => [host, login])));
}
