// What a leg takes of the disk: measured while it is built, kept in its record, shown in the summary, known to the next plan.
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { familyYaml, type TestFamily, testFamily } from '../support/family.ts';
import { type ActionResult, runAction } from '../support/github-job.ts';
import { pushBusybox } from '../support/images.ts';
import { environmentForPeers, needs } from '../support/peers.ts';
import { type Registry, startRegistry } from '../support/registry.ts';

/** The peak that the leg's record tells. */
async function recordedPeak(registry: Registry): Promise<number> {
  const { tags } = await json<{ tags: readonly string[] }>(`http://${registry.host}/v2/acme/api-staging/tags/list`);
  const key = tags.find((tag) => tag.startsWith('k1-')) ?? '';
  const record = await json<{ annotations: Readonly<Record<string, string>> }>(
    `http://${registry.host}/v2/acme/api-staging/manifests/${key}`,
  );
  const text = record.annotations['io.fanfold.leg.peak-disk-bytes'] ?? '';
  expect(text).toMatch(/^\d+$/);
  return Number(text);
}

async function json<T>(url: string): Promise<T> {
  const answer = await fetch(url, { headers: { accept: 'application/vnd.oci.image.index.v1+json' } });
  return (await answer.json()) as T;
}

function expectShown(peak: number, { summary }: ActionResult): void {
  const shown = /\| api&#64;linux\/amd64 \|.*\| ([\d.]+ [MG]B) \|/.exec(summary)?.[1];
  expect(shown).toBe(peak < 999.5e6 ? `${Math.round(peak / 1e6)} MB` : `${Number((peak / 1e9).toFixed(1))} GB`);
}

const buildLeg = (family: TestFamily, env: Readonly<Record<string, string>>): Promise<ActionResult> =>
  runAction(family.path, { inputs: { mode: 'leg', legs: 'api@linux/amd64' }, env });

describe.runIf(needs('engine', 'docker', 'docker-registry', 'skopeo'))('peak disk', { timeout: 180_000 }, () => {
  test('of a leg that the real engine builds is in its record and in the summary', async () => {
    await using registry = await startRegistry();
    const base = await pushBusybox(registry.host);
    using family = await testFamily({
      'fanfold.yaml': familyYaml([`${registry.host}/acme`], { api: '' }),
      'api/Dockerfile': `FROM ${base}\nRUN dd if=/dev/zero of=/big bs=1M count=40\n`,
    });
    const built = await buildLeg(family, environmentForPeers());
    expect(built.log).not.toContain('::error');
    expect(built.status).toBe(0);
    // How much it is depends on who else fills and frees the engine's disk now.
    expectShown(await recordedPeak(registry), built);
  });

  test('counts what was there for two seconds and left nothing, and is the next plan’s need', async () => {
    await using registry = await startRegistry();
    // A disk that nobody else uses much.
    const folder = mkdtempSync('/dev/shm/fanfold-disk-');
    const files = {
      'fanfold.yaml': familyYaml([`${registry.host}/acme`], {
        api: 'generated: { paths: [api/made], run: [./make], lock: [make] }',
      }),
      'api/Dockerfile': 'FROM scratch\nCOPY made /made\n',
      make: {
        bytes:
          '#!/bin/sh -e\nhead -c 400000000 /dev/zero > "$TMPDIR/big"\nsleep 2\nrm "$TMPDIR/big"\nmkdir -p api\necho made > api/made\n',
        executable: true as const,
      },
    };
    try {
      using family = await testFamily(files);
      const built = await buildLeg(family, { TMPDIR: folder });
      expect(built.log).not.toContain('::error');
      expect(built.status).toBe(0);
      const peak = await recordedPeak(registry);
      expect(peak).toBeGreaterThan(399e6);
      expectShown(peak, built);

      await family.commit({ 'api/Dockerfile': 'FROM scratch\nCOPY made /other\n' });
      const { stdout } = await family.fanfold('plan', '--format', 'json');
      const { shards } = JSON.parse(stdout) as {
        readonly shards: readonly (readonly { readonly diskBytes?: number }[])[];
      };
      expect(shards.flat().map(({ diskBytes }) => diskBytes)).toEqual([Math.ceil(peak * 1.2)]);
    } finally {
      rmSync(join(folder), { recursive: true, force: true });
    }
  });
});
