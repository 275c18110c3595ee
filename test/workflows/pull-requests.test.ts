// Pull requests of a fork and of the repository itself: what they may, what they write, and what a merge then costs.
import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { needs } from '../support/peers.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { builtLegs, expectAllPublished, expectJobs, scenePrograms, success } from './scene/expect.ts';
import { registryPair } from './scene/pair.ts';
import { finished, makeScene, only, type Scene } from './scene/scene.ts';

/** A branch of the repository with one change to beta. */
async function changeBeta(scene: Scene, branch = 'topic', message = 'Change beta'): Promise<void> {
  await scene.repository.git('checkout', '-q', '-b', branch);
  await scene.repository.commit({ 'beta/file': 'beta of the branch\n' }, message);
}

describe.runIf(needs(...scenePrograms))('pull requests', { timeout: 300_000 }, () => {
  const pair = registryPair();
  const looked = { plan: 'success', 'legs-1': 'success', publish: 'skipped', gate: 'success' };

  test("a fork's builds what it affects with no credential, writes nothing anywhere, and its words reach no shell", async () => {
    using folder = temporaryFolder('words');
    const touch = `$(touch\${IFS}${folder.path}/made)`;
    const branch = `topic'"${touch}`;
    await using scene = await makeScene(pair.first, pair.second, { direct: true });
    await scene.run();
    const before = await expectAllPublished(scene, 'main');
    await changeBeta(scene, branch, `\${{ github.token }} "'\n\n${touch}\n--help`);
    const mark = scene.mark();
    const asked = [pair.first.tokenRequests().length, pair.second.tokenRequests().length] as const;
    const request = {
      number: 1,
      from: scene.repository,
      branch,
      fullName: 'someone/lantern',
      title: `${touch} \${{ github.token }}`,
    };
    const attempt = await finished(only(await scene.hub.pullRequest(request)));
    expectJobs(attempt, looked);
    expect(builtLegs(attempt)).toEqual(['beta@linux/amd64', 'beta@linux/arm64']);
    expect(scene.writesSince(mark)).toEqual([[], []]);
    const since = [...pair.first.tokenRequests().slice(asked[0]), ...pair.second.tokenRequests().slice(asked[1])];
    expect(since.filter(({ username }) => username !== undefined)).toEqual([]);
    expect(
      [...scene.hub.tokens.all.values()]
        .slice(-3)
        .every(({ permissions }) => !Object.values(permissions).includes('write')),
    ).toBe(true);
    expect(await expectAllPublished(scene, 'main')).toEqual(before);
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test('with pull-request: separate, what it built is no release’s: a re-run builds nothing, a merge builds for itself', async () => {
    await using scene = await makeScene(pair.first, pair.second, { direct: true, github: ['pull-request: separate'] });
    await scene.run();
    await changeBeta(scene);
    const mark = scene.mark();
    const request = { number: 6, from: scene.repository, branch: 'topic' };
    const attempt = await finished(only(await scene.hub.pullRequest(request)));
    expectJobs(attempt, looked);
    expect(builtLegs(attempt)).toEqual(['beta@linux/amd64', 'beta@linux/arm64']);
    const written = scene.writesSince(mark).flat();
    expect(written.length).toBeGreaterThan(0);
    expect(written.filter((line) => !line.includes(' beta-staging-proposed/'))).toEqual([]);
    const again = await finished(only(await scene.hub.pullRequest(request)));
    expectJobs(again, looked);
    expect(builtLegs(again)).toEqual([]);

    await scene.repository.git('checkout', '-q', 'main');
    await scene.repository.git('merge', '-q', '--no-ff', 'topic', '-m', 'Merge');
    const merged = await finished(only(await scene.hub.push(scene.repository, 'main')));
    expectJobs(merged, success);
    expect(builtLegs(merged)).toEqual(['beta@linux/amd64', 'beta@linux/arm64']);
    await expectAllPublished(scene, 'main');
  });

  test('a newer commit ends the run of the older one, and has the gate', async () => {
    await using scene = await makeScene(pair.first, pair.second, { direct: true });
    await scene.run();
    await changeBeta(scene);
    const request = { number: 5, from: scene.repository, branch: 'topic' };
    const older = only(await scene.hub.pullRequest(request));
    await scene.repository.commit({ 'beta/file': 'beta of a newer commit\n' });
    const newer = only(await scene.hub.pullRequest(request));
    const ended = await finished(older);
    expect([...ended.jobs.values()].map(({ result }) => result)).toContain('cancelled');
    expect(ended.jobs.get('gate')?.result).toBe('failure');
    expectJobs(await finished(newer), looked);
  });

  test('the words of a Git tag reach no shell', async () => {
    using folder = temporaryFolder('words');
    await using scene = await makeScene(pair.first, pair.second, { direct: true, github: ["tags: ['**']"] });
    await scene.run();
    const before = await expectAllPublished(scene, 'main');
    const touch = `$(touch\${IFS}${folder.path}/made)`;
    for (const tag of [`v1"'\`id\`;${touch}`, '-v1.0.0', '--help', `v1'&&\${{github.token}}`]) {
      await scene.repository.git('update-ref', `refs/tags/${tag}`, 'HEAD');
      const attempt = await finished(only(await scene.hub.pushTag(scene.repository, tag)));
      expectJobs(attempt, { plan: 'success', 'legs-1': 'skipped', publish: 'success', gate: 'success' });
    }
    expect(await expectAllPublished(scene, 'main')).toEqual(before);
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test("the repository's own stages and publishes nothing; its merge builds nothing", async () => {
    await using scene = await makeScene(pair.first, pair.second, { direct: true });
    await scene.run();
    const before = await expectAllPublished(scene, 'main');
    await changeBeta(scene);
    const mark = scene.mark();
    const attempt = await finished(
      only(await scene.hub.pullRequest({ number: 2, from: scene.repository, branch: 'topic' })),
    );
    expectJobs(attempt, looked);
    expect(builtLegs(attempt)).toEqual(['beta@linux/amd64', 'beta@linux/arm64']);
    const written = scene.writesSince(mark);
    expect(written.flat().filter((line) => !line.includes(' beta-staging/'))).toEqual([]);
    expect(written[0].length).toBeGreaterThan(0);
    expect(await expectAllPublished(scene, 'main')).toEqual(before);

    await scene.repository.git('checkout', '-q', 'main');
    await scene.repository.git('merge', '-q', '--no-ff', 'topic', '-m', 'Merge');
    const merged = await finished(only(await scene.hub.push(scene.repository, 'main')));
    expectJobs(merged, { plan: 'success', 'legs-1': 'skipped', publish: 'success', gate: 'success' });
    const now = await expectAllPublished(scene, 'main');
    expect(now.beta).not.toBe(before.beta);
    expect({ ...now, beta: '' }).toEqual({ ...before, beta: '' });
  });

  test('what is not merged reads the caches of main and writes none: no fork’s, and no branch’s', async () => {
    await using scene = await makeScene(pair.first, pair.second, { lines: ['cache: max'] });
    const first = await scene.run();
    expect(tagsWritten(scene.writesSince([0, 0]), 'x1-')).toEqual([
      expect.stringMatching(/^PUT tool-staging\/manifests\/x1-/),
    ]);
    const summaries = first.cells.flatMap(({ report }) => report?.summary ?? []).join('\n');
    expect(summaries).toContain('### Caches');

    for (const [branch, fullName] of [
      ['forked', 'someone/lantern'],
      ['topic', undefined],
    ] as const) {
      await scene.repository.git('checkout', '-q', '-b', branch, 'main');
      await scene.repository.commit({ 'tool/file': `tool of ${branch}\n` }, 'Change the tool');
      const mark = scene.mark();
      const request = { number: 3, from: scene.repository, branch, ...(fullName === undefined ? {} : { fullName }) };
      const attempt = await finished(only(await scene.hub.pullRequest(request)));
      expectJobs(attempt, looked);
      expect(builtLegs(attempt)).toEqual(['tool@linux/amd64']);
      const asked = pair.first.proxy.requests().slice(mark[0]);
      expect(asked.filter(({ path }) => path.includes('/manifests/x1-')).length).toBeGreaterThan(0);
      const written = scene.writesSince(mark);
      expect([...tagsWritten(written, 'x1-'), ...tagsWritten(written, 'y1-')]).toEqual([]);
      if (fullName !== undefined) expect(written).toEqual([[], []]);
    }
  });
});

function tagsWritten(written: readonly (readonly string[])[], prefix: string): readonly string[] {
  return written.flat().filter((line) => line.includes(`/manifests/${prefix}`));
}
