// The generated workflow, carried out: a full run, again, one change, a release of an unchanged tree.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../support/peers.ts';
import { builtLegs, expectAllPublished, expectJobs, scenePrograms, success, visibleWrites } from './scene/expect.ts';
import { type SceneRegistry, startSceneRegistry } from './scene/registries.ts';
import { finished, makeScene, only, type Scene } from './scene/scene.ts';

describe.runIf(needs(...scenePrograms))('the generated workflow', { timeout: 300_000 }, () => {
  let first: SceneRegistry;
  let second: SceneRegistry;
  let scene: Scene;
  let digests: Readonly<Record<string, string>>;
  beforeAll(async () => {
    [first, second] = await Promise.all([startSceneRegistry('first'), startSceneRegistry('second')]);
    scene = await makeScene(first, second);
    const attempt = await scene.run();
    expectJobs(attempt, success);
    expect(builtLegs(attempt)).toEqual([
      'alpha@linux/amd64',
      'alpha@linux/arm64',
      'beta@linux/amd64',
      'beta@linux/arm64',
      'tool@linux/amd64',
    ]);
    digests = await expectAllPublished(scene, 'main');
  }, 300_000);
  afterAll(async () => {
    await scene?.[Symbol.asyncDispose]();
    await first[Symbol.asyncDispose]();
    await second[Symbol.asyncDispose]();
  });

  test('by hand, on what is there already: no leg job; the second time no request writes', async () => {
    const mark = scene.mark();
    const attempt = await finished(only(await scene.hub.dispatch()));
    expectJobs(attempt, { ...success, 'legs-1': 'skipped' });
    expect(visibleWrites(scene.writesSince(mark))).toEqual([]);
    const again = scene.mark();
    expectJobs(await finished(only(await scene.hub.dispatch())), { ...success, 'legs-1': 'skipped' });
    expect(scene.writesSince(again)).toEqual([[], []]);
    expect(await expectAllPublished(scene, 'main')).toEqual(digests);
  });

  test('a dry run changes nothing', async () => {
    scene.repository.write({ 'alpha/file': 'alpha of the dry run\n' });
    const mark = scene.mark();
    await scene.repository.commit({}, 'Dry');
    await scene.hub.origin.receive(scene.repository.path, 'HEAD', 'refs/heads/main');
    const attempt = await finished(only(await scene.hub.dispatch({ 'dry-run': true })));
    expectJobs(attempt, { ...success, 'legs-1': 'skipped', publish: 'skipped' });
    expect(scene.writesSince(mark)).toEqual([[], []]);
  });

  test('a release of a tree that main published: nothing is built, no content is written again', async () => {
    await scene.run({ 'alpha/file': 'alpha one\n' });
    await scene.repository.git('tag', 'v1.0.0');
    const mark = scene.mark();
    const attempt = await finished(only(await scene.hub.pushTag(scene.repository, 'v1.0.0')));
    expectJobs(attempt, { ...success, 'legs-1': 'skipped' });
    expect(builtLegs(attempt)).toEqual([]);
    for (const tag of ['1.0.0', 'latest']) expect(await expectAllPublished(scene, tag)).toEqual(digests);
    const written = scene.writesSince(mark).flat();
    expect(written.filter((line) => !line.includes('-staging/') && !line.includes('/manifests/'))).toEqual([]);
  });

  test('one change: its target alone is built and written', async () => {
    const mark = scene.mark();
    const attempt = await scene.run({ 'beta/file': 'beta two\n' });
    expectJobs(attempt, success);
    expect(builtLegs(attempt)).toEqual(['beta@linux/amd64', 'beta@linux/arm64']);
    const now = await expectAllPublished(scene, 'main');
    expect({ ...now, beta: '' }).toEqual({ ...digests, beta: '' });
    expect(now['beta']).not.toBe(digests['beta']);
    expect(visibleWrites(scene.writesSince(mark)).filter((line) => !/^\w+ beta(-staging)?\//.test(line))).toEqual([]);
  });
});
