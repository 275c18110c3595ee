// What a leg takes of the disk: measured while the real engine builds it, kept in its record, shown in the summary.
import { describe, expect, test } from 'vitest';
import { familyYaml, testFamily } from '../support/family.ts';
import { runAction } from '../support/github-job.ts';
import { pushBusybox } from '../support/images.ts';
import { environmentForPeers, needs } from '../support/peers.ts';
import { startRegistry } from '../support/registry.ts';

describe.runIf(needs('engine', 'docker', 'docker-registry', 'skopeo'))('peak disk', { timeout: 180_000 }, () => {
  test('of a leg that fills 400 MB and leaves nothing of them is in its record and in the summary', async () => {
    await using registry = await startRegistry();
    const base = await pushBusybox(registry.host);
    using family = await testFamily({
      'fanfold.yaml': familyYaml([`${registry.host}/acme`], { api: '' }),
      'api/Dockerfile': `FROM ${base}\nRUN dd if=/dev/urandom of=/big bs=1M count=400 && sleep 3 && rm /big && echo made > /made\n`,
    });
    const step = { inputs: { mode: 'leg', legs: 'api@linux/amd64' }, env: environmentForPeers() };
    const built = await runAction(family.path, step);
    expect(built.log).not.toContain('::error');
    expect(built.status).toBe(0);

    const { tags } = await json<{ tags: readonly string[] }>(`http://${registry.host}/v2/acme/api-staging/tags/list`);
    const key = tags.find((tag) => tag.startsWith('k1-')) ?? '';
    const record = await json<{ annotations: Readonly<Record<string, string>> }>(
      `http://${registry.host}/v2/acme/api-staging/manifests/${key}`,
    );
    const peak = Number(record.annotations['io.fanfold.leg.peak-disk-bytes']);
    // Others may fill or free the same disk meanwhile: what was there for three seconds shows all the same.
    expect(peak).toBeGreaterThan(300e6);
    const shown = /\| api&#64;linux\/amd64 \|.*\| ([\d.]+ [MG]B) \|/.exec(built.summary)?.[1];
    expect(shown).toBe(peak < 999.5e6 ? `${Math.round(peak / 1e6)} MB` : `${Number((peak / 1e9).toFixed(1))} GB`);
  });
});

async function json<T>(url: string): Promise<T> {
  const answer = await fetch(url, { headers: { accept: 'application/vnd.oci.image.index.v1+json' } });
  return (await answer.json()) as T;
}
