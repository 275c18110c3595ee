// The workflow's other shapes: release credentials in one job behind an approval, targets published by their last leg.
import { describe, expect, test } from 'vitest';
import type { Fault } from '../support/fault.ts';
import { needs } from '../support/peers.ts';
import { builtLegs, expectAllPublished, expectJobs, expectPublished, scenePrograms, success } from './scene/expect.ts';
import { registryPair } from './scene/pair.ts';
import { finished, makeScene, only, refusedLegs, rerunFailed, secretsOf } from './scene/scene.ts';

/** Writes of one registry that are not staging's. */
const outsideStaging = (lines: readonly string[]): readonly string[] =>
  lines.filter((line) => !line.includes('-staging/'));

const staged = { ...success, content: 'success' };

describe.runIf(needs(...scenePrograms))('the workflow', { timeout: 300_000 }, () => {
  const pair = registryPair();

  test('with legs: staging, content jobs copy what the legs built, mounting first; publish sends no blob', async () => {
    const { SECOND_USER = '', SECOND_TOKEN = '', ...others } = secretsOf(pair.first, pair.second);
    const asked = pair.second.tokenRequests().length;
    const asks: string[] = [];
    const written: (readonly (readonly string[])[])[] = [];
    const approve = async (job: string): Promise<boolean> => {
      if (asks.length === 0)
        expect(
          pair.second
            .tokenRequests()
            .slice(asked)
            .filter(({ username }) => username !== undefined),
        ).toEqual([]);
      asks.push(job);
      written.push(scene.writesSince(mark).map(outsideStaging));
      mark = scene.mark();
      return true;
    };
    await using scene = await makeScene(pair.first, pair.second, {
      github: ['legs: staging', 'environment: release'],
      secrets: others,
      environments: { release: { secrets: { SECOND_USER, SECOND_TOKEN }, approve } },
    });
    let mark = scene.mark();
    const attempt = await scene.run();
    expectJobs(attempt, staged);
    expect(asks).toEqual(['content 1/1', 'publish']);
    const [byLegs, byContent] = written;
    expect(byLegs).toEqual([[], []]);
    const [first = [], second = []] = byContent ?? [];
    // Staging's own registry takes every blob from staging; the other gets each byte, once.
    expect(first.filter((line) => /^(PATCH|PUT) \S+\/blobs\//.test(line))).toEqual([]);
    expect(first.filter((line) => line.startsWith('POST ')).length).toBeGreaterThan(0);
    expect(second.filter((line) => /^PUT \S+\/blobs\//.test(line)).length).toBeGreaterThan(0);
    expect([...first, ...second].filter((line) => /\/manifests\/(?!sha256:)/.test(line))).toEqual([]);
    const byPublish = scene.writesSince(mark).flatMap(outsideStaging);
    expect(byPublish.filter((line) => line.includes('/blobs/'))).toEqual([]);
    expect(byPublish.filter((line) => line.endsWith('/manifests/main'))).toHaveLength(2 * scene.targets.length);
    await expectAllPublished(scene, 'main');

    const again = await scene.run({ 'alpha/file': 'alpha one\n' });
    expectJobs(again, { ...staged, 'legs-1': 'skipped', content: 'skipped' });
  });

  test('a pull request copies nothing to a destination; what it staged is copied when it is merged', async () => {
    await using scene = await makeScene(pair.first, pair.second, { direct: true, github: ['legs: staging'] });
    const before = await scene.run();
    expectJobs(before, staged);
    await scene.repository.git('checkout', '-q', '-b', 'topic');
    await scene.repository.commit({ 'beta/file': 'beta of the branch\n' }, 'Change beta');
    const mark = scene.mark();
    const request = { number: 1, from: scene.repository, branch: 'topic' };
    const looked = await finished(only(await scene.hub.pullRequest(request)));
    expectJobs(looked, { ...staged, content: 'skipped', publish: 'skipped' });
    expect(scene.writesSince(mark).flatMap(outsideStaging)).toEqual([]);
    await scene.repository.git('checkout', '-q', 'main');
    await scene.repository.git('merge', '-q', '--no-ff', '-m', 'Merge topic', 'topic');
    const merged = await finished(only(await scene.hub.push(scene.repository, 'main')));
    expectJobs(merged, { ...staged, 'legs-1': 'skipped' });
    expect(builtLegs(merged)).toEqual([]);
    await expectAllPublished(scene, 'main');
  });

  test('content jobs that fail leave all of it to publish; a leg that fails keeps none of the others from them', async () => {
    const uploads: Fault = {
      match: { method: 'POST', path: /\/blobs\/uploads\//, times: 1_000_000 },
      deed: { kind: 'status', status: 403 },
    };
    let isDown = true;
    const environments = {
      content: { approve: async () => true },
      release: {
        approve: async () => {
          if (isDown) pair.second.proxy.remove(uploads);
          isDown = false;
          return true;
        },
      },
    };
    const github = ['legs: staging', 'environment: release', 'content-environment: content'];
    await using scene = await makeScene(pair.first, pair.second, { direct: true, github, environments });
    const noLeg = refusedLegs(scene.namespace, 'beta');
    pair.first.proxy.add(noLeg);
    pair.second.proxy.add(uploads);
    const run = await scene.push();
    const failed = await finished(run);
    expectJobs(failed, { ...staged, 'legs-1': 'failure', publish: 'failure', gate: 'failure' });
    const content = failed.cells.find(({ name }) => name.startsWith('content '));
    expect(content?.report?.result, failed.text).toBe('failure');
    expect(content?.report?.log).toContain('publishing brings what is missing');
    await expectPublished(scene, 'alpha', 'main');

    pair.first.proxy.remove(noLeg);
    const mended = await rerunFailed(run);
    expectJobs(mended, staged);
    expect(mended.ran).not.toContain('plan');
    expect(mended.ran).toEqual(expect.arrayContaining(['content 1/1', 'publish', 'gate']));
    await expectAllPublished(scene, 'main');
  });

  test('an approval that is refused publishes nothing; the legs stay in staging for the next', async () => {
    let isLetIn = false;
    await using scene = await makeScene(pair.first, pair.second, {
      direct: true,
      github: ['legs: staging', 'environment: release'],
      environments: { release: { approve: async () => isLetIn } },
    });
    const mark = scene.mark();
    const run = await scene.push();
    expectJobs(await finished(run), { ...staged, content: 'failure', publish: 'failure', gate: 'failure' });
    expect(await scene.published('alpha', 'main')).toEqual([undefined, undefined]);
    expect(scene.writesSince(mark).flatMap(outsideStaging)).toEqual([]);
    isLetIn = true;
    const again = await rerunFailed(run);
    expect(again.ran).toEqual(['content 1/1', 'publish', 'gate']);
    await expectAllPublished(scene, 'main');
  });

  test('with publish: leg, what is complete is published by its last leg, and the last job finds it done', async () => {
    await using scene = await makeScene(pair.first, pair.second, { direct: true, github: ['publish: leg'] });
    const attempt = await scene.run();
    expectJobs(attempt, success);
    await expectAllPublished(scene, 'main');
    const tagged = attempt.cells.flatMap(({ name, report }) => (/^tag +/m.test(report?.log ?? '') ? [name] : []));
    expect(tagged.length, attempt.text).toBeGreaterThan(0);
    expect(tagged).not.toContain('publish');
  });
});
