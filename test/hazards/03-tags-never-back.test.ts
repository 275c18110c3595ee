// Tags never go back, and reverts pass: the order is that of commits or versions, never of content or of arrival.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestFamily, testFamily } from '../support/family.ts';
import type { Deed, Fault } from '../support/fault.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { needs } from '../support/peers.ts';
import { type Registry, startRegistry } from '../support/registry.ts';
import { runOk } from '../support/run.ts';
import { missingBelow, namedDigest } from '../support/whole.ts';

const main = ['--ref', 'refs/heads/main'];

describe.runIf(needs('docker-registry'))('tags never go back', () => {
  let registries: readonly [Registry, Registry];
  beforeAll(async () => {
    registries = [await startRegistry(), await startRegistry()];
  });
  afterAll(async () => {
    await Promise.all(registries.map((registry) => registry.stop()));
  });

  let families = 0;

  /** A family of one target, `app`, whose image holds one file. */
  async function family(rules: string, hosts = registries.map(({ host }) => host)) {
    const name = `n${++families}`;
    const destinations = hosts.map((host) => `${host}/${name}`).join(', ');
    const yaml = `destinations: [${destinations}]\nplatforms: [linux/amd64]\ntags: |\n${rules.replace(/^/gm, '  ')}\ntargets:\n  app: {}\n`;
    const made = await testFamily({ 'fanfold.yaml': yaml, Dockerfile: 'FROM scratch\nCOPY file /\n', file: 'A' });
    const at = async (commit: string, ...args: readonly string[]): Promise<Published> => {
      await made.git('checkout', '-q', '--detach', commit);
      return await publish(made, args);
    };
    return { ...made, made, at, repository: `${name}/app` };
  }

  interface Published {
    readonly status: number | undefined;
    readonly stdout: string;
    readonly stderr: string;
    readonly digest: string;
    readonly kept: readonly {
      tag: string;
      reason: string;
      message: string;
      at?: { commit: string; version?: string };
    }[];
  }

  async function publish(made: TestFamily, args: readonly string[], command = 'run'): Promise<Published> {
    const { status, stdout, stderr } = await made.fanfold(command, '--json', ...args);
    const data = stdout === '' ? {} : JSON.parse(stdout);
    const target = data.targets?.[0] ?? {};
    return { status, stdout, stderr, digest: target.digest, kept: target.kept ?? [] };
  }

  async function tagNow(repository: string, tag: string): Promise<string | undefined> {
    const [one, other] = await Promise.all(registries.map(({ host }) => namedDigest(host, repository, tag)));
    expect(one).toBe(other);
    return one;
  }

  test('an older commit that is built late leaves its content and takes no tag', async () => {
    using app = await family('type=ref,event=branch\ntype=raw,value=latest');
    const a = (await app.git('rev-parse', 'HEAD')).trim();
    const b = await app.commit({ file: 'B' });
    const newer = await app.at(b, ...main);
    expect(newer).toMatchObject({ status: 0, kept: [] });
    const older = await app.at(a, ...main);
    expect(older.status).toBe(0);
    expect(older.kept).toMatchObject([
      { tag: 'main', reason: 'older', at: { commit: b } },
      { tag: 'latest', reason: 'older', at: { commit: b } },
    ]);
    expect(older.kept[0]?.message).toContain(`commit ${b.slice(0, 12)} of main took it`);
    expect(older.stderr).toContain('kept    app: latest stays');
    expect(await tagNow(app.repository, 'latest')).toBe(newer.digest);
    expect(await tagNow(app.repository, 'main')).toBe(newer.digest);
    expect(older.digest).not.toBe(newer.digest);
    for (const { host } of registries) expect(await missingBelow(host, app.repository, older.digest)).toEqual([]);
  });

  test('plan and publish --dry-run show it, and nobody is asked where nothing has to move', async () => {
    using app = await family('type=raw,value=latest');
    const a = (await app.git('rev-parse', 'HEAD')).trim();
    const b = await app.commit({ file: 'B' });
    await app.at(a, ...main);
    const newer = await app.at(b, ...main);
    await app.git('checkout', '-q', a);
    const plan = JSON.parse((await app.fanfold('plan', '--json', ...main)).stdout);
    expect(plan.targets[0]).toMatchObject({ kept: [{ tag: 'latest', reason: 'older' }] });
    expect((await app.fanfold('plan', ...main)).stdout).toContain('= latest stays');
    const dry = await app.fanfold('publish', '--dry-run', ...main);
    expect(dry.stdout).toContain(`= latest stays at ${newer.digest}`);
    expect(dry.stdout).not.toContain(':latest ->');
    await app.git('checkout', '-q', b);
    await app.commit({ file: 'C' });
    expect((await app.fanfold('plan', ...main)).stdout).not.toContain('stays');
    await app.git('checkout', '-q', b);
    const before = (await registries[0].requests()).length;
    expect((await app.fanfold('publish', '--only', 'app', ...main)).status).toBe(0);
    const asked = (await registries[0].requests()).slice(before).filter(({ path }) => /\/t1-/.test(path));
    expect(asked).toEqual([]);
  });

  test('one look at the record and one write for a target whose tags move', async () => {
    using app = await family('type=raw,value=latest');
    await app.fanfold('run');
    await app.commit({ file: 'B' });
    const before = (await registries[0].requests()).length;
    await app.fanfold('run');
    const asked = (await registries[0].requests()).slice(before).filter(({ path }) => /\/[tc]1-/.test(path));
    expect(asked.map(({ method, path }) => `${method} ${path.replace(/.*\/(.)1-.*/, '$1')}`)).toEqual([
      'GET t',
      'GET c',
      'PUT t',
      'HEAD t',
    ]);
  });

  test('a revert passes: the newer commit takes the tags with the older content', async () => {
    using app = await family('type=raw,value=latest');
    const a = await publish(app.made, []);
    await app.commit({ file: 'B' });
    const b = await publish(app.made, []);
    await app.git('revert', '--no-edit', 'HEAD');
    const c = await publish(app.made, []);
    expect(c).toMatchObject({ status: 0, digest: a.digest, kept: [] });
    expect(b.digest).not.toBe(a.digest);
    expect(await tagNow(app.repository, 'latest')).toBe(a.digest);
  });

  test('what is reverted before it was built does not take the tags back', async () => {
    using app = await family('type=raw,value=latest');
    const a = await publish(app.made, main);
    const b = await app.commit({ file: 'B' });
    await app.git('revert', '--no-edit', 'HEAD');
    const revert = (await app.git('rev-parse', 'HEAD')).trim();
    const c = await publish(app.made, main);
    expect(c).toMatchObject({ status: 0, digest: a.digest });
    const late = await app.at(b, ...main);
    expect(late).toMatchObject({ status: 0, kept: [{ tag: 'latest', reason: 'older', at: { commit: revert } }] });
    expect(await tagNow(app.repository, 'latest')).toBe(a.digest);
  });

  test('versions: an old line moves its own tags alone', async () => {
    using app = await family(
      'type=semver,pattern={{version}}\ntype=semver,pattern={{major}}.{{minor}}\ntype=semver,pattern={{major}}',
    );
    await app.git('branch', 'old');
    const release = async (version: string, file: string): Promise<Published> => {
      await app.commit({ file }, version);
      await app.git('tag', `v${version}`);
      return await publish(app.made, ['--ref', `refs/tags/v${version}`]);
    };
    await release('1.4.1', '1.4.1');
    const newest = await release('1.5.0', '1.5.0');
    await app.git('checkout', '-q', 'old');
    const fix = await release('1.4.2', '1.4.2');
    expect(fix).toMatchObject({ status: 0, kept: [{ tag: '1', at: { version: '1.5.0' } }, { tag: 'latest' }] });
    expect(fix.stderr).toContain('version 1.5.0');
    expect(await tagNow(app.repository, '1.4')).toBe(fix.digest);
    expect(await tagNow(app.repository, '1.4.2')).toBe(fix.digest);
    for (const tag of ['1.5', '1', 'latest']) expect(await tagNow(app.repository, tag)).toBe(newest.digest);
    const again = await release('1.4.10', '1.4.10');
    expect(await tagNow(app.repository, '1.4')).toBe(again.digest);
    await app.git('checkout', '-q', 'v1.4.2');
    await publish(app.made, ['--ref', 'refs/tags/v1.4.2']);
    expect(await tagNow(app.repository, '1.4')).toBe(again.digest);
  });

  test('a whole version names one thing: only a Git tag that was moved on takes it again', async () => {
    using app = await family('type=semver,pattern={{version}}');
    const ref = ['--ref', 'refs/tags/v1.2.3'];
    const b = await app.commit({ file: 'B' });
    const first = await publish(app.made, ref);
    const a = (await app.git('rev-parse', 'HEAD~')).trim();
    const back = await app.at(a, ...ref);
    expect(back).toMatchObject({ status: 0, kept: [{ tag: '1.2.3', reason: 'other-content' }, { tag: 'latest' }] });
    expect(await tagNow(app.repository, '1.2.3')).toBe(first.digest);
    await app.git('checkout', '-q', b);
    await app.commit({ file: 'C' });
    const on = await publish(app.made, ref);
    expect(on).toMatchObject({ status: 0, kept: [] });
    expect(await tagNow(app.repository, '1.2.3')).toBe(on.digest);
    const taken = await app.at(a, ...ref, '--take-tags');
    expect(taken).toMatchObject({ status: 0, digest: back.digest, kept: [] });
    expect(await tagNow(app.repository, '1.2.3')).toBe(back.digest);
  });

  /** The second registry behind a proxy that does something to the second write of the tag `latest`. */
  async function spoiled(deed: Deed) {
    const fault: Fault = { match: { method: 'PUT', path: /manifests\/latest$/, nth: 2 }, deed };
    const proxy = await startFaultProxy(registries[1].host, [fault]);
    const app = await family('type=raw,value=latest', [registries[0].host, proxy.host]);
    const a = (await app.git('rev-parse', 'HEAD')).trim();
    await publish(app.made, main);
    return { proxy, app, a, fault };
  }

  test('a run that died between its tags is completed, even by an older one, and never undone', async () => {
    const { proxy, app, a } = await spoiled({ kind: 'status', status: 403 });
    await using _ = proxy;
    using __ = app;
    const c = await app.commit({ file: 'C' });
    const died = await publish(app.made, main);
    expect(died.status).toBe(1);
    const [here, there] = await Promise.all(registries.map(({ host }) => namedDigest(host, app.repository, 'latest')));
    expect(here).not.toBe(there);
    const older = await app.at(a, ...main);
    expect(older).toMatchObject({ status: 0, kept: [{ reason: 'older', at: { commit: c } }] });
    expect(await tagNow(app.repository, 'latest')).toBe(here);
    expect(await app.at(c, ...main)).toMatchObject({ status: 0, digest: here, kept: [] });
  });

  test('of two at once the newer one keeps the tags, though the older one writes them last', async () => {
    const { proxy, app, fault } = await spoiled({ kind: 'stall' });
    await using _ = proxy;
    using __ = app;
    await app.commit({ file: 'B' });
    const older = app.start('run', ...main);
    await proxy.reached(fault);
    await app.commit({ file: 'C' });
    const newer = await publish(app.made, main);
    expect(newer).toMatchObject({ status: 0, kept: [] });
    proxy.release(fault);
    const { status, stderr } = await older.ended;
    expect(status).toBe(0);
    expect(stderr).toContain('latest stays');
    expect(await tagNow(app.repository, 'latest')).toBe(newer.digest);
  });

  test('a branch that was rewritten takes its tags, whether its old commits are still here or not', async () => {
    using app = await family('type=ref,event=branch');
    const old = await app.commit({ file: 'B' });
    await publish(app.made, main);
    const amend = (time: string, file: string): Promise<string> => {
      app.write({ file });
      const env = { PATH: process.env['PATH'] ?? '', HOME: app.path, GIT_COMMITTER_DATE: time };
      return runOk(
        'git',
        ['-c', 'user.name=T', '-c', 'user.email=t@example.test', 'commit', '-qa', '--amend', '-m', time],
        { cwd: app.path, env },
      );
    };
    await amend('2024-02-01T00:00:00Z', 'C');
    const rewritten = await publish(app.made, main);
    expect(rewritten).toMatchObject({ status: 0, kept: [] });
    expect(await app.at(old, ...main)).toMatchObject({ status: 0, kept: [{ tag: 'main', reason: 'older' }] });
    expect(await tagNow(app.repository, 'main')).toBe(rewritten.digest);
    await app.git('checkout', '-q', 'main');
    await amend('2024-03-01T00:00:00Z', 'D');
    await app.git('reflog', 'expire', '--expire=now', '--all');
    await app.git('gc', '-q', '--prune=now');
    const again = await publish(app.made, main);
    expect(again).toMatchObject({ status: 0, kept: [] });
    expect(await tagNow(app.repository, 'main')).toBe(again.digest);
  });

  test('a branch that was cut back takes its tags only where it is told to', async () => {
    using app = await family('type=ref,event=branch');
    const a = (await app.git('rev-parse', 'HEAD')).trim();
    await app.commit({ file: 'B' });
    const b = await publish(app.made, main);
    expect(await app.at(a, ...main)).toMatchObject({ status: 0, kept: [{ tag: 'main' }] });
    expect(await tagNow(app.repository, 'main')).toBe(b.digest);
    const taken = await app.at(a, ...main, '--take-tags');
    expect(taken).toMatchObject({ status: 0, kept: [] });
    expect(await tagNow(app.repository, 'main')).toBe(taken.digest);
  });

  test('a clone that is too shallow to tell is an error that says what to do, and no tag moves', async () => {
    using app = await family('type=ref,event=branch');
    const a = await publish(app.made, main);
    const b = await app.commit({ file: 'B' });
    app.write({ '.git/shallow': `${b}\n` });
    const shallow = await publish(app.made, main);
    expect(shallow.status).toBe(1);
    expect(shallow.stderr).toMatch(/too shallow to tell[\s\S]*git fetch --unshallow/);
    expect(await tagNow(app.repository, 'main')).toBe(a.digest);
    rmSync(join(app.path, '.git/shallow'));
    expect((await publish(app.made, main)).status).toBe(0);
    expect(await tagNow(app.repository, 'main')).not.toBe(a.digest);
  });
});
