// The test gate: tags move to what passed its target's tests, and to nothing else; what is tested later is not built again.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { familyYaml, type TestFamily, testFamily } from '../support/family.ts';
import { needs } from '../support/peers.ts';
import { startRegistry } from '../support/registry.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Fails where a file says so; notes what it was given, and what its image's manifest is by the reference that needs no login. */
const check = `
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
const { FANFOLD_TARGET: target, FANFOLD_REFERENCE: reference } = process.env;
const [, host, repository, digest] = /^([^/]+)\\/(.+)@(.+)$/.exec(reference);
const accept = 'application/vnd.oci.image.manifest.v1+json';
const manifest = await fetch(\`http://\${host}/v2/\${repository}/manifests/\${digest}\`, { headers: { accept } });
const body = Buffer.alloc(8 * 1024 * 1024, target);
const blob = 'sha256:' + createHash('sha256').update(body).digest('hex');
await fetch(\`http://\${host}/v2/\${repository}/blobs/uploads/?digest=\${blob}\`, { method: 'POST', body }).catch(() => undefined);
const config = readFileSync(process.env.DOCKER_CONFIG + '/config.json', 'utf8');
writeFileSync('.seen-' + target, JSON.stringify({ env: process.env, args: process.argv.slice(2), config, status: manifest.status, blob }));
appendFileSync('.runs', target + '\\n');
console.log('the check of ' + target);
process.exit(existsSync('.bad-' + target) ? 3 : 0);
`;

const commands = `test: [[node, check.mjs, '{reference}', '{image}', '$(id)']]`;
const yaml = (destinations: readonly string[]): string =>
  familyYaml(destinations, { api: commands, worker: commands, plain: '' });
const files = {
  ...Object.fromEntries(
    ['api', 'worker', 'plain'].flatMap((name) => [
      [`${name}/Dockerfile`, 'FROM scratch\nCOPY file /file\n'],
      [`${name}/file`, name],
    ]),
  ),
  'check.mjs': check,
  '.gitignore': 'out\n.seen-*\n.bad-*\n.runs\n',
};

interface Ended {
  readonly status: number | undefined;
  readonly legs: Readonly<Record<string, string>>;
  readonly targets: Readonly<Record<string, string>>;
  readonly text: string;
}

async function ended(family: TestFamily, ...args: string[]): Promise<Ended> {
  const { status, stdout } = await family.fanfold(...args, '--json');
  const { legs, targets } = JSON.parse(stdout) as {
    legs: { leg: string; outcome: string }[];
    targets: { target: string; outcome: string }[];
  };
  return {
    status,
    legs: Object.fromEntries(legs.map(({ leg, outcome }) => [leg, outcome])),
    targets: Object.fromEntries(targets.map(({ target, outcome }) => [target, outcome])),
    text: stdout,
  };
}

function tags(family: TestFamily, name: string): readonly string[] {
  const path = join(family.path, 'out', name, 'index.json');
  if (!existsSync(path)) return [];
  const { manifests } = JSON.parse(readFileSync(path, 'utf8')) as { manifests: { annotations?: object }[] };
  return manifests.flatMap(({ annotations = {} }) =>
    'org.opencontainers.image.ref.name' in annotations
      ? [String(annotations['org.opencontainers.image.ref.name'])]
      : [],
  );
}

function runs(family: TestFamily): readonly string[] {
  return readFileSync(join(family.path, '.runs'), 'utf8').trim().split('\n').sort();
}

describe('test:', () => {
  test('a test that fails keeps its target’s tags, others move; once it passes, nothing is built again', async () => {
    using family = await testFamily({ 'fanfold.yaml': yaml(['oci:out']), ...files });
    family.write({ '.bad-api': '' });
    const first = await ended(family, 'run');
    expect(first.status).toBe(1);
    expect(first.targets).toEqual({ api: 'failed', worker: 'published', plain: 'published' });
    expect(first.text).toContain(
      'api@linux/amd64: test 1 of 1 (node) ended with status 3\\n  test 1 of 1: node\\n  the check of api',
    );
    expect([tags(family, 'api'), tags(family, 'worker')]).toEqual([[], ['latest']]);

    const refused = await ended(family, 'publish');
    expect(refused.status).toBe(1);
    expect(refused.text).toContain('not published: the tests of api@linux/amd64 have not passed');
    expect(refused.text).toContain('fanfold build --leg api@linux/amd64');
    expect(tags(family, 'api')).toEqual([]);
    const plan = await family.fanfold('plan', '--format', 'json');
    expect(plan.stdout).toContain('"legs": [\n');
    expect(plan.stdout).toContain('api@linux/amd64');
    expect(plan.stdout).not.toContain('worker@linux/amd64');

    rmSync(join(family.path, '.bad-api'));
    expect((await ended(family, 'build', '--leg', 'api@linux/amd64')).legs).toEqual({ 'api@linux/amd64': 'reused' });
    expect((await ended(family, 'publish')).targets).toEqual({
      api: 'published',
      worker: 'unchanged',
      plain: 'unchanged',
    });
    expect(tags(family, 'api')).toEqual(['latest']);
    expect(runs(family)).toEqual(['api', 'api', 'worker']);
  });

  test('what builds on a leg whose test failed is not built in that run, nor published; what does not is', async () => {
    using family = await testFamily({
      'fanfold.yaml': familyYaml(['oci:out'], {
        api: commands,
        worker: `contexts: { below: 'target:api' }`,
        plain: '',
      }),
      ...files,
      'worker/Dockerfile': 'FROM below\nCOPY file /file\n',
    });
    family.write({ '.bad-api': '' });
    const first = await ended(family, 'run');
    expect(first.targets).toEqual({ api: 'failed', worker: 'failed', plain: 'published' });
    expect(first.text).toContain('worker@linux/amd64 builds on api@linux/amd64, which failed');
    expect(tags(family, 'worker')).toEqual([]);

    rmSync(join(family.path, '.bad-api'));
    const second = await ended(family, 'run');
    expect(second.targets).toEqual({ api: 'published', worker: 'published', plain: 'unchanged' });
  });

  test('other commands are asked for anew, without a build, and no key changes', async () => {
    using family = await testFamily({ 'fanfold.yaml': yaml(['oci:out']), ...files });
    await ended(family, 'run');
    family.write({ 'fanfold.yaml': yaml(['oci:out']).replaceAll("'$(id)'", "'more'") });
    expect((await family.fanfold('plan')).stdout).toContain('0 to build, 3 to reuse (2 of them to test)');
    const again = await ended(family, 'run');
    expect(again.legs).toEqual({
      'api@linux/amd64': 'reused',
      'worker@linux/amd64': 'reused',
      'plain@linux/amd64': 'reused',
    });
    expect(again.targets).toEqual({ api: 'unchanged', worker: 'unchanged', plain: 'unchanged' });
    expect(runs(family)).toEqual(['api', 'api', 'worker', 'worker']);
    expect((await family.fanfold('plan')).stdout).toContain('nothing to do');
  });

  test('a program that is not there fails as a test does', async () => {
    const missing = yaml(['oci:out']).replace('[[node,', '[[./no-such-program,');
    using family = await testFamily({ 'fanfold.yaml': missing, ...files });
    const { targets, text } = await ended(family, 'run');
    expect(targets).toEqual({ api: 'failed', worker: 'published', plain: 'published' });
    expect(text).toContain('no-such-program is not installed');
  });
});

const login = { username: 'robot', password: 'correct horse' };

describe.runIf(needs('docker-registry'))('test: with registries', () => {
  test('reads its image where a login is needed, has none itself, and can write nothing', async () => {
    await using registry = await startRegistry({ login });
    const auths = { [registry.host]: login };
    using home = temporaryFolder('logins');
    const secret = { FANFOLD_REGISTRY_AUTH: JSON.stringify(auths), DOCKER_CONFIG: home.path, GITHUB_TOKEN: 'a-token' };
    using family = await testFamily({ 'fanfold.yaml': yaml([`${registry.host}/acme`]), ...files }, secret);
    expect((await ended(family, 'run')).targets).toEqual({ api: 'published', worker: 'published', plain: 'published' });
    const text = readFileSync(join(family.path, '.seen-api'), 'utf8');
    const seen = JSON.parse(text) as {
      env: Record<string, string>;
      args: string[];
      config: string;
      status: number;
      blob: string;
    };
    expect(seen.status).toBe(200);
    const authorization = `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;
    const pushed = `http://${registry.host}/v2/acme/api-staging/blobs/${seen.blob}`;
    expect((await fetch(pushed, { headers: { authorization } })).status).toBe(404);
    expect(seen.args).toEqual([seen.env['FANFOLD_REFERENCE'], seen.env['FANFOLD_IMAGE'], '$(id)']);
    expect(seen.env).toMatchObject({ FANFOLD_TARGET: 'api', FANFOLD_PLATFORM: 'linux/amd64' });
    expect(seen.env['FANFOLD_IMAGE']).toMatch(new RegExp(`^${registry.host}/acme/api-staging@sha256:[0-9a-f]{64}$`));
    expect(JSON.parse(seen.config)).toMatchObject({ auths: {} });
    for (const part of [login.password, 'a-token', home.path]) expect(JSON.stringify(seen.env)).not.toContain(part);
  });
});

describe.runIf(needs('docker-registry'))('without test:', () => {
  test('staging is asked nothing more', async () => {
    await using registry = await startRegistry();
    const asked = async (lines: string): Promise<number> => {
      const text = familyYaml([`${registry.host}/acme`], { plain: lines });
      using family = await testFamily({ 'fanfold.yaml': text, ...files });
      await family.fanfold('run');
      const before = (await registry.requests()).length;
      expect((await family.fanfold('plan')).stdout).toContain('nothing to do');
      return (await registry.requests()).length - before;
    };
    expect(await asked('')).toBe((await asked(commands)) - 1);
  });
});
