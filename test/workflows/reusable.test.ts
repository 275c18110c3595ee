// The reusable workflow, called from another repository: the same stages, and no job with credentials that it need not have.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { needs } from '../support/peers.ts';
import { evaluateStrings } from './harness/expression.ts';
import { type JobDefinition, parseWorkflowFile } from './harness/workflow-file.ts';
import {
  builtLegs,
  expectAbsent,
  expectAllPublished,
  expectJobs,
  expectPublished,
  scenePrograms,
} from './scene/expect.ts';
import { registryPair } from './scene/pair.ts';
import { finished, makeScene, only, refusedLegs, rerunFailed } from './scene/scene.ts';

const github = [`reusable: acme/fanfold/.github/workflows/publish.yml@${'c'.repeat(40)} # v0.1.0`];
const green = { images: 'success', gate: 'success' };
const red = { images: 'failure', gate: 'failure' };

describe.runIf(needs(...scenePrograms))('the reusable workflow', { timeout: 300_000 }, () => {
  const pair = registryPair();

  test('publishes all, then one change', async () => {
    await using scene = await makeScene(pair.first, pair.second, { github });
    const attempt = await scene.run();
    expectJobs(attempt, green);
    expect(attempt.ran.filter((name) => name.startsWith('images / ')).length).toBeGreaterThan(3);
    await expectAllPublished(scene, 'main');
    const next = await scene.run({ 'beta/file': 'beta two\n' });
    expectJobs(next, green);
    expect(builtLegs(next)).toEqual(['beta@linux/amd64', 'beta@linux/arm64']);
    await expectPublished(scene, 'beta', 'main');
  });

  test('where a leg fails, the others are published; a re-run of failed jobs builds that one', async () => {
    await using scene = await makeScene(pair.first, pair.second, { direct: true, github });
    const fault = refusedLegs(scene.namespace, 'beta');
    pair.first.proxy.add(fault);
    const run = await scene.push();
    expectJobs(await finished(run), red);
    await expectPublished(scene, 'alpha', 'main');
    await expectAbsent(scene, 'beta', 'main');
    pair.first.proxy.remove(fault);
    const mended = await rerunFailed(run);
    expectJobs(mended, green);
    expect(builtLegs(mended)).toEqual(['beta@linux/amd64', 'beta@linux/arm64']);
    await expectAllPublished(scene, 'main');
  });

  test("a fork's pull request has no credential and writes nothing", async () => {
    await using scene = await makeScene(pair.first, pair.second, { direct: true, github });
    await scene.run();
    await scene.repository.git('checkout', '-q', '-b', 'topic');
    await scene.repository.commit({ 'beta/file': 'beta of the fork\n' }, 'Change beta');
    const mark = scene.mark();
    const asked = [pair.first.tokenRequests().length, pair.second.tokenRequests().length] as const;
    const request = { number: 1, from: scene.repository, branch: 'topic', fullName: 'someone/lantern' };
    const attempt = await finished(only(await scene.hub.pullRequest(request)));
    expectJobs(attempt, green);
    expect(builtLegs(attempt)).toEqual(['beta@linux/amd64', 'beta@linux/arm64']);
    expect(scene.writesSince(mark)).toEqual([[], []]);
    const since = [...pair.first.tokenRequests().slice(asked[0]), ...pair.second.tokenRequests().slice(asked[1])];
    expect(since.filter(({ username }) => username !== undefined)).toEqual([]);
  });

  test('with legs: staging, nobody logs in to a destination before the jobs that publish', async () => {
    const asked = pair.second.tokenRequests().length;
    const loggedIn = (): number =>
      pair.second
        .tokenRequests()
        .slice(asked)
        .filter(({ username }) => username !== undefined).length;
    const before: number[] = [];
    const approve = async (): Promise<boolean> => before.push(loggedIn()) > 0;
    await using scene = await makeScene(pair.first, pair.second, {
      github: [...github, 'legs: staging', 'environment: release'],
      environments: { release: { approve } },
    });
    expectJobs(await scene.run(), green);
    expect(before).toHaveLength(2);
    expect(before[0]).toBe(0);
    expect(before[1]).toBeGreaterThan(0);
    await expectAllPublished(scene, 'main');
  });
});

describe('its jobs are given', async () => {
  const path = '.github/workflows/publish.yml';
  const { jobs } = await parseWorkflowFile(path, readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'));
  const [all, staging] = ['release.test u p', 'staging.test u p'];
  test.for([
    { job: 'plan', legs: 'push', secrets: { credentials: all }, want: all },
    { job: 'legs-1', legs: 'push', secrets: { credentials: all, 'staging-credentials': staging }, want: all },
    { job: 'plan', legs: 'staging', secrets: { credentials: all, 'staging-credentials': staging }, want: staging },
    { job: 'legs-1', legs: 'staging', secrets: { credentials: all, 'staging-credentials': staging }, want: staging },
    { job: 'plan', legs: 'staging', secrets: { credentials: all }, want: '' },
    { job: 'legs-1', legs: 'staging', secrets: { credentials: all }, want: '' },
    { job: 'content', legs: 'staging', secrets: { credentials: all, 'staging-credentials': staging }, want: all },
    { job: 'publish', legs: 'staging', secrets: { credentials: all, 'staging-credentials': staging }, want: all },
  ])('$job with legs: $legs and $secrets: $want', ({ job, legs, secrets, want }) => {
    expect(
      credentialsOf(
        jobs.find(({ id }) => id === job),
        legs,
        secrets,
      ),
    ).toEqual(['ghcr.io me t0k3n', want]);
  });
});

function credentialsOf(
  job: JobDefinition | undefined,
  legs: string,
  secrets: Readonly<Record<string, string>>,
): readonly string[] {
  const step = job?.steps.find(({ fields }) => fields('with') !== undefined && String(fields('uses')).startsWith('$/'));
  const contexts = {
    ...{ secrets, inputs: { legs }, needs: { plan: { outputs: {} } }, matrix: {} },
    github: { actor: 'me', token: 't0k3n', event_name: 'push' },
  };
  const { credentials = '' } = evaluateStrings(step?.fields('with'), { contexts });
  const [own = '', ...others] = credentials.split('\n');
  return [own, others.join('\n').trim()];
}
