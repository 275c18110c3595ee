// The committed action as a real process, in each mode, against real registries.
import { describe, expect, test } from 'vitest';
import { familyYaml, type TestFamily, testFamily } from '../support/family.ts';
import { type ActionResult, obeyed, runAction } from '../support/github-job.ts';
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

describe.runIf(needs('docker-registry'))('modes and inputs', () => {
  test('`publish: leg` publishes the target that the last of its legs completes, and no other', async () => {
    await using registry = await startRegistry();
    await using other = await startRegistry();
    using checkout = await family(registry, other);
    const leg = (legs: string) => runAction(checkout.path, { inputs: { mode: 'leg', legs, publish: 'true' } });
    expect(await leg('api@linux/amd64')).toMatchObject({ status: 0 });
    expect(await tagsOf(registry, 'api')).toEqual([]);
    expect(await leg('api@linux/arm64')).toMatchObject({ status: 0, summary: expect.stringContaining('published') });
    expect(await tagsOf(registry, 'api')).toEqual(['latest']);
    expect(await leg('worker@linux/amd64')).toMatchObject({ status: 0 });
    expect([await tagsOf(registry, 'worker'), await tagsOf(other, 'worker')]).toEqual([['latest'], ['latest']]);
  });

  test('a dry run has no matrix, publishes nothing, and shows the plan', async () => {
    await using registry = await startRegistry();
    await using other = await startRegistry();
    using checkout = await family(registry, other);
    const plan = await runAction(checkout.path, { inputs: { mode: 'plan', 'dry-run': 'true', only: 'api worker' } });
    expect(plan).toMatchObject({
      status: 0,
      outputs: { any: 'false', publish: 'false', shards: '0', 'dry-run': 'true' },
    });
    expect(plan.summary).toContain('**3** legs to build');
    expect(plan.outputs['matrix-1']).toBeUndefined();
    await runAction(checkout.path, { inputs: { mode: 'leg', legs: 'api@linux/amd64 api@linux/arm64' } });
    const dry = await runAction(checkout.path, { inputs: { mode: 'publish', 'dry-run': 'true', only: 'api' } });
    expect(dry).toMatchObject({ status: 0, log: expect.stringContaining('/acme/api:latest -> sha256:') });
    expect(await tagsOf(registry, 'api')).toEqual([]);
  });

  test('content is copied by as many jobs as it is worth, and by none where nothing may or need be', async () => {
    await using registry = await startRegistry();
    await using other = await startRegistry();
    using checkout = await family(registry, other);
    const inputs = { mode: 'plan', 'content-jobs': '4' };
    const contentOf = async (more: object = {}, step: object = {}): Promise<string | undefined> =>
      (await runAction(checkout.path, { inputs: { ...inputs, ...more }, ...step })).outputs['content'];
    const own = { pull_request: { number: 7, head: { repo: { full_name: 'acme/images' } }, base: { ref: 'main' } } };
    const pullRequest = {
      env: { GITHUB_EVENT_NAME: 'pull_request', GITHUB_REF: 'refs/pull/7/merge', GITHUB_REPOSITORY: 'acme/images' },
      payload: own,
    };
    expect(await contentOf()).toBe('{"include":[{"shard":"1/1"}]}');
    expect(await contentOf({ 'content-jobs': '0' })).toBe('');
    expect(await contentOf({ 'dry-run': 'true' })).toBe('');
    expect(await contentOf({ push: 'false' })).toBe('');
    expect(await contentOf({}, pullRequest)).toBe('');

    const legs = 'api@linux/amd64 api@linux/arm64 worker@linux/amd64';
    await runAction(checkout.path, { inputs: { mode: 'leg', legs, 'staging-only': 'true' } });
    const content = { mode: 'content', shard: '1/1' };
    const refused = await runAction(checkout.path, { inputs: content, ...pullRequest });
    expect(refused).toMatchObject({
      status: 2,
      log: expect.stringContaining('nothing may be copied to a destination'),
    });
    const dry = await runAction(checkout.path, { inputs: { ...content, 'dry-run': 'true' } });
    expect(dry).toMatchObject({ status: 0, summary: '', log: expect.stringMatching(/\+ \S+\/acme\/api@sha256:/) });
    const copied = await runAction(checkout.path, { inputs: content });
    expect(copied).toMatchObject({ status: 0, summary: expect.stringContaining('## Content copied (1/1)') });
    expect(copied.summary).toContain('| api | ');
    expect([await tagsOf(registry, 'api'), await tagsOf(other, 'api')]).toEqual([[], []]);
    expect(await contentOf()).toBe('');
  });

  test('a target that lacks a leg fails alone, and the others are published', async () => {
    await using registry = await startRegistry();
    await using other = await startRegistry();
    using checkout = await family(registry, other);
    await runAction(checkout.path, { inputs: { mode: 'leg', legs: 'api@linux/amd64 api@linux/arm64' } });
    const published = await runAction(checkout.path, { inputs: { mode: 'publish' } });
    expect(published.status).toBe(1);
    expect(Object.keys(JSON.parse(published.outputs['published'] ?? '') as object)).toEqual(['api']);
    expect(published.summary).toMatch(/^## Published\n\n### ❌ worker/);
    expect(obeyed(published.log)).toEqual([
      expect.stringMatching(/^::error title=publish\.incomplete::.*worker@linux\/amd64/),
    ]);
  });

  test('tee gives one push to two registries, whatever the command prints', async () => {
    await using registry = await startRegistry();
    await using other = await startRegistry();
    using checkout = await family(registry, other);
    const manifest = '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}';
    const push = [
      'sh',
      '-c',
      `echo '::error::evil'; r=\${FANFOLD_REFERENCE#*/}; exec curl -sf -X PUT -H 'Content-Type: application/vnd.oci.image.index.v1+json' -d '${manifest}' "http://$FANFOLD_HOST/v2/$r/manifests/1"`,
    ];
    const to = `${registry.host}/acme/odd\n${other.host}/acme/odd\n`;
    const teed = await runAction(checkout.path, { inputs: { mode: 'tee', to, run: push.join('\n') } });
    expect(teed.status).toBe(0);
    expect(JSON.parse(teed.outputs['published'] ?? '')).toEqual({ '1': expect.stringMatching(/^sha256:/) });
    expect([await tagsOf(registry, 'odd'), await tagsOf(other, 'odd')]).toEqual([['1'], ['1']]);
    expect(teed.log).toContain('::error::evil');
    expect(obeyed(teed.log)).toEqual([]);
  });

  test('a user name that GitHub masks is in no output, and the jobs after read the same', async () => {
    await using registry = await startRegistry({ login: { username: 'acme', password: 'of the ci' } });
    using checkout = await testFamily({
      'fanfold.yaml': familyYaml([`${registry.host}/acme`], { api: '' }),
      'api/Dockerfile': 'FROM scratch\nCOPY file /file\n',
      'api/file': 'api',
    });
    const credentials = `${registry.host} acme of the ci\nghcr.io api x`;
    const plan = await runAction(checkout.path, { inputs: { mode: 'plan', credentials } });
    expect(Object.values(plan.outputs).filter((value) => /acme|api/.test(value))).toEqual([]);
    expect(entriesOf(plan).map(({ legs }) => legs)).toEqual(['api@linux/amd64']);
    const { moment = '' } = plan.outputs;
    const leg = await runAction(checkout.path, {
      inputs: { mode: 'leg', legs: 'api@linux/amd64', moment, credentials },
    });
    expect(leg.status).toBe(0);
  });
});
