// What else starts the generated workflow: the clock, the merge queue; and a gate of tests between the legs and their tags.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { forEachArchitecture, pushTestIndex } from '../support/images.ts';
import { needs } from '../support/peers.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import {
  builtLegs,
  expectAbsent,
  expectAllPublished,
  expectJobs,
  expectPublished,
  scenePrograms,
  success,
  visibleWrites,
} from './scene/expect.ts';
import { registryPair } from './scene/pair.ts';
import { finished, makeScene, only, rerunFailed } from './scene/scene.ts';

const nothingToBuild = { ...success, 'legs-1': 'skipped' };
const cron = '17 3 * * *';

describe.runIf(needs(...scenePrograms))('the workflow', { timeout: 300_000 }, () => {
  const pair = registryPair();

  test('by the clock: a base image that moved rebuilds what stands on it, and nothing else', async () => {
    await using scene = await makeScene(pair.first, pair.second, { github: [`schedule: '${cron}'`] });
    expectJobs(await scene.run(), success);
    const before = await expectAllPublished(scene, 'main');
    const quiet = scene.mark();
    expectJobs(await finished(only(await scene.hub.schedule(cron))), nothingToBuild);
    expect(visibleWrites(scene.writesSince(quiet))).toEqual([]);

    const { host, login } = pair.first;
    const moved = await forEachArchitecture([], { Cmd: ['/bin/sh'], Env: ['PATH=/bin', 'MOVED=yes'] });
    await pushTestIndex(host, 'base/busybox', moved, 'latest', [`--dest-creds=${login.username}:${login.password}`]);
    const mark = scene.mark();
    const attempt = await finished(only(await scene.hub.schedule(cron)));
    expectJobs(attempt, success);
    expect(builtLegs(attempt)).toEqual(['tool@linux/amd64']);
    const now = await expectAllPublished(scene, 'main');
    expect({ ...now, tool: '' }).toEqual({ ...before, tool: '' });
    expect(now.tool).not.toBe(before.tool);
    expect(visibleWrites(scene.writesSince(mark)).filter((line) => !/^\w+ tool(-staging)?\//.test(line))).toEqual([]);
  });

  test('in a merge queue: builds into staging and publishes nothing; the merge then builds nothing', async () => {
    await using scene = await makeScene(pair.first, pair.second, { direct: true });
    expectJobs(await scene.run(), success);
    const before = await expectAllPublished(scene, 'main');
    await scene.repository.git('checkout', '-q', '-b', 'queue');
    await scene.repository.commit({ 'beta/file': 'beta of the queue\n' });
    const mark = scene.mark();
    const queued = await finished(only(await scene.hub.mergeGroup(scene.repository, 'pr-7')));
    expectJobs(queued, { ...success, publish: 'skipped' });
    expect(builtLegs(queued)).toEqual(['beta@linux/amd64', 'beta@linux/arm64']);
    expect(scene.writesSince(mark).flat()).not.toEqual([]);
    expect(
      scene
        .writesSince(mark)
        .flat()
        .filter((line) => !line.includes(' beta-staging/')),
    ).toEqual([]);
    expect(await expectAllPublished(scene, 'main')).toEqual(before);

    await scene.repository.git('checkout', '-q', 'main');
    await scene.repository.git('merge', '-q', '--ff-only', 'queue');
    const merged = await finished(only(await scene.hub.push(scene.repository, 'main')));
    expectJobs(merged, nothingToBuild);
    expect(builtLegs(merged)).toEqual([]);
    expect((await expectAllPublished(scene, 'main')).beta).not.toBe(before.beta);
  });

  test('with tests that a leg fails: its target has no tag, others have; passed later, it is published without a build', async () => {
    using folder = temporaryFolder('refused');
    const refused = join(folder.path, 'beta');
    writeFileSync(refused, '');
    await using scene = await makeScene(pair.first, pair.second, {
      direct: true,
      lines: [`test: [[./check, ${folder.path}, '{reference}']]`],
    });
    const script = '#!/bin/sh\necho "asked about $2"\ntest ! -e "$1/$FANFOLD_TARGET"\n';
    const run = await scene.push({ check: { bytes: script, executable: true } });
    const failed = await finished(run);
    expectJobs(failed, { ...success, 'legs-1': 'failure', publish: 'failure', gate: 'failure' });
    const alpha = await expectPublished(scene, 'alpha', 'main');
    await expectAbsent(scene, 'beta', 'main');

    rmSync(refused);
    const mark = scene.mark();
    const passed = await rerunFailed(run);
    expectJobs(passed, success);
    expect(builtLegs(passed), passed.text).toEqual([]);
    expect(await expectAllPublished(scene, 'main')).toMatchObject({ alpha });
    expect(visibleWrites(scene.writesSince(mark)).filter((line) => !/^\w+ beta(-staging)?\//.test(line))).toEqual([]);
  });
});
