// What a job must not do, whoever started it and whatever a builder prints: the committed action as a real process.
import { describe, expect, test } from 'vitest';
import { familyYaml, testFamily } from '../support/family.ts';
import { type ActionStep, obeyed, runAction } from '../support/github-job.ts';
import { pushBusybox } from '../support/images.ts';
import { environmentForPeers, needs } from '../support/peers.ts';
import { startRegistry } from '../support/registry.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const pullRequest = (from: string): Pick<ActionStep, 'env' | 'payload'> => ({
  env: { GITHUB_EVENT_NAME: 'pull_request', GITHUB_REF: 'refs/pull/7/merge' },
  payload: { pull_request: { number: 7, head: { repo: { full_name: from } }, base: { ref: 'main' } } },
});

function files(host: string, more = ''): Readonly<Record<string, string>> {
  return {
    'fanfold.yaml': familyYaml([`${host}/acme`], { api: '' }, more),
    'api/Dockerfile': 'FROM scratch\nCOPY file /file\n',
    'api/file': 'api',
  };
}

describe('a builder that prints commands of the runner', () => {
  const printed = [
    '::add-mask::x',
    '::set-output name=built::evil',
    '  ::error file=a,line=1::evil',
    '##[error]evil',
    'before ##[add-path]/evil',
    '::stop-commands::mine',
    '::mine::',
    '\r::warning::evil',
    '::endgroup::',
  ];

  test('is not obeyed; its last lines are in the summary, and its failure is told once', async () => {
    using family = await testFamily({
      'fanfold.yaml': familyYaml(['oci:out'], {
        api: `builder: { command: [sh, print.sh] }`,
      }),
      'api/Dockerfile': 'FROM scratch\n',
      'api/print.sh': `printf '%s\\n' ${printed.map((line) => `'${line}'`).join(' ')}\nprintf '%s\\n' '</details><img src=x> | \`\`\`\`'\nexit 3\n`,
      '.gitignore': 'out\n',
    });
    const { status, log, summary, outputs } = await runAction(family.path, {
      inputs: { mode: 'leg', legs: 'api@linux/amd64' },
    });
    expect(status).toBe(1);
    expect(log).toContain('::add-mask::x');
    const commands = obeyed(log).map((line) => /::([\w-]+)/.exec(line)?.[1]);
    expect(commands).toEqual(['group', 'endgroup', 'error']);
    expect(outputs).toEqual({ built: '{}' });
    expect(summary).toMatch(/^## api&#64;linux\/amd64\n\n### ❌ api&#64;linux\/amd64/);
    expect(summary).toContain('before ##[add-path]/evil');
    expect(summary).toContain('`````text');
  });
});

describe('what is wrong is told at its file and line', () => {
  test('a mistake in the configuration, with what a log must escape', async () => {
    using family = await testFamily({
      'images/fanfold.yaml': familyYaml(['oci:out'], { api: 'platfroms: ["a,b:c%0A"]' }),
      'images/api/Dockerfile': 'FROM scratch\n',
    });
    const { status, log } = await runAction(family.path, { inputs: { mode: 'plan', file: 'images/fanfold.yaml' } });
    expect(status).toBe(2);
    expect(obeyed(log)).toEqual([
      expect.stringMatching(/^::error title=config\.unknown,file=images\/fanfold\.yaml,line=8,col=5::.*platforms/),
    ]);
  });

  test('a mistake in a Dockerfile that publication meets, of a family in a folder', async () => {
    using family = await testFamily({
      'images/fanfold.yaml': familyYaml(['oci:out'], { api: '' }),
      'images/api/Dockerfile': 'FROM scratch\nCOPY gone /file\n',
    });
    const { status, log } = await runAction(family.path, { inputs: { mode: 'publish', file: 'images/fanfold.yaml' } });
    expect(status).toBe(1);
    expect(obeyed(log)).toEqual([expect.stringMatching(/^::error title=\S+,file=images\/api\/Dockerfile,line=2/)]);
  });

  test.for([
    ['a mode that there is not', { mode: 'plna' }, 'did you mean plan?'],
    ['a flag that is neither', { mode: 'plan', all: 'yes' }, 'true or false'],
    ['a leg that there is not', { mode: 'leg', legs: 'apy@linux/amd64' }, 'did you mean api@linux/amd64?'],
    ['no leg', { mode: 'leg' }, 'no leg is named'],
    ['a moment that is none', { mode: 'publish', moment: '{}' }, 'moment'],
    ['a tee without destinations', { mode: 'tee', run: 'true' }, 'needs `to` and `run`'],
  ] as const)('%s', async ([, inputs, said]) => {
    using family = await testFamily({
      'fanfold.yaml': familyYaml(['oci:out'], { api: '' }),
      'api/Dockerfile': 'FROM scratch\n',
    });
    const { status, log } = await runAction(family.path, { inputs });
    expect(status).toBe(2);
    expect(obeyed(log).join('\n')).toContain(said);
  });
});

describe.runIf(needs('docker-registry'))('pull requests', () => {
  test("a fork's builds into the runner's own folder with no credential, and pushes nothing", async () => {
    await using registry = await startRegistry({ login: { username: 'ci', password: 'not-for-forks' } });
    using family = await testFamily(files(registry.host));
    const credentials = `${registry.host} ci not-for-forks`;
    const from = pullRequest('somebody/tools');
    const plan = await runAction(family.path, { inputs: { mode: 'plan', credentials }, ...from });
    expect(plan).toMatchObject({ status: 0, outputs: { any: 'true', publish: 'false' } });
    expect(plan.summary).toContain('the pull request comes from somebody/tools');
    const { moment = '' } = plan.outputs;
    const legs = 'api@linux/amd64';
    const built = await runAction(family.path, { inputs: { mode: 'leg', legs, moment, credentials }, ...from });
    expect(built).toMatchObject({ status: 0, temp: ['fanfold-staging'] });
    expect(JSON.parse(built.outputs['built'] ?? '')).toEqual({ [legs]: expect.stringMatching(/^sha256:/) });
    const published = await runAction(family.path, { inputs: { mode: 'publish', moment, credentials }, ...from });
    expect(published.status).toBe(2);
    const writes = (await registry.requests()).filter(({ method }) => !['GET', 'HEAD'].includes(method));
    expect(writes).toEqual([]);
    const authorized = (await registry.requests()).filter(({ status }) => status === 200);
    expect(authorized).toEqual([]);
    expect([plan.log, built.log, plan.summary].join('\n').replaceAll('::add-mask::not-for-forks', '')).not.toContain(
      'not-for-forks',
    );
  });

  test("the repository's own stages what it builds, moves no tag, and main builds nothing more", async () => {
    await using registry = await startRegistry({ login: { username: 'ci', password: 'of the ci' } });
    using family = await testFamily(files(registry.host));
    const credentials = `${registry.host} ci of the ci\nother.test ci \n`;
    const from = pullRequest('acme/tools');
    const legs = 'api@linux/amd64';
    const built = await runAction(family.path, {
      inputs: { mode: 'leg', legs, credentials, publish: 'true' },
      ...from,
    });
    expect(built).toMatchObject({ status: 0, temp: [] });
    const writes = (await registry.requests()).filter(({ method, status }) => method === 'PUT' && status === 201);
    expect(writes.length).toBeGreaterThan(0);
    expect(writes.every(({ path }) => path.startsWith('/v2/acme/api-staging/'))).toBe(true);
    const plan = await runAction(family.path, { inputs: { mode: 'plan', credentials } });
    expect(plan.outputs).toMatchObject({ any: 'false', publish: 'true' });
    expect(obeyed(built.log).filter((line) => line.startsWith('::add-mask::'))).toEqual(['::add-mask::of the ci']);
  });

  test('`pull-request: build` keeps it on the runner', async () => {
    await using registry = await startRegistry();
    using family = await testFamily(files(registry.host, 'github: { pull-request: build }'));
    const built = await runAction(family.path, {
      inputs: { mode: 'leg', legs: 'api@linux/amd64' },
      ...pullRequest('acme/tools'),
    });
    expect(built).toMatchObject({ status: 0, temp: ['fanfold-staging'] });
    expect((await registry.requests()).filter(({ method }) => method === 'PUT' || method === 'POST')).toEqual([]);
  });
});

describe.runIf(needs('engine', 'docker-registry', 'skopeo'))('a builder that reads a private base', () => {
  test('is lent the logins by its client, and what it runs is not', async () => {
    using storage = temporaryFolder('storage');
    const { port, host, base } = await privateBase(storage.path);
    await using _registry = await startRegistry({
      storageFolder: storage.path,
      port,
      login: { username: 'ci', password: 'hunter22 of ci' },
    });
    using family = await testFamily({
      'fanfold.yaml': familyYaml([`${host}/acme`], { api: '' }),
      'api/Dockerfile': `FROM ${base}\nRUN env; test -z "$FANFOLD_REGISTRY_AUTH$INPUT_CREDENTIALS"\n`,
    });
    const { DOCKER_CONFIG = '', ...env } = environmentForPeers();
    const step = { inputs: { mode: 'leg', legs: 'api@linux/amd64' }, env: { ...env, DOCKER_CONFIG } };
    const refused = await runAction(family.path, step);
    expect(refused.status).toBe(1);
    const credentials = `${host} ci hunter22 of ci`;
    const built = await runAction(family.path, { ...step, inputs: { ...step.inputs, credentials } });
    expect(built.log).not.toMatch(/(?<!::add-mask::)hunter22/);
    expect(built.status).toBe(0);
    expect(built.log).toContain('build   api@linux/amd64 with buildx');
  });
});

/** A registry that holds a busybox and will ask for a login. */
async function privateBase(storageFolder: string): Promise<{ port: number; host: string; base: string }> {
  await using registry = await startRegistry({ storageFolder });
  const { port, host } = registry;
  return { port, host, base: await pushBusybox(host) };
}
