// Generated GitLab pipelines, parent and child, before GitLab's own schema; and what a shell would make of their lines.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { childPipeline, parentPipeline } from '../../src/ci/gitlab/pipeline.ts';
import type { Job } from '../../src/plan/pack.ts';
import { parseFamily } from '../../src/source/project/load.ts';
import { needs, requirePeer } from '../support/peers.ts';
import { run } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const hostile = `a'"$(id)\`id\` $HOME; # *`;
const families = [
  { name: 'plain', gitlab: '', file: 'fanfold.yaml' },
  {
    name: 'everything',
    gitlab:
      'gitlab: { image: "registry.example/node:24", tags: [docker], runners: { linux/arm64: [arm64, docker] }, jobs-max: 40 }',
    file: 'apps/web/fanfold.yaml',
  },
  {
    name: 'hostile',
    gitlab: `gitlab: { command: [fanfold, ${JSON.stringify(hostile)}], tags: [${JSON.stringify(hostile)}] }`,
    file: `${hostile}/fanfold.yaml`,
  },
].map(({ name, gitlab, file }) => {
  const { family, diagnostics } = parseFamily(
    `destinations: [registry.example/acme]\nplatforms: [linux/amd64, linux/arm64]\ntargets: { api: {} }\n${gitlab}\n`,
    `/top/${file}`,
  );
  if (family === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return { name, family, standing: { file, version: '0.1.0' } };
});

const job = (number: number, machine: string): Job => ({
  name: `job-${number}`,
  machine,
  legs: [`api@linux/amd64`, `api@linux/arm64`],
  durationMs: 60_000,
});
const moment = '{"version":1,"nowMs":1,"bases":{"a:$HOME":"sha256:0"}}';
const jobs = Array.from({ length: 457 }, (_, place) =>
  job(place + 1, place % 2 === 0 ? '["arm64","docker"]' : '"ubuntu-24.04"'),
);

const pipelines = families.flatMap(({ name, family, standing }) => [
  { name: `${name}-parent`, text: parentPipeline(family, standing) },
  {
    name: `${name}-child`,
    text: childPipeline(family, { shards: [jobs.slice(0, 250), jobs.slice(250)], moment, publishes: true }, standing),
  },
  { name: `${name}-nothing`, text: childPipeline(family, { shards: [], moment, publishes: true }, standing) },
]);

const folder = temporaryFolder('gitlab');
afterAll(() => folder[Symbol.dispose]());

describe.runIf(needs('check-jsonschema'))('GitLab’s schema', () => {
  test.for(pipelines)('takes $name', async ({ name, text }) => {
    const file = join(folder.path, `${name}.yml`);
    writeFileSync(file, text);
    const judged = await run(requirePeer('check-jsonschema'), ['--builtin-schema', 'vendor.gitlab-ci', file]);
    expect(judged).toMatchObject({ status: 0 });
  });

  test('refuses what is none', async () => {
    const file = join(folder.path, 'wrong.yml');
    writeFileSync(file, pipelines[0]?.text.replace('stage: legs', 'stage: [1]') ?? '');
    expect(await run(requirePeer('check-jsonschema'), ['--builtin-schema', 'vendor.gitlab-ci', file])).toMatchObject({
      status: 1,
    });
  });
});

test('a shell reads each text of the configuration as one word, and runs nothing in it', async () => {
  const hostileParent = parse(pipelines.find(({ name }) => name === 'hostile-parent')?.text ?? '') as {
    publish: { script: string[] };
  };
  const line = hostileParent.publish.script.at(-1) ?? '';
  const { stdout } = await run('sh', ['-c', `outside=/o; fanfold() { printf '<%s>' "$@"; }\n${line}`]);
  expect(stdout).toBe(`<${hostile}><publish><--file><./${hostile}/fanfold.yaml><--moment></o/fanfold-plan.json>`);
});

test('jobs of a child run on the tags of their runner, and the others on those of all', () => {
  const child = parse(pipelines.find(({ name }) => name === 'everything-child')?.text ?? '') as Record<
    string,
    { tags: string[] }
  >;
  expect(child['job-1']?.tags).toEqual(['arm64', 'docker']);
  expect(child['job-2']?.tags).toEqual(['docker']);
});

test.for([
  { name: 'a push', gitlab: '', publishes: true, command: 'build' },
  { name: 'a merge request', gitlab: '', publishes: false, command: 'build --staging-only' },
  {
    name: 'a push with legs: staging',
    gitlab: 'gitlab: { legs: staging }',
    publishes: true,
    command: 'build --staging-only',
  },
])('the legs of $name run fanfold $command', ({ gitlab, publishes, command }) => {
  const { family } = parseFamily(
    `destinations: [registry.example/acme]\nplatforms: [linux/amd64]\ntargets: { api: {} }\n${gitlab}\n`,
    '/top/fanfold.yaml',
  );
  const child = childPipeline(
    family ?? {},
    { shards: [jobs.slice(0, 1)], moment, publishes },
    { file: 'fanfold.yaml', version: '0.1.0' },
  );
  const { script } = (parse(child) as Record<string, { script: string[] }>)['job-1'] ?? { script: [] };
  expect(script.at(-1)).toBe(`npx --yes fanfold@0.1.0 ${command} --legs "$outside/legs"`);
});
