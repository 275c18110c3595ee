// The workflow's other shapes: release credentials in one job behind an approval, targets published by their last leg, the reusable workflow.
import { describe, expect, test } from 'vitest';
import { needs } from '../support/peers.ts';
import { expectAllPublished, expectJobs, expectPublished, scenePrograms } from './scene/expect.ts';
import { registryPair } from './scene/pair.ts';
import { finished, makeScene, rerunFailed, secretsOf } from './scene/scene.ts';

const success = { plan: 'success', 'legs-1': 'success', publish: 'success', gate: 'success' };

describe.runIf(needs(...scenePrograms))('the workflow', { timeout: 300_000 }, () => {
  const pair = registryPair();

  test('with legs: staging, a leg has no credential for a destination; the environment of publish has', async () => {
    const { SECOND_USER = '', SECOND_TOKEN = '', ...others } = secretsOf(pair.first, pair.second);
    const before: unknown[] = [];
    const approve = async (): Promise<boolean> => {
      before.push(pair.second.tokenRequests().filter(({ username }) => username !== undefined).length - asked);
      before.push(scene.writesSince(mark)[1]);
      return true;
    };
    await using scene = await makeScene(pair.first, pair.second, {
      github: ['legs: staging', 'environment: release'],
      secrets: others,
      environments: { release: { secrets: { SECOND_USER, SECOND_TOKEN }, approve } },
    });
    const asked = pair.second.tokenRequests().filter(({ username }) => username !== undefined).length;
    const mark = scene.mark();
    expectJobs(await scene.run(), success);
    expect(before).toEqual([0, []]);
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
    expectJobs(await finished(run), { ...success, publish: 'failure', gate: 'failure' });
    expect(await scene.published('alpha', 'main')).toEqual([undefined, undefined]);
    expect(
      scene
        .writesSince(mark)
        .flat()
        .filter((line) => !line.includes('-staging/')),
    ).toEqual([]);
    isLetIn = true;
    const again = await rerunFailed(run);
    expect(again.ran).toEqual(['publish', 'gate']);
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

  test('called from another repository, does the same', async () => {
    const reusable = `reusable: acme/fanfold/.github/workflows/publish.yml@${'c'.repeat(40)} # v0.1.0`;
    await using scene = await makeScene(pair.first, pair.second, { github: [reusable] });
    const attempt = await scene.run();
    expectJobs(attempt, { images: 'success', gate: 'success' });
    expect(attempt.ran.filter((name) => name.startsWith('images / ')).length).toBeGreaterThan(3);
    await expectAllPublished(scene, 'main');
    const next = await scene.run({ 'beta/file': 'beta two\n' });
    expectJobs(next, { images: 'success', gate: 'success' });
    await expectPublished(scene, 'beta', 'main');
  });
});
