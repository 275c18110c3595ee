// The example family as its demo runs it, but to two registries and a layout: equal digests everywhere, and a second run that writes nothing.
import { createHash } from 'node:crypto';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { environmentForPeers, needs, requirePeer } from '../support/peers.ts';
import { startRegistry } from '../support/registry.ts';
import { run, runOk } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { missingBelow, namedDigest } from '../support/whole.ts';

const targets = ['esbuild', 'biome', 'buf', 'lefthook', 'sentry-cli', 'tsgo', 'turbo'];
const writes = ['POST', 'PATCH', 'PUT', 'DELETE'];

describe.runIf(needs('docker-registry', 'skopeo'))('examples/tools', () => {
  test('25 legs on two registries and a layout with equal digests; again: no write', { timeout: 300_000 }, async () => {
    await using left = await startRegistry();
    await using right = await startRegistry();
    using folder = temporaryFolder('tools');
    cpSync('examples/tools', folder.path, { recursive: true });
    const file = join(folder.path, 'fanfold.yaml');
    const text = readFileSync(file, 'utf8');
    const yaml = text
      .replace(/^destinations: .*$/m, `destinations: ["${left.host}/tools", "${right.host}/tools", oci:out]`)
      .replace(/^staging: .*$/m, 'staging: oci:staging');
    expect(yaml).not.toContain('registry-a');
    expect(text.split('\n').length).toBeLessThan(80);
    writeFileSync(file, yaml);
    const fanfold = (...args: readonly string[]) =>
      run(process.execPath, [inject('cli'), ...args], { cwd: folder.path, timeoutMs: 280_000 });

    const first = await fanfold('run', '--json');
    expect(first.stderr).not.toMatch(/failed/);
    expect(first.status).toBe(0);
    const { legs } = JSON.parse(first.stdout) as { legs: { outcome: string }[] };
    expect(legs.map(({ outcome }) => outcome)).toEqual(Array.from({ length: 25 }, () => 'built'));
    for (const target of targets) {
      const digest = await namedDigest(left.host, `tools/${target}`, 'latest');
      expect(await namedDigest(right.host, `tools/${target}`, 'latest')).toBe(digest);
      expect(await layoutDigest(join(folder.path, 'out', target))).toBe(digest);
      for (const { host } of [left, right]) expect(await missingBelow(host, `tools/${target}`, 'latest')).toEqual([]);
    }

    const before = await Promise.all([left, right].map((registry) => registry.requests()));
    const second = await fanfold('run');
    expect(second.stdout).toContain('nothing to do');
    for (const [place, registry] of [left, right].entries()) {
      const since = (await registry.requests()).slice(before[place]?.length);
      expect(since.filter(({ method }) => writes.includes(method))).toEqual([]);
    }
  });
});

/** The digest of `latest` in a layout, as skopeo reads it. */
async function layoutDigest(path: string): Promise<string> {
  const raw = await runOk(requirePeer('skopeo'), ['inspect', '--raw', `oci:${path}:latest`], {
    env: environmentForPeers(),
  });
  return `sha256:${createHash('sha256').update(raw).digest('hex')}`;
}
