// `cache: max` in a family: one cache for each leg in staging and nowhere else, no part of any key, weighed against a build without.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestFamily, testFamily } from '../support/family.ts';
import { forgetSteps, newMark } from '../support/forget.ts';
import { pushBusybox } from '../support/images.ts';
import { environmentForPeers, needs } from '../support/peers.ts';
import { type Registry, startRegistry } from '../support/registry.ts';

interface CachedLeg {
  readonly outcome: string;
  readonly key: string;
  readonly cache?: Readonly<Record<string, unknown>>;
}

/** Runs a command and gives its legs by name. */
async function legsOf(family: TestFamily, ...args: string[]): Promise<Readonly<Record<string, CachedLeg>>> {
  const { status, stdout, stderr } = await family.fanfold(...args, '--json');
  expect(status, stderr).toBe(0);
  const { legs } = JSON.parse(stdout) as { legs: (CachedLeg & { leg: string })[] };
  return Object.fromEntries(legs.map((leg) => [leg.leg, leg]));
}

describe.runIf(needs('engine', 'docker', 'docker-registry', 'skopeo'))('cache: max', { timeout: 180_000 }, () => {
  let first: Registry;
  let second: Registry;

  beforeAll(async () => {
    [first, second] = await Promise.all([startRegistry(), startRegistry()]);
    await pushBusybox(first.host);
  });
  afterAll(async () => {
    await Promise.all([first.stop(), second.stop()]);
  });

  const dockerfile = (mark: string): string =>
    [
      `FROM ${first.host}/busybox AS tools`,
      `RUN echo ${mark} && head -c 200000 /dev/urandom > /tool-${mark}`,
      `FROM ${first.host}/busybox`,
      `COPY --from=tools /tool-${mark} /tool`,
      `COPY late-${mark} /late`,
      '',
    ].join('\n');

  const yaml = (namespace: string, lines: readonly string[], targets: readonly string[]): string =>
    [
      `destinations: ["${first.host}/${namespace}", "${second.host}/${namespace}"]`,
      `staging: "${first.host}/${namespace}/staging"`,
      'platforms: [linux/amd64]',
      ...lines,
      'targets:',
      ...targets.map((name) => `  ${name}: { context: ${name} }`),
      '',
    ].join('\n');

  const tagsIn = async (repository: string): Promise<readonly string[]> => {
    const answer = await fetch(`http://${repository.replace('/', '/v2/')}/tags/list`);
    return ((await answer.json()) as { tags: string[] }).tags.sort();
  };

  const namesOf = ({ path }: { readonly path: string }): string => path.replace(/^\/v2\/[^/]+\//, '');

  test('each leg has its own, in staging alone; what it was worth is told; keys do not know of it', async () => {
    const mark = newMark();
    const targets = ['tool', 'tool-max', 'tool-max-staging'];
    const files = Object.fromEntries(
      targets.flatMap((name) => [
        [`${name}/Dockerfile`, dockerfile(`${mark}-${name}`)],
        [`${name}/late-${mark}-${name}`, 'one'],
      ]),
    );
    using family = await testFamily(
      { 'fanfold.yaml': yaml('own', ['cache: max'], targets), ...files },
      environmentForPeers(),
    );
    const built = await legsOf(family, 'run');
    for (const leg of Object.values(built))
      expect(leg).toMatchObject({ outcome: 'built', cache: { steps: 3, cachedSteps: 0, wasThere: false } });
    const staged = await tagsIn(`${first.host}/own/staging`);
    expect(staged.filter((tag) => tag.startsWith('x1-'))).toHaveLength(3);
    expect(staged.filter((tag) => tag.startsWith('y1-'))).toHaveLength(3);

    await expectNoCache(targets);

    // Another late file for one of them, on a machine that remembers nothing.
    await family.commit({ [`tool/late-${mark}-tool`]: 'two' });
    await forgetSteps(mark);
    const summary = join(family.path, 'summary.md');
    const again = await legsOf(family, 'run', '--summary', summary);
    expect(again['tool@linux/amd64']).toMatchObject({
      outcome: 'built',
      cache: { steps: 3, cachedSteps: 2, wasThere: true, fullMs: expect.any(Number) },
    });
    expect(again['tool-max@linux/amd64']).toMatchObject({ outcome: 'reused' });
    const text = readFileSync(summary, 'utf8');
    expect(text).toMatch(/### Caches\n\n\| leg \| steps cached .*\n.*\n\| tool&#64;linux\/amd64 \| 2 of 3 \|/);
    await expectNoCache(targets);

    // Its policy is no part of the key.
    await family.commit({ 'fanfold.yaml': yaml('own', ['cache: off'], targets) });
    const off = await legsOf(family, 'run');
    expect(Object.values(off).map(({ outcome }) => outcome)).toEqual(['reused', 'reused', 'reused']);
    expect(off['tool@linux/amd64']?.key).toBe(again['tool@linux/amd64']?.key);
  });

  /** No destination holds a cache's manifest, config or a layer that only a cache names. */
  const expectNoCache = async (targets: readonly string[]): Promise<void> => {
    const staging = `http://${first.host}/v2/own/staging`;
    const tags = (await tagsIn(`${first.host}/own/staging`)).filter((tag) => tag.startsWith('x1-'));
    const accept = 'application/vnd.oci.image.manifest.v1+json';
    for (const tag of tags) {
      const answer = await fetch(`${staging}/manifests/${tag}`, { headers: { accept } });
      const cache = (await answer.json()) as { config: { mediaType: string; digest: string } };
      expect(cache.config.mediaType).toBe('application/vnd.buildkit.cacheconfig.v0');
      for (const { host } of [first, second])
        for (const target of targets) {
          const blob = await fetch(`http://${host}/v2/own/${target}/blobs/${cache.config.digest}`, { method: 'HEAD' });
          expect([target, blob.status]).toEqual([target, 404]);
        }
    }
    for (const target of targets) expect(await tagsIn(`${second.host}/own/${target}`)).toEqual(['main']);
    expect((await second.requests()).map(namesOf).filter((name) => name.includes('x1-'))).toEqual([]);
  };

  test('what no builder sees divides caches; --all reads none; cache: min holds the image’s layers alone', async () => {
    const mark = newMark();
    const shared = ['shared: [{ paths: [recipe], targets: [tool] }]'];
    using family = await testFamily(
      {
        'fanfold.yaml': yaml('unseen', ['cache: min', ...shared], ['tool']),
        'tool/Dockerfile': dockerfile(mark),
        [`tool/late-${mark}`]: 'one',
        recipe: 'one',
      },
      environmentForPeers(),
    );
    await legsOf(family, 'run');
    await family.commit({ recipe: 'two' });
    await forgetSteps(mark);
    const other = await legsOf(family, 'run');
    expect(other['tool@linux/amd64']?.cache).toMatchObject({ cachedSteps: 0, wasThere: false });
    await forgetSteps(mark);
    const anew = await legsOf(family, 'run', '--all');
    expect(anew['tool@linux/amd64']?.cache).toMatchObject({ cachedSteps: 0, wasThere: false });
    await family.commit({ [`tool/late-${mark}`]: 'two' });
    await forgetSteps(mark);
    const late = await legsOf(family, 'run');
    // What made the tool is not in it; that the tool was copied is.
    expect(late['tool@linux/amd64']?.cache).toMatchObject({ cachedSteps: expect.any(Number), wasThere: true });
    expect(late['tool@linux/amd64']?.cache?.['cachedSteps']).toBeGreaterThan(0);
    const staged = await tagsIn(`${first.host}/unseen/staging`);
    expect(staged.filter((tag) => tag.startsWith('x1-'))).toHaveLength(2);
    expect(staged.filter((tag) => tag.startsWith('y1-'))).toHaveLength(1);
  });
});
