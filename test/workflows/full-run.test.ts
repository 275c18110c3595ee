// The generated workflow, carried out: a full run, again, one change, a release of an unchanged tree.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../support/peers.ts';
import type { Attempt } from './harness/run.ts';
import {
  builtLegs,
  expectAllPublished,
  expectJobs,
  scenePrograms,
  success,
  summaryOf,
  visibleWrites,
} from './scene/expect.ts';
import { type SceneRegistry, startSceneRegistry } from './scene/registries.ts';
import { finished, makeScene, only, refusedLegs, rerunFailed, type Scene, targets } from './scene/scene.ts';

describe.runIf(needs(...scenePrograms))('the generated workflow', { timeout: 300_000 }, () => {
  let first: SceneRegistry;
  let second: SceneRegistry;
  let scene: Scene;
  let firstRun: Attempt;
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
    firstRun = attempt;
  }, 300_000);
  afterAll(async () => {
    await scene?.[Symbol.asyncDispose]();
    await first[Symbol.asyncDispose]();
    await second[Symbol.asyncDispose]();
  });

  test('the summary has each leg, how large its image is, and when it was built', () => {
    const published = summaryOf(firstRun, 'publish');
    for (const leg of Object.entries(targets).flatMap(([name, on]) => on.map((platform) => `${name}@${platform}`))) {
      expect(published).toMatch(
        new RegExp(`^\\| ${leg.replace('@', '&#64;')} \\| reuse \\| \\S+ \\| [\\d.]+ \\w+ \\| [\\d.]+ m?s \\|`, 'm'),
      );
      expect(published).toMatch(new RegExp(`^ {2}${leg} :\\d+, \\d+$`, 'm'));
    }
    expect(published).toContain('gantt');
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

  test('by hand, of one target: no other is planned', async () => {
    const attempt = await finished(only(await scene.hub.dispatch({ only: 'b*' })));
    expectJobs(attempt, { ...success, 'legs-1': 'skipped' });
    expect(summaryOf(attempt, 'plan')).toContain('| beta ');
    expect(summaryOf(attempt, 'plan')).not.toContain('| alpha ');
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

  test('by hand, forced: all is built anew; what differs is published and stays, what is equal is not written', async () => {
    const before = await expectAllPublished(scene, 'main');
    const mark = scene.mark();
    const run = only(await scene.hub.dispatch({ force: true }));
    const attempt = await finished(run);
    expectJobs(attempt, success);
    expect(builtLegs(attempt)).toHaveLength(5);
    const now = await expectAllPublished(scene, 'main');
    expect({ ...now, tool: '' }).toEqual({ ...before, tool: '' });
    // Its attestations say when it was built.
    expect(now.tool).not.toBe(before.tool);
    expect(visibleWrites(scene.writesSince(mark)).filter((line) => !/^\w+ tool(-staging)?\//.test(line))).toEqual([]);

    const fault = refusedLegs(scene.namespace, 'beta');
    first.proxy.add(fault);
    const halved = only(await scene.hub.dispatch({ force: true }));
    expect((await finished(halved)).result).toBe('failure');
    first.proxy.remove(fault);
    const mended = await rerunFailed(halved);
    expectJobs(mended, success);
    // What that run has built itself it does not build again, whatever came out of it.
    expect(builtLegs(mended)).toEqual(['beta@linux/amd64', 'beta@linux/arm64']);
    const last = await expectAllPublished(scene, 'main');

    const later = await finished(only(await scene.hub.dispatch()));
    expectJobs(later, { ...success, 'legs-1': 'skipped' });
    expect(await expectAllPublished(scene, 'main')).toEqual(last);
  });
});
