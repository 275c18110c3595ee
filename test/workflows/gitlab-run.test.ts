// The generated GitLab pipeline, parent and child, carried out as processes by gitlab-ci-local against two real registries.
import { describe, expect, test } from 'vitest';
import type { Fault } from '../support/fault.ts';
import { needs } from '../support/peers.ts';
import { visibleWrites } from './scene/expect.ts';
import { type GitlabScene, makeGitlabScene } from './scene/gitlab-scene.ts';
import { registryPair } from './scene/pair.ts';

/** A tag of a target names the same whole image in both registries; gives its digest. */
async function expectPublished(scene: GitlabScene, target: string, tag: string): Promise<string> {
  const [first, second] = await scene.published(target, tag);
  expect(first, `${target}:${tag}`).toMatchObject({ platforms: ['linux/amd64', 'linux/arm64'] });
  expect(second, `${target}:${tag} in the second registry`).toEqual(first);
  return first?.digest ?? '';
}

const programs = ['gitlab-ci-local', 'docker-registry', 'skopeo', 'openssl'] as const;

describe.runIf(needs(...programs))('the GitLab pipeline', { timeout: 300_000 }, () => {
  const pair = registryPair();

  test('a full run; nothing to do; one change; and a revert, which builds nothing', async () => {
    using scene = await makeGitlabScene(pair.first, pair.second);
    const first = await scene.pipeline();
    expect(first, first.text).toMatchObject({ status: 0, built: expect.objectContaining({ length: 4 }) });
    const [alpha, beta] = [await expectPublished(scene, 'alpha', 'main'), await expectPublished(scene, 'beta', 'main')];

    scene.writes();
    const again = await scene.pipeline();
    expect(again, again.text).toMatchObject({ status: 0, built: [] });
    expect(visibleWrites([scene.writes()])).toEqual([]);

    const changed = await scene.pipeline({ 'beta/file': 'beta two\n' });
    expect(changed.built, changed.text).toEqual(['beta@linux/amd64', 'beta@linux/arm64']);
    expect(scene.writes().filter((line) => line.includes('/alpha/'))).toEqual([]);
    expect(await expectPublished(scene, 'alpha', 'main')).toBe(alpha);
    expect(await expectPublished(scene, 'beta', 'main')).not.toBe(beta);

    const reverted = await scene.pipeline({ 'beta/file': 'beta one\n' });
    expect(reverted, reverted.text).toMatchObject({ status: 0, built: [] });
    expect(await expectPublished(scene, 'beta', 'main')).toBe(beta);
  });

  test('a failing leg stops its own target alone; a registry that fails in the middle is healed by the next', async () => {
    using scene = await makeGitlabScene(pair.first, pair.second);
    const failed = await scene.pipeline({ 'beta/Dockerfile': 'FROM scratch\nCOPY gone /file\n' });
    expect(failed.status, failed.text).not.toBe(0);
    const alpha = await expectPublished(scene, 'alpha', 'main');
    expect(await scene.published('beta', 'main')).toEqual([undefined, undefined]);
    expect(failed.text).toContain('beta/Dockerfile:2');
    // No job of a merge request publishes, so its plan is what fails.
    const proposed = await scene.pipeline(undefined, { CI_PIPELINE_SOURCE: 'merge_request_event' });
    expect(proposed.status, proposed.text).not.toBe(0);

    // From the second upload on, whoever asks.
    const fault: Fault = {
      match: { method: 'POST', path: new RegExp(`/v2/${scene.namespace}/`), nth: 2, times: 1_000_000 },
      deed: { kind: 'status', status: 403 },
    };
    pair.second.proxy.add(fault);
    const halved = await scene.pipeline({
      'alpha/file': 'alpha two\n',
      'beta/Dockerfile': 'FROM scratch\nCOPY file /\n',
    });
    expect(halved.status, halved.text).not.toBe(0);
    expect(pair.second.proxy.hits(fault)).toBeGreaterThan(0);
    // Whatever was published meanwhile, no tag is on one registry alone.
    for (const target of ['alpha', 'beta']) {
      const [one, other] = await scene.published(target, 'main');
      expect(other, halved.text).toEqual(one);
    }
    pair.second.proxy.remove(fault);
    const healed = await scene.pipeline();
    expect(healed, healed.text).toMatchObject({ status: 0, built: [] });
    expect(await expectPublished(scene, 'alpha', 'main')).not.toBe(alpha);
    await expectPublished(scene, 'beta', 'main');
  });

  test('a tag of what main published builds nothing; an old one built late moves no tag of main; a merge request publishes nothing', async () => {
    using scene = await makeGitlabScene(pair.first, pair.second);
    await scene.pipeline();
    const alpha = await expectPublished(scene, 'alpha', 'main');
    await scene.repository.git('tag', 'v1.0.0');
    const tagged = { CI_COMMIT_TAG: 'v1.0.0', CI_COMMIT_REF_NAME: 'v1.0.0' };
    const release = await scene.pipeline(undefined, tagged);
    expect(release, release.text).toMatchObject({ status: 0, built: [] });
    expect(await expectPublished(scene, 'alpha', '1.0.0')).toBe(alpha);

    scene.writes();
    const proposed = await scene.pipeline(
      { 'alpha/file': 'alpha two\n' },
      { CI_PIPELINE_SOURCE: 'merge_request_event', CI_MERGE_REQUEST_IID: '7' },
    );
    expect(proposed.built, proposed.text).toEqual(['alpha@linux/amd64', 'alpha@linux/arm64']);
    expect(scene.writes().filter((line) => !line.includes('/alpha-staging/'))).toEqual([]);
    expect(await expectPublished(scene, 'alpha', 'main')).toBe(alpha);
    const merged = await scene.pipeline();
    expect(merged, merged.text).toMatchObject({ status: 0, built: [] });
    const newer = await expectPublished(scene, 'alpha', 'main');
    expect(newer).not.toBe(alpha);

    await scene.repository.git('checkout', '-q', 'v1.0.0');
    const late = await scene.pipeline(undefined, tagged);
    expect(late, late.text).toMatchObject({ status: 0, built: [] });
    expect(await expectPublished(scene, 'alpha', 'main')).toBe(newer);
    expect(await expectPublished(scene, 'alpha', '1.0.0')).toBe(alpha);
  });
});
