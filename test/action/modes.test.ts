// The committed action as a real process, in each mode, against real registries.
import { describe, expect, test } from 'vitest';
import { familyYaml, type TestFamily, testFamily } from '../support/family.ts';
import { type ActionResult, runAction } from '../support/github-job.ts';
import { otherNode } from '../support/other-node.ts';
import { needs } from '../support/peers.ts';
import { type Registry, startRegistry } from '../support/registry.ts';

const nodes = [['this', undefined] as const, ['the other', otherNode] as const];

interface Entry {
  readonly job: string;
  readonly 'runs-on': string;
  readonly minutes: number;
  readonly legs: string;
}

function entriesOf({ outputs }: ActionResult): readonly Entry[] {
  return (JSON.parse(outputs['matrix-1'] ?? '{"include":[]}') as { include: Entry[] }).include;
}

async function family(registry: Registry, other: Registry, more = ''): Promise<TestFamily> {
  return await testFamily({
    'fanfold.yaml': familyYaml(
      [`${registry.host}/acme`, `${other.host}/acme`],
      { api: 'platforms: [linux/amd64, linux/arm64]', worker: 'contexts: { base: "target:api" }' },
      more,
    ),
    'api/Dockerfile': 'FROM scratch\nCOPY file /file\n',
    'api/file': 'api',
    'worker/Dockerfile': 'FROM base\nCOPY file /other\n',
    'worker/file': 'worker',
  });
}

async function tagsOf({ host }: Registry, name: string): Promise<readonly string[]> {
  const answer = await fetch(`http://${host}/v2/acme/${name}/tags/list`);
  return answer.ok ? (((await answer.json()) as { tags?: string[] }).tags ?? []) : [];
}

describe.runIf(needs('docker-registry')).for(nodes)('a run of jobs on %s Node.js', ([, findNode]) => {
  test('plans, builds leg by leg, publishes, and does nothing the second time', async () => {
    const node = await findNode?.();
    await using registry = await startRegistry();
    await using other = await startRegistry();
    using checkout = await family(registry, other);
    const on = node === undefined ? {} : { node };

    const plan = await runAction(checkout.path, { inputs: { mode: 'plan' }, ...on });
    expect(plan).toMatchObject({
      status: 0,
      outputs: { any: 'true', publish: 'true', shards: '1', 'dry-run': 'false' },
    });
    expect(entriesOf(plan)).toEqual([
      { job: 'job-1', 'runs-on': '"ubuntu-24.04"', minutes: 90, legs: 'api@linux/amd64 worker@linux/amd64' },
      { job: 'job-2', 'runs-on': '"ubuntu-24.04-arm"', minutes: 60, legs: 'api@linux/arm64' },
    ]);
    expect(plan.summary).toContain('**3** legs to build');

    const { moment = '' } = plan.outputs;
    for (const { legs } of entriesOf(plan)) {
      const built = await runAction(checkout.path, { inputs: { mode: 'leg', legs, moment }, ...on });
      expect(built.log).not.toContain('::error');
      expect(built.status).toBe(0);
      expect(Object.keys(JSON.parse(built.outputs['built'] ?? '{}') as object)).toEqual(legs.split(' '));
      expect(built.summary).toContain('### When');
      expect(built.temp).toEqual([]);
    }
    expect(await tagsOf(registry, 'api')).toEqual([]);

    const published = await runAction(checkout.path, { inputs: { mode: 'publish', moment }, ...on });
    expect(published.status).toBe(0);
    const targets = JSON.parse(published.outputs['published'] ?? '{}') as Record<
      string,
      { digest: string; tags: string[] }
    >;
    expect(Object.keys(targets)).toEqual(['api', 'worker']);
    expect(targets['api']?.tags).toEqual(['latest']);
    expect(await tagsOf(registry, 'api')).toEqual(['latest']);
    expect(await tagsOf(other, 'api')).toEqual(['latest']);
    expect(published.summary).toContain(targets['api']?.digest.slice(0, 19));

    const again = await runAction(checkout.path, { inputs: { mode: 'plan' }, ...on });
    expect(again.outputs).toMatchObject({ any: 'false', shards: '0' });
    expect(again.outputs['matrix-1']).toBeUndefined();
  });
});
