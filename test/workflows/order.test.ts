// Tags never go back: runs that overlap, a revert, a release that is built late.
import { describe, expect, test } from 'vitest';
import type { Fault } from '../support/fault.ts';
import { needs } from '../support/peers.ts';
import {
  builtLegs,
  expectAbsent,
  expectAllPublished,
  expectJobs,
  expectPublished,
  scenePrograms,
  success,
} from './scene/expect.ts';
import { registryPair } from './scene/pair.ts';
import { finished, makeScene, only } from './scene/scene.ts';

describe.runIf(needs(...scenePrograms))('tags never go back', { timeout: 300_000 }, () => {
  const pair = registryPair();

  test('two runs at once: the newer commit has the tag, though the older one publishes last', async () => {
    await using scene = await makeScene(pair.first, pair.second, { direct: true });
    await scene.run();
    const stall: Fault = {
      match: { method: 'PUT', path: new RegExp(`/v2/${scene.namespace}/alpha-staging/manifests/`) },
      deed: { kind: 'stall' },
    };
    pair.first.proxy.add(stall);
    const older = await scene.push({ 'alpha/file': 'alpha of the older\n', 'beta/file': 'beta of the older\n' });
    await pair.first.proxy.reached(stall);
    const newer = await scene.run({ 'alpha/file': 'alpha of the newer\n' });
    expectJobs(newer, success);
    const now = await expectAllPublished(scene, 'main');
    pair.first.proxy.release(stall);
    expectJobs(await finished(older), success);
    expect(await expectAllPublished(scene, 'main')).toEqual(now);
  });

  test('A, B, and B reverted: the tag is on the content of A again, and nothing is built', async () => {
    await using scene = await makeScene(pair.first, pair.second, { direct: true });
    await scene.run();
    const a = await expectAllPublished(scene, 'main');
    await scene.run({ 'beta/file': 'beta two\n' });
    expect((await expectAllPublished(scene, 'main')).beta).not.toBe(a.beta);
    await scene.repository.git('revert', '--no-edit', 'HEAD');
    const reverted = await finished(only(await scene.hub.push(scene.repository, 'main')));
    expectJobs(reverted, { ...success, 'legs-1': 'skipped' });
    expect(await expectAllPublished(scene, 'main')).toEqual(a);
  });

  test('a branch that was cut back: its tag stays, until a run by hand takes it', async () => {
    await using scene = await makeScene(pair.first, pair.second);
    await scene.run();
    const a = await expectAllPublished(scene, 'main');
    await scene.run({ 'beta/file': 'beta two\n' });
    const b = await expectAllPublished(scene, 'main');
    expect(b.beta).not.toBe(a.beta);
    await scene.repository.git('reset', '--hard', 'HEAD~1');
    await scene.hub.origin.receive(scene.repository.path, 'HEAD', 'refs/heads/main');
    expectJobs(await finished(only(await scene.hub.dispatch())), { ...success, 'legs-1': 'skipped' });
    expect(await expectAllPublished(scene, 'main')).toEqual(b);
    const taken = await finished(only(await scene.hub.dispatch({ 'take-tags': true })));
    expectJobs(taken, { ...success, 'legs-1': 'skipped' });
    expect(await expectAllPublished(scene, 'main')).toEqual(a);
  });

  test('an old release that is built late has its own tag, and leaves `latest` where it is', async () => {
    await using scene = await makeScene(pair.first, pair.second, { direct: true });
    await scene.repository.git('tag', 'v1.0.0');
    await scene.repository.commit({ 'beta/file': 'beta of 1.1\n' });
    await scene.repository.git('tag', 'v1.1.0');
    await scene.hub.origin.receive(scene.repository.path, 'HEAD', 'refs/heads/main');
    expectJobs(await finished(only(await scene.hub.pushTag(scene.repository, 'v1.1.0'))), success);
    const newest = await expectAllPublished(scene, 'latest');
    await expectAbsent(scene, 'beta', '1.0.0');
    const late = await finished(only(await scene.hub.pushTag(scene.repository, 'v1.0.0')));
    expectJobs(late, success);
    expect(builtLegs(late)).toEqual(['beta@linux/amd64', 'beta@linux/arm64']);
    expect(await expectPublished(scene, 'beta', '1.0.0')).not.toBe(newest.beta);
    expect(await expectAllPublished(scene, 'latest')).toEqual(newest);
    expect(await expectAllPublished(scene, '1.1.0')).toEqual(newest);
  });
});
