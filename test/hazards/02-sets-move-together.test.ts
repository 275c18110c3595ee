// Sets: the tags of targets that belong together move when all of them are whole in every required destination, or none does.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { familyYaml, type TestFamily, testFamily } from '../support/family.ts';
import type { Deed, Fault } from '../support/fault.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { needs } from '../support/peers.ts';
import { type Registry, startRegistry } from '../support/registry.ts';
import { missingBelow, namedDigest } from '../support/whole.ts';

describe.runIf(needs('docker-registry'))('the tags of a set', () => {
  let registries: readonly [Registry, Registry];
  beforeAll(async () => {
    registries = [await startRegistry(), await startRegistry()];
  });
  afterAll(async () => {
    await Promise.all(registries.map((registry) => registry.stop()));
  });

  const good = 'FROM scratch\nCOPY file /\n';
  const broken = 'FROM scratch\nCOPY absent /\n';
  let families = 0;

  /** Targets api and worker in the set `apps`, and tool in none. */
  async function family(hosts = registries.map(({ host }) => host)) {
    const name = `s${++families}`;
    const targets = ['api', 'worker', 'tool'];
    const yaml = familyYaml(
      hosts.map((host) => `${host}/${name}`),
      Object.fromEntries(targets.map((target) => [target, ''])),
      'sets: {apps: [api, work*]}\n',
    );
    const files = targets.flatMap((target) => [
      [`${target}/Dockerfile`, good],
      [`${target}/file`, `${target} A`],
    ]);
    const made = await testFamily({ 'fanfold.yaml': yaml, ...Object.fromEntries(files) });
    return { ...made, made, repository: (target: string) => `${name}/${target}` };
  }

  interface Ended {
    readonly status: number | undefined;
    readonly stderr: string;
    readonly targets: Readonly<Record<string, { outcome: string; digest: string; set?: string; waitsFor?: string[] }>>;
  }

  async function fanfold(made: TestFamily, ...args: readonly string[]): Promise<Ended> {
    const { status, stdout, stderr } = await made.fanfold(...args, '--json');
    const list: { target: string }[] = stdout === '' ? [] : JSON.parse(stdout).targets;
    const targets = Object.fromEntries(list.map((one) => [one.target, one])) as unknown as Ended['targets'];
    return { status, stderr, targets };
  }

  /** What `latest` of a target names in each registry. */
  function latest(repository: string): Promise<readonly (string | undefined)[]> {
    return Promise.all(registries.map(({ host }) => namedDigest(host, repository, 'latest')));
  }

  const all = (app: Awaited<ReturnType<typeof family>>, version: string, ...targets: readonly string[]) =>
    app.commit(Object.fromEntries(targets.map((target) => [`${target}/file`, `${target} ${version}`])));

  test('a leg of it fails: no tag of the set moves, its content is out, and others do not wait', async () => {
    using app = await family();
    const before = await fanfold(app.made, 'run');
    expect(before.status).toBe(0);
    await all(app, 'B', 'api', 'worker', 'tool');
    await app.commit({ 'worker/Dockerfile': broken });
    const failed = await fanfold(app.made, 'run');
    expect(failed.status).toBe(1);
    expect(failed.targets).toMatchObject({
      api: { outcome: 'waiting', set: 'apps', waitsFor: ['worker'] },
      worker: { outcome: 'failed' },
      tool: { outcome: 'published' },
    });
    expect(failed.stderr).toContain('waits   api: its tags move with the set apps, which waits for worker');
    const [api, worker, tool] = [before.targets['api'], before.targets['worker'], failed.targets['tool']];
    expect(await latest(app.repository('api'))).toEqual([api?.digest, api?.digest]);
    expect(await latest(app.repository('worker'))).toEqual([worker?.digest, worker?.digest]);
    expect(await latest(app.repository('tool'))).toEqual([tool?.digest, tool?.digest]);
    for (const { host } of registries)
      expect(await missingBelow(host, app.repository('api'), failed.targets['api']?.digest ?? '')).toEqual([]);
    await app.commit({ 'worker/Dockerfile': good });
    const mended = await fanfold(app.made, 'run');
    expect(mended.targets).toMatchObject({ api: { outcome: 'published' }, worker: { outcome: 'published' } });
    for (const target of ['api', 'worker']) {
      const digest = mended.targets[target]?.digest;
      expect(await latest(app.repository(target))).toEqual([digest, digest]);
    }
  });

  test('a part of it alone is not published: the set waits for what was not chosen; plan and publish say so', async () => {
    using app = await family();
    const part = await fanfold(app.made, 'run', '--only', 'api');
    expect(part).toMatchObject({ status: 0, targets: { api: { outcome: 'waiting', waitsFor: ['worker'] } } });
    expect(await latest(app.repository('api'))).toEqual([undefined, undefined]);
    expect((await app.fanfold('plan', '--only', 'api')).stdout).toContain(
      'set apps: the tags of api, worker move together; it waits for worker',
    );
    expect((await app.fanfold('plan')).stdout).toContain('set apps: the tags of api, worker move together\n');
    expect((await app.fanfold('publish', '--dry-run', '--only', 'api')).stdout).toContain('which waits for worker');
    expect(await fanfold(app.made, 'run')).toMatchObject({ status: 0, targets: { api: { outcome: 'published' } } });
    expect((await fanfold(app.made, 'publish')).targets).toMatchObject({ api: { outcome: 'unchanged' } });
  });

  test('content that one required registry refuses keeps all tags of the set', async () => {
    const fault: Fault = {
      match: { method: 'PUT', path: /worker\/manifests\/sha256/, nth: 1, times: 99 },
      deed: { kind: 'status', status: 403 },
    };
    await using proxy = await startFaultProxy(registries[1].host, [fault]);
    using app = await family([registries[0].host, proxy.host]);
    const ended = await fanfold(app.made, 'run');
    expect(ended).toMatchObject({
      status: 1,
      targets: { api: { outcome: 'waiting' }, tool: { outcome: 'published' } },
    });
    for (const target of ['api', 'worker'])
      expect(await latest(app.repository(target))).toEqual([undefined, undefined]);
  });

  /** A set that was published at A, then at B by a run that died after some of its tags. */
  async function torn(deed: Deed) {
    const fault: Fault = { match: { method: 'PUT', path: /worker\/manifests\/latest/, nth: 2 }, deed };
    const proxy = await startFaultProxy(registries[1].host, [fault]);
    const app = await family([registries[0].host, proxy.host]);
    const a = (await app.git('rev-parse', 'HEAD')).trim();
    await fanfold(app.made, 'run');
    await all(app, 'B', 'api', 'worker');
    return { proxy, app, a, fault };
  }

  async function isWhole(app: Awaited<ReturnType<typeof family>>): Promise<boolean> {
    const pairs = await Promise.all(['api', 'worker'].map((target) => latest(app.repository(target))));
    return pairs.every(([one, other]) => one !== undefined && one === other);
  }

  test('killed between its tags, the next run completes it', async () => {
    const { proxy, app, fault } = await torn({ kind: 'stall' });
    await using _ = proxy;
    using __ = app;
    const dying = app.start('run');
    await proxy.reached(fault);
    dying.kill('SIGKILL');
    await dying.ended;
    proxy.release(fault);
    const next = await fanfold(app.made, 'run');
    expect(next.status).toBe(0);
    for (const target of ['api', 'worker']) {
      const digest = next.targets[target]?.digest;
      expect(await latest(app.repository(target))).toEqual([digest, digest]);
    }
  });

  test('what died between its tags is completed by a newer run whose own set waits, and by an older one', async () => {
    for (const next of ['newer', 'older'] as const) {
      const { proxy, app, a } = await torn({ kind: 'status', status: 403 });
      await using _ = proxy;
      using __ = app;
      const died = await fanfold(app.made, 'run', '--ref', 'refs/heads/main');
      expect(died.status).toBe(1);
      expect(await isWhole(app)).toBe(false);
      const [b] = await latest(app.repository('worker'));
      if (next === 'newer') await app.commit({ 'worker/Dockerfile': broken, 'api/file': 'api C' });
      else await app.git('checkout', '-q', a);
      const ended = await fanfold(app.made, 'run', '--ref', 'refs/heads/main');
      expect(ended.targets['api']?.outcome).toBe(next === 'newer' ? 'waiting' : 'published');
      expect(await latest(app.repository('worker'))).toEqual([b, b]);
      expect(await isWhole(app)).toBe(true);
    }
  });
});
