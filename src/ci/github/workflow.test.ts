import { describe, test } from 'vitest';
import { parse } from 'yaml';
import type { Diagnostic } from '../../base/errors/diagnostic.ts';
import { parseFamily } from '../../source/project/load.ts';
import type { CiFile } from '../committed.ts';
import { githubWorkflow } from './workflow.ts';

const action = 'acme/fanfold@0123456789abcdef0123456789abcdef01234567 # v0.1.0';

interface StepYaml {
  readonly uses?: string;
  readonly run?: string;
  readonly env?: unknown;
  readonly with: Readonly<Record<string, unknown>> & {
    readonly credentials?: string;
    readonly file?: string;
    readonly push?: string;
  };
}

interface JobYaml {
  readonly if: string;
  readonly name: string;
  readonly needs: unknown;
  readonly permissions: unknown;
  readonly 'runs-on': unknown;
  readonly environment: unknown;
  readonly concurrency: { readonly group: string };
  readonly with: unknown;
  readonly secrets: unknown;
  readonly steps: readonly [StepYaml, StepYaml];
}

/** A workflow as the tests look into it; each says what should stand there. */
interface WorkflowYaml {
  readonly name: string;
  readonly permissions: unknown;
  readonly on: {
    readonly push: { readonly branches: unknown };
    readonly schedule: unknown;
    readonly workflow_dispatch: { readonly inputs: object };
  };
  readonly jobs: Readonly<Record<JobName, JobYaml>>;
}

type JobName = 'plan' | 'legs-1' | 'legs-2' | 'content' | 'publish' | 'gate' | 'images';

interface Made extends CiFile {
  readonly yaml: WorkflowYaml;
  readonly told: readonly string[];
}

function made(
  github = '',
  { destinations = '[ghcr.io/acme]', staging = '', targets = '{ api: {} }', file = 'fanfold.yaml', own = true } = {},
): Made {
  const lines = [
    `destinations: ${destinations}`,
    ...(staging === '' ? [] : [`staging: ${staging}`]),
    'platforms: [linux/amd64]',
    `targets: ${targets}`,
    ...(github === '' ? [] : [`github: { ${github} }`]),
  ];
  const { family, diagnostics } = parseFamily(`${lines.join('\n')}\n`, `/top/${file}`);
  if (family === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  const found: Diagnostic[] = [];
  const workflow = githubWorkflow(family, { file, ...(own ? { action } : {}) }, found);
  return { ...workflow, yaml: parse(workflow.text), told: found.map(({ message }) => message) };
}

const many = (count: number): string =>
  `{ ${Array.from({ length: count }, (_, place) => `t${place}: { context: . }`).join(', ')} }`;

const twoRegistries = {
  destinations: '[ghcr.io/acme, docker.io/acme]',
  staging: 'quay.io/acme/staging',
};
const credentials =
  'credentials: { docker.io: { username: vars.HUB_USER, password: HUB_TOKEN }, quay.io: { username: QUAY_USER, password: QUAY_TOKEN } }';

describe('one registry, no staging named, one target', () => {
  test('is the whole workflow, with nothing more to know', ({ expect }) => {
    const { yaml, told, path, text } = made();
    expect(told).toEqual([]);
    expect(path).toBe('.github/workflows/fanfold.yml');
    expect(Object.keys(yaml.jobs)).toEqual(['plan', 'legs-1', 'publish', 'gate']);
    expect(yaml.permissions).toEqual({});
    expect(text).toContain('# v7.0.1');
    expect(text.split('\n').length).toBeLessThan(120);
  });

  test('is made once and again the same', ({ expect }) => expect(made().text).toBe(made().text));

  test('asks for the least in each job, with a time limit on each', ({ expect }) => {
    const { jobs } = made().yaml;
    expect(jobs.plan.permissions).toEqual({ contents: 'read', packages: 'read' });
    expect(jobs['legs-1'].permissions).toEqual({ contents: 'read', packages: 'write' });
    expect(jobs.publish.permissions).toEqual({ contents: 'read', packages: 'write' });
    expect(jobs.gate.permissions).toEqual({});
    for (const job of Object.values(jobs)) expect(job).toHaveProperty('timeout-minutes');
  });

  test('publishes whatever else failed, one run at a time, and drops none that waits', ({ expect }) => {
    const { publish } = made().yaml.jobs;
    expect(publish.if).toMatch(/^\$\{\{ !cancelled\(\) && /);
    expect(publish.concurrency).toEqual({
      group: 'fanfold-publish-fanfold.yaml',
      queue: 'max',
      'cancel-in-progress': false,
    });
  });

  test('runs nothing of its own but the gate’s exit', ({ expect }) => {
    const steps = Object.values(made().yaml.jobs).flatMap((job) => job.steps);
    expect(steps.flatMap(({ run }) => run ?? [])).toEqual(['exit 1']);
    const used = new Set(steps.flatMap(({ uses }) => uses?.replace(/@.*/, '') ?? []));
    expect([...used]).toEqual(['actions/checkout', 'acme/fanfold']);
  });
});

describe('events', () => {
  test.for([
    { name: 'no pull requests', github: 'pull-request: off', absent: 'pull_request' },
    { name: 'no merge queue', github: 'merge-queue: false', absent: 'merge_group' },
    { name: 'no branches and no tags', github: 'branches: [], tags: []', absent: 'push' },
  ])('$name', ({ github, absent }, { expect }) => expect(made(github).yaml.on).not.toHaveProperty(absent));

  test('are those that are named', ({ expect }) => {
    const { on } = made('branches: [main, release/*], tags: ["v[0-9]+.*"], schedule: ["17 3 * * *", "0 0 1 * *"]').yaml;
    expect(on.push).toEqual({ branches: ['main', 'release/*'], tags: ['v[0-9]+.*'] });
    expect(on.schedule).toEqual([{ cron: '17 3 * * *' }, { cron: '0 0 1 * *' }]);
    expect(Object.keys(on.workflow_dispatch.inputs)).toEqual(['only', 'force', 'dry-run', 'take-tags']);
    expect(on).not.toHaveProperty('pull_request_target');
  });

  test('legs that publish know the history, others do not', ({ expect }) => {
    const depthOf = (workflow: Made) => workflow.yaml.jobs['legs-1'].steps[0].with['fetch-depth'];
    expect([depthOf(made()), depthOf(made('publish: leg'))]).toEqual([undefined, 0]);
  });

  test('a pull request that is to leave nothing is built, not pushed', ({ expect }) => {
    expect(made().yaml.jobs['legs-1'].steps[1].with).not.toHaveProperty('push');
    expect(made('pull-request: build').yaml.jobs['legs-1'].steps[1].with.push).toBe(
      "${{ github.event_name != 'pull_request' }}",
    );
  });
});

describe('credentials', () => {
  const linesOf = (workflow: Made, job: JobName): readonly string[] =>
    (workflow.yaml.jobs[job].steps[1].with.credentials ?? '').trim().split('\n');
  const hub = 'docker.io ${{ vars.HUB_USER }} ${{ secrets.HUB_TOKEN }}';
  const ghcr = 'ghcr.io ${{ github.actor }} ${{ github.token }}';
  const quay = 'quay.io ${{ secrets.QUAY_USER }} ${{ secrets.QUAY_TOKEN }}';

  test('legs that push have those of every registry', ({ expect }) => {
    const workflow = made(credentials, twoRegistries);
    for (const job of ['plan', 'legs-1', 'publish'] as const) expect(linesOf(workflow, job)).toEqual([hub, ghcr, quay]);
  });

  test('legs that stage alone have none of a destination, nor has the plan; nor may their token write packages', ({
    expect,
  }) => {
    const workflow = made(`legs: staging, ${credentials}`, twoRegistries);
    expect(linesOf(workflow, 'plan')).toEqual([quay]);
    expect(linesOf(workflow, 'legs-1')).toEqual([quay]);
    expect(linesOf(workflow, 'publish')).toEqual([hub, ghcr, quay]);
    expect(workflow.yaml.jobs['legs-1'].permissions).toEqual({ contents: 'read' });
    expect(workflow.yaml.jobs['legs-1'].steps[1].with['staging-only']).toBe('true');
  });

  test('a registry without a secret is an error that says what to write', ({ expect }) => {
    expect(made('', twoRegistries).told).toEqual([
      'images go to quay.io, and github.credentials names no secrets for it',
      'images go to docker.io, and github.credentials names no secrets for it',
    ]);
  });

  test('none is given where the machine is logged in', ({ expect }) => {
    const workflow = made('credentials: { ghcr.io: runner }');
    expect(workflow.yaml.jobs['legs-1'].steps[1].with).not.toHaveProperty('credentials');
    expect(workflow.yaml.jobs['legs-1'].permissions).toEqual({ contents: 'read' });
  });

  test('secrets of builds are the legs’ alone', ({ expect }) => {
    const workflow = made('secrets: { NPM_TOKEN: NPM }');
    expect(workflow.yaml.jobs['legs-1'].steps[1].env).toEqual({ NPM_TOKEN: '${{ secrets.NPM }}' });
    expect(workflow.text.split('secrets.NPM').length).toBe(2);
  });
});

describe('content that legs staged', () => {
  const staged = `legs: staging, ${credentials}`;

  test('is copied by jobs between legs and publish, whatever failed, and what they do not do is no failure', ({
    expect,
  }) => {
    const { jobs } = made(staged, twoRegistries).yaml;
    expect(Object.keys(jobs)).toEqual(['plan', 'legs-1', 'content', 'publish', 'gate']);
    expect(jobs.content).toMatchObject({
      needs: ['plan', 'legs-1'],
      if: "${{ !cancelled() && needs.plan.result == 'success' && needs.plan.outputs.content != '' }}",
      'continue-on-error': true,
      strategy: { 'fail-fast': false, matrix: '${{ fromJSON(needs.plan.outputs.content) }}' },
      permissions: { contents: 'read', packages: 'write' },
    });
    expect(jobs.content.concurrency).toBeUndefined();
    expect(jobs.publish.needs).toEqual(['plan', 'legs-1', 'content']);
    expect(jobs.gate.needs).toEqual(['plan', 'legs-1', 'publish']);
  });

  test('by the credentials of publish, and by no more than content', ({ expect }) => {
    const { jobs } = made(staged, twoRegistries).yaml;
    expect(jobs.content.steps[1].with.credentials).toBe(jobs.publish.steps[1].with.credentials);
    expect(jobs.content.steps[1].with).toMatchObject({ mode: 'content', shard: '${{ matrix.shard }}' });
    expect(jobs.content.steps[1].with).not.toHaveProperty('take-tags');
    expect(jobs.plan.steps[1].with).toMatchObject({ 'content-jobs': 8 });
  });

  test.for([
    { name: 'behind the environment of publish', github: 'environment: release', want: ['release', 'release'] },
    {
      name: 'behind one of its own',
      github: 'environment: release, content-environment: content',
      want: ['content', 'release'],
    },
    { name: 'behind none', github: '', want: [undefined, undefined] },
  ])('$name', ({ github, want }, { expect }) => {
    const { jobs } = made(`${staged}, ${github}`, twoRegistries).yaml;
    expect([jobs.content.environment, jobs.publish.environment]).toEqual(want);
  });

  test.for([
    { name: 'legs push', github: credentials },
    { name: 'publish is to do it alone', github: `${staged}, content-jobs: 0` },
  ])('is copied by no job where $name', ({ github }, { expect }) => {
    const { jobs } = made(github, twoRegistries).yaml;
    expect(Object.keys(jobs)).toEqual(['plan', 'legs-1', 'publish', 'gate']);
    expect(jobs.plan.steps[1].with).not.toHaveProperty('content-jobs');
  });
});

describe('size', () => {
  test.for([
    { name: '250 legs are one matrix', targets: 250, github: '', want: 1 },
    { name: '251 legs are two', targets: 251, github: '', want: 2 },
    { name: 'never more than the jobs that are allowed', targets: 600, github: 'jobs-max: 40', want: 1 },
  ])('$name', ({ targets, github, want }, { expect }) => {
    const { jobs } = made(github, { targets: many(targets) }).yaml;
    expect(Object.keys(jobs).filter((name) => name.startsWith('legs-'))).toHaveLength(want);
    expect(jobs.gate.needs).toEqual(Object.keys(jobs).filter((name) => name !== 'gate'));
  });

  test('the jobs of all matrices have the same steps', ({ expect }) => {
    const { yaml, text } = made('secrets: { NPM_TOKEN: NPM }', { targets: many(300) });
    expect(yaml.jobs['legs-2'].steps).toEqual(yaml.jobs['legs-1'].steps);
    expect(text.split('mode: leg')).toHaveLength(2);
  });

  test('457 legs, three registries, everything asked for: under 150 lines', ({ expect }) => {
    const all = `schedule: 17 3 * * *, environment: release, legs: staging, jobs-max: 400, secrets: { NPM_TOKEN: NPM }, ${credentials}`;
    expect(made(all, { ...twoRegistries, targets: many(457) }).text.split('\n').length - 1).toBeLessThan(150);
  });
});

describe('where a family stands', () => {
  test('in a folder: its own file, name, group and gate', ({ expect }) => {
    const { path, yaml } = made('', { file: 'apps/web/fanfold.yaml' });
    expect(path).toBe('.github/workflows/fanfold-apps-web.yml');
    expect(yaml.name).toBe('Images (apps/web)');
    expect(yaml.jobs.publish.concurrency.group).toBe('fanfold-publish-apps/web/fanfold.yaml');
    expect(yaml.jobs.gate.name).toBe('gate (apps/web)');
    expect(yaml.jobs.plan.steps[1].with.file).toBe('apps/web/fanfold.yaml');
  });

  test('a folder on this machine is told before jobs look for it', ({ expect }) => {
    expect(made('', { destinations: '["oci:out"]' }).told).toEqual([
      'images go to a folder (oci:PATH), which the next job does not see',
    ]);
    const shared = 'runner: [self-hosted], runners: { default: [self-hosted] }';
    expect(made(shared, { destinations: '["oci:/srv/images"]' }).told).toEqual([]);
  });

  test('a command that was built from source has no action of its own', ({ expect }) => {
    expect(made('', { own: false }).told).toEqual([
      'this command was built from source, and no released action belongs to it',
    ]);
    expect(made('action: $/', { own: false }).told).toEqual([]);
  });
});

describe('names', () => {
  const hostile = `a'"$(id)\`id\`; \${{ github.token }} #{x}: - & * ! | > % @`;

  test('of folders are quoted, and evaluated by nobody', ({ expect }) => {
    const { yaml, text } = made('', { file: `${hostile}/fanfold.yaml` });
    const quoted = `'${hostile.replaceAll("'", "''")}`;
    expect(yaml.jobs.plan.steps[1].with.file).toBe(`\${{ ${quoted}/fanfold.yaml' }}`);
    expect(yaml.jobs.publish.concurrency.group).toBe(`\${{ 'fanfold-publish-${quoted.slice(1)}/fanfold.yaml' }}`);
    expect(text).not.toMatch(/^ *(?:- )?run:.*\$/m);
    expect(yaml.name).not.toContain('${{');
  });

  test('that end a line are escaped', ({ expect }) => {
    const file = 'a\nrun: id\u2028b\u0085c/fanfold.yaml';
    const { yaml, text } = made('', { file });
    expect(yaml.jobs.plan.steps[1].with.file).toBe(file);
    expect(text).not.toMatch(/^\s*run: id/m);
    expect(text).not.toMatch(/[\u0085\u2028]/);
  });

  test('of runners, environments and branches are quoted', ({ expect }) => {
    const name = `-x: 'y' # $(id) "z" [*]`;
    const [written, ref] = [name, name.replaceAll(/[ :]/g, '')].map((text) => JSON.stringify(text));
    const { yaml } = made(`runner: [${written}, b], environment: ${written}, branches: [${ref}], name: ${written}`);
    expect(yaml.jobs.publish['runs-on']).toEqual([name, 'b']);
    expect(yaml.jobs.publish.environment).toBe(name);
    expect(yaml.on.push.branches).toEqual([name.replaceAll(/[ :]/g, '')]);
    expect(yaml.name).toBe(name);
  });

  test('of targets, tags and platforms reach the plan and the legs as data alone', ({ expect }) => {
    const { text } = made('', { targets: '{ strange-target-name: { tags: "type=raw,value=strange-tag" } }' });
    expect(text).not.toContain('strange');
  });
});

describe('a caller of the reusable workflow', () => {
  const reusable =
    'reusable: "acme/fanfold/.github/workflows/publish.yml@0123456789abcdef0123456789abcdef01234567 # v0.1.0"';

  test('hands over what differs, and its secrets by name', ({ expect }) => {
    const { yaml, text } = made(
      `${reusable}, environment: release, legs: staging, jobs-max: 9, ${credentials}`,
      twoRegistries,
    );
    expect(Object.keys(yaml.jobs)).toEqual(['images', 'gate']);
    expect(yaml.jobs.images.with).toEqual({
      only: '${{ inputs.only }}',
      force: '${{ inputs.force == true }}',
      'dry-run': '${{ inputs.dry-run == true }}',
      'take-tags': '${{ inputs.take-tags == true }}',
      legs: 'staging',
      environment: 'release',
      'jobs-max': 9,
    });
    const { yaml: more } = made(
      `${reusable}, legs: staging, content-jobs: 2, content-environment: c, ${credentials}`,
      twoRegistries,
    );
    expect(more.jobs.images.with).toMatchObject({ 'content-jobs': 2, 'content-environment': 'c' });
    expect(yaml.jobs.images.secrets).toEqual({
      credentials:
        'docker.io ${{ vars.HUB_USER }} ${{ secrets.HUB_TOKEN }}\nquay.io ${{ secrets.QUAY_USER }} ${{ secrets.QUAY_TOKEN }}\n',
      'staging-credentials': 'quay.io ${{ secrets.QUAY_USER }} ${{ secrets.QUAY_TOKEN }}\n',
    });
    expect(text.split('\n').length).toBeLessThan(65);
  });

  test('is told that its builds get no secrets', ({ expect }) => {
    expect(made(`${reusable}, secrets: { A: B }`).told).toEqual(['the reusable workflow hands no secrets to builds']);
  });
});
