// Content ahead of a publication: by shares, each blob sent to a registry once and mounted wherever else it is needed, no tag moved.
import { describe, expect, test } from 'vitest';
import { familyYaml, type TestFamily, testFamily } from '../support/family.ts';
import type { Fault } from '../support/fault.ts';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import { needs } from '../support/peers.ts';
import type { ProxiedRequest } from '../support/proxy-exchange.ts';
import { type Registry, startRegistry } from '../support/registry.ts';

const names = ['alpha', 'beta', 'gamma', 'delta'];

interface Place extends AsyncDisposable {
  readonly first: FaultProxy;
  readonly second: FaultProxy;
  readonly family: TestFamily;
  /** What was written since the last call, by registry: uploads that were sent, mounts that were taken, manifests by digest, tags. */
  written(): Readonly<Record<'first' | 'second', Written>>;
}

interface Written {
  readonly sent: readonly string[];
  readonly mounted: readonly string[];
  /** Mounts that the registry did not take. */
  readonly refused: readonly string[];
  readonly manifests: number;
  readonly tags: readonly string[];
}

/** Two registries, staging in the first; the layers of `shared` are the same in every target. */
async function place(): Promise<Place> {
  const registries: readonly Registry[] = [await startRegistry(), await startRegistry()];
  const [first, second] = await Promise.all([
    startFaultProxy(registries[0]?.host ?? ''),
    startFaultProxy(registries[1]?.host ?? ''),
  ]);
  const family = await testFamily({
    'fanfold.yaml': familyYaml(
      [`${first.host}/acme`, `${second.host}/acme`],
      Object.fromEntries(names.map((name) => [name, 'platforms: [linux/amd64, linux/arm64]'])),
    ),
    ...Object.fromEntries(
      names.flatMap((name) => [
        [`${name}/Dockerfile`, 'FROM scratch\nCOPY shared /shared\nCOPY file /file\n'],
        [`${name}/shared`, 'shared by all\n'.repeat(10_000)],
        [`${name}/file`, name],
      ]),
    ),
  });
  const marks = { first: 0, second: 0 };
  const since = (name: 'first' | 'second', proxy: FaultProxy): Written => {
    const requests = proxy.requests().slice(marks[name]);
    marks[name] += requests.length;
    return writtenBy(requests);
  };
  return {
    ...{ first, second, family },
    written: () => ({ first: since('first', first), second: since('second', second) }),
    async [Symbol.asyncDispose]() {
      family[Symbol.dispose]();
      for (const one of [first, second, ...registries]) await one.stop();
    },
  };
}

function writtenBy(requests: readonly ProxiedRequest[]): Written {
  const taken = requests.filter(({ path, status }) => !path.includes('-staging/') && (status ?? 500) < 400);
  const named = (pattern: RegExp, method: string, want?: number): readonly string[] =>
    taken.flatMap(({ method: own, path, status }) =>
      own === method && (want === undefined || status === want)
        ? (pattern.exec(decodeURIComponent(path))?.[1] ?? [])
        : [],
    );
  const put = named(/\/manifests\/(.+)$/, 'PUT');
  return {
    sent: named(/[?&]digest=(sha256:\w+)/, 'PUT'),
    mounted: named(/[?&]mount=(sha256:\w+)/, 'POST', 201),
    refused: named(/[?&]mount=(sha256:\w+)/, 'POST', 202),
    manifests: put.filter((name) => name.startsWith('sha256:')).length,
    tags: put.filter((name) => !name.startsWith('sha256:')),
  };
}

const nothing: Written = { sent: [], mounted: [], refused: [], manifests: 0, tags: [] };

describe.runIf(needs('docker-registry'))('publish --content-only', () => {
  test('copies shares, mounts what the registry holds, sends each blob once, and leaves publish no blob', async () => {
    await using at = await place();
    const { family } = at;
    expect(await family.fanfold('build', '--staging-only')).toMatchObject({ status: 0 });
    expect(at.written()).toEqual({ first: nothing, second: nothing });

    const dry = await family.fanfold('publish', '--content-only', '--dry-run', '--json');
    expect(dry).toMatchObject({ status: 0 });
    const { targets } = JSON.parse(dry.stdout) as { targets: { destinations: { changes: { kind: string }[] }[] }[] };
    const changes = targets.flatMap(({ destinations }) => destinations.flatMap((one) => one.changes));
    expect(changes.map(({ kind }) => kind)).toEqual(changes.map(() => 'content'));
    expect(at.written()).toEqual({ first: nothing, second: nothing });

    const all = await family.fanfold('publish', '--content-only');
    expect(all).toMatchObject({ status: 0 });
    const { first, second } = at.written();
    expect(first.sent).toEqual([]);
    expect(first.mounted.length).toBeGreaterThan(0);
    expect(second.sent.length).toBeGreaterThan(0);
    expect(second.sent).toHaveLength(new Set(second.sent).size);
    // The layer that all share is in four repositories, and was sent to one.
    expect(second.mounted.length).toBeGreaterThanOrEqual(names.length - 1);
    expect([first.refused, second.refused]).toEqual([[], []]);
    expect([first.tags, second.tags]).toEqual([[], []]);
    expect(changes).toHaveLength(first.manifests + second.manifests);
    expect(all.stdout).toMatch(/ sent, \d+ mounted$/m);

    expect(await family.fanfold('publish', '--content-only')).toMatchObject({ status: 0 });
    expect(at.written()).toEqual({ first: nothing, second: nothing });

    expect(await family.fanfold('publish')).toMatchObject({ status: 0 });
    for (const one of Object.values(at.written())) {
      expect(one).toMatchObject({ sent: [], mounted: [] });
      expect(one.tags).toEqual(names.map(() => 'latest'));
    }
    expect(await family.fanfold('verify')).toMatchObject({ status: 0 });
    // Where every tag is right, nothing else is asked.
    at.written();
    const before = at.second.requests().length;
    expect(await family.fanfold('publish', '--content-only')).toMatchObject({ status: 0 });
    const asked = at.second
      .requests()
      .slice(before)
      .filter(({ path }) => path.includes('/manifests/'));
    expect(asked.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(
      names.map((name) => `HEAD /v2/acme/${name}/manifests/latest`).sort(),
    );
  });

  test('shares are the whole, and no target is in two', async () => {
    await using at = await place();
    const { family } = at;
    await family.fanfold('build', '--staging-only');
    const shares = await Promise.all(
      [1, 2, 3].map(async (share) => {
        const { stdout } = await family.fanfold('publish', '--content-only', '--shard', `${share}/3`, '--json');
        return (JSON.parse(stdout) as { targets: { target: string }[] }).targets.map(({ target }) => target);
      }),
    );
    expect(shares.flat().sort()).toEqual([...names].sort());
    expect(await family.fanfold('publish')).toMatchObject({ status: 0 });
    expect(at.written().second.tags).toHaveLength(names.length);
  });

  test('what is built of a target goes, what is not waits and is told', async () => {
    await using at = await place();
    const { family } = at;
    await family.fanfold('build', '--staging-only', '--leg', 'alpha@linux/arm64');
    const { status, stdout } = await family.fanfold('publish', '--content-only', '--only', 'alpha');
    expect(status).toBe(0);
    expect(stdout).toContain('alpha: alpha@linux/amd64 not built or tested yet');
    expect(at.written().second.manifests).toBeGreaterThan(0);
  });

  test('a registry that fails keeps no other from its content, and the publication heals it', async () => {
    await using at = await place();
    const { family } = at;
    await family.fanfold('build', '--staging-only');
    at.written();
    const fault: Fault = {
      match: { method: 'POST', path: /\/blobs\/uploads\//, nth: 3, times: 1_000_000 },
      deed: { kind: 'status', status: 403 },
    };
    at.second.add(fault);
    const failed = await family.fanfold('publish', '--content-only');
    expect(failed.status).toBe(1);
    expect(failed.stdout).toContain('not everywhere: publishing brings what is missing');
    expect(failed.stderr).toContain(`${at.second.host}/acme/`);
    expect(at.second.hits(fault)).toBeGreaterThan(0);
    const { first, second } = at.written();
    expect(first.manifests).toBeGreaterThanOrEqual(2 * names.length);
    expect(second.tags).toEqual([]);
    at.second.remove(fault);
    expect(await family.fanfold('publish')).toMatchObject({ status: 0 });
    expect(await family.fanfold('verify')).toMatchObject({ status: 0 });
    expect(at.written().first).toMatchObject({ sent: [], mounted: [] });
  });

  test.for([
    {
      name: 'a share of tags',
      args: ['--shard', '1/2'],
      want: 'share out the content alone: --content-only --shard 2/8',
    },
    { name: 'a share that is none', args: ['--content-only', '--shard', '3/2'], want: '"3/2" is no share' },
    { name: 'tags that no call moves', args: ['--content-only', '--take-tags'], want: '--content-only moves no tags' },
  ])('refuses $name', async ({ args, want }) => {
    using family = await testFamily({
      'fanfold.yaml': familyYaml(['oci:out'], { api: '' }),
      'api/Dockerfile': 'FROM scratch\n',
    });
    const { status, stderr } = await family.fanfold('publish', ...args);
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining(want) });
  });
});
