// The generated workflow where something fails: a leg, a registry in the middle of a run; and what a re-run of failed jobs costs.
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
  summaryOf,
  visibleWrites,
} from './scene/expect.ts';
import { registryPair } from './scene/pair.ts';
import { finished, makeScene, refusedLegs, rerunFailed } from './scene/scene.ts';

describe.runIf(needs(...scenePrograms))('where something fails', { timeout: 300_000 }, () => {
  const pair = registryPair();

  test('a failing leg stops its own target and no other; a re-run of failed jobs does what is missing', async () => {
    await using scene = await makeScene(pair.first, pair.second);
    const fault = refusedLegs(scene.namespace, 'tool');
    pair.first.proxy.add(fault);
    const run = await scene.push();
    const failed = await finished(run);
    expectJobs(failed, { plan: 'success', 'legs-1': 'failure', publish: 'failure', gate: 'failure' });
    const before = {
      alpha: await expectPublished(scene, 'alpha', 'main'),
      beta: await expectPublished(scene, 'beta', 'main'),
    };
    await expectAbsent(scene, 'tool', 'main');

    pair.first.proxy.remove(fault);
    const mark = scene.mark();
    const mended = await rerunFailed(run);
    expect(mended.ran).not.toContain('plan');
    expect(mended.ran).toEqual(expect.arrayContaining(['publish', 'gate']));
    expect(mended.ran).toHaveLength(3);
    expect(builtLegs(mended), mended.text).toEqual(['tool@linux/amd64']);
    expectJobs(mended, { plan: 'success', 'legs-1': 'success', publish: 'success', gate: 'success' });
    expect(await expectAllPublished(scene, 'main')).toMatchObject(before);
    expect(visibleWrites(scene.writesSince(mark)).filter((line) => !/^\w+ tool(-staging)?\//.test(line))).toEqual([]);
  });

  test('a failing leg keeps the tags of its set from moving, whole as the others are; a re-run completes it forward', async () => {
    await using scene = await makeScene(pair.first, pair.second, {
      direct: true,
      lines: ['sets: { both: [alpha, beta] }'],
    });
    const failing = async (files: Readonly<Record<string, string>>) => {
      const fault = refusedLegs(scene.namespace, 'beta');
      pair.first.proxy.add(fault);
      const run = await scene.push(files);
      const failed = await finished(run);
      expectJobs(failed, { plan: 'success', 'legs-1': 'failure', publish: 'failure', gate: 'failure' });
      pair.first.proxy.remove(fault);
      return run;
    };
    const first = await failing({});
    for (const target of ['alpha', 'beta'] as const) await expectAbsent(scene, target, 'main');
    expectJobs(await rerunFailed(first), success);
    const before = await expectAllPublished(scene, 'main');

    const second = await failing({ 'alpha/file': 'alpha two\n', 'beta/file': 'beta two\n' });
    expect(await expectAllPublished(scene, 'main')).toEqual(before);
    const mended = await rerunFailed(second);
    expectJobs(mended, success);
    expect(builtLegs(mended)).toEqual(['beta@linux/amd64', 'beta@linux/arm64']);
    const now = await expectAllPublished(scene, 'main');
    expect(now.alpha).not.toBe(before.alpha);
    expect(now.beta).not.toBe(before.beta);
  });

  test('a registry that fails in the middle gets nothing half, moves no tag elsewhere, and is healed by a re-run', async () => {
    await using scene = await makeScene(pair.first, pair.second);
    await scene.run();
    const old = await expectAllPublished(scene, 'main');
    // From the second upload on, whoever asks.
    const fault: Fault = {
      match: { method: 'POST', path: new RegExp(`/v2/${scene.namespace}/`), nth: 2, times: 1_000_000 },
      deed: { kind: 'status', status: 403 },
    };
    pair.second.proxy.add(fault);
    const run = await scene.push({ 'alpha/file': 'alpha two\n', 'beta/file': 'beta two\n' });
    const failed = await finished(run);
    expect(failed.result, failed.text).toBe('failure');
    expect(pair.second.proxy.hits(fault)).toBeGreaterThan(0);
    // Whatever was published meanwhile, no tag is on one registry alone, and none is on half an image.
    for (const target of ['alpha', 'beta', 'tool'] as const) await expectPublished(scene, target, 'main');
    expect(await expectAllPublished(scene, 'main')).not.toEqual(undefined);
    pair.second.proxy.remove(fault);
    const mended = await rerunFailed(run);
    expectJobs(mended, { plan: 'success', 'legs-1': 'success', publish: 'success', gate: 'success' });
    expect(builtLegs(mended)).toEqual([]);
    const now = await expectAllPublished(scene, 'main');
    expect(now.tool).toBe(old.tool);
    expect(now.alpha).not.toBe(old.alpha);
    expect(now.beta).not.toBe(old.beta);
  });

  test('a re-run of failed jobs, long after others published, costs only what is missing', async () => {
    await using scene = await makeScene(pair.first, pair.second);
    const run = await scene.push({
      'tool/Dockerfile': `FROM ${pair.first.host}/base/busybox\nCOPY file /file\nRUN exit 3\n`,
    });
    const failed = await finished(run);
    expectJobs(failed, { plan: 'success', 'legs-1': 'failure', publish: 'failure', gate: 'failure' });
    expect(summaryOf(failed, 'publish')).toMatch(/^ {2}tool@linux\/amd64 :crit, \d+, \d+$/m);
    const next = await scene.run({
      'tool/Dockerfile': `FROM ${pair.first.host}/base/busybox\nCOPY file /file\nRUN true\n`,
      'beta/file': 'beta two\n',
    });
    expectJobs(next, { plan: 'success', 'legs-1': 'success', publish: 'success', gate: 'success' });
    const now = await expectAllPublished(scene, 'main');
    const mark = scene.mark();
    const again = await rerunFailed(run);
    expectJobs(again, { plan: 'success', 'legs-1': 'failure', publish: 'failure', gate: 'failure' });
    expect(builtLegs(again)).toEqual([]);
    expect(await expectAllPublished(scene, 'main')).toEqual(now);
    expect(visibleWrites(scene.writesSince(mark))).toEqual([]);
  });
});
