// Families of every kind that a workflow is generated for, with what is written of GitHub: what the judges look at.
import type { Diagnostic } from '../../src/base/errors/diagnostic.ts';
import type { CiFile } from '../../src/ci/committed.ts';
import { githubWorkflow } from '../../src/ci/github/workflow.ts';
import { parseFamily } from '../../src/source/project/load.ts';

/** A family and where it stands. */
export interface Configuration {
  readonly name: string;
  readonly yaml: string;
  /** fanfold.yaml, from the repository's top. */
  readonly file?: string;
}

const pin = '@0123456789abcdef0123456789abcdef01234567 # v0.1.0';
const hub = 'docker.io: { username: vars.HUB_USER, password: HUB_TOKEN }';
const quay = 'quay.io: { username: QUAY_USER, password: QUAY_TOKEN }';

interface Parts {
  readonly destinations?: string;
  readonly platforms?: string;
  readonly targets?: string;
  readonly more?: string;
  readonly github?: string;
}

function familyYaml({
  destinations = 'ghcr.io/acme',
  platforms = 'linux/amd64, linux/arm64',
  targets = 'api: {}',
  more = '',
  github = '',
}: Parts = {}): string {
  return [
    `destinations: [${destinations}]`,
    `platforms: [${platforms}]`,
    `targets: { ${targets} }`,
    more,
    `github: { action: "acme/fanfold${pin}", ${github} }`,
  ]
    .filter((line) => line !== '')
    .join('\n');
}

/** So many targets on one platform. */
export const targetsOf = (count: number): string =>
  Array.from({ length: count }, (_, place) => `t${place}: { context: . }`).join(', ');

const three = { destinations: 'ghcr.io/acme, docker.io/acme, quay.io/acme' };

/** What issue 9 asks the judges to see. */
export const configurations: readonly Configuration[] = [
  { name: 'one-leg', yaml: familyYaml({ platforms: 'linux/amd64' }) },
  { name: 'legs-457', yaml: familyYaml({ platforms: 'linux/amd64', targets: targetsOf(457) }) },
  { name: 'legs-10000', yaml: familyYaml({ platforms: 'linux/amd64', targets: targetsOf(10_000) }) },
  {
    name: 'three-registries',
    yaml: familyYaml({ ...three, github: `credentials: { ${hub}, ${quay} }, schedule: 17 3 * * *` }),
  },
  {
    name: 'staging-alone',
    yaml: familyYaml({
      ...three,
      more: 'staging: quay.io/acme/staging',
      github: `legs: staging, environment: release, credentials: { ${hub}, ${quay} }`,
    }),
  },
  {
    name: 'content-jobs',
    yaml: familyYaml({
      ...three,
      platforms: 'linux/amd64',
      targets: targetsOf(457),
      more: 'staging: quay.io/acme/staging',
      github: `legs: staging, content-jobs: 3, environment: release, content-environment: content, credentials: { ${hub}, ${quay} }`,
    }),
  },
  {
    name: 'self-hosted',
    yaml: familyYaml({
      github:
        'runner: [self-hosted, linux], runners: { default: { group: large, labels: [linux, x64] }, linux/arm64: [self-hosted, arm64] }, credentials: { ghcr.io: runner }',
    }),
  },
  { name: 'group', yaml: familyYaml({ github: 'runner: { group: large runners }' }) },
  { name: 'no-arm64', yaml: familyYaml({ platforms: 'linux/amd64, linux/s390x' }) },
  { name: 'approval', yaml: familyYaml({ github: 'environment: release' }) },
  { name: 'by-legs', yaml: familyYaml({ github: 'publish: leg, pull-request: build, jobs-max: 7' }) },
  { name: 'few-events', yaml: familyYaml({ github: 'branches: [], pull-request: off, merge-queue: false' }) },
  { name: 'build-secrets', yaml: familyYaml({ github: 'secrets: { NPM_TOKEN: NPM, CARGO_TOKEN: CARGO }' }) },
  {
    name: 'calls-reusable',
    yaml: familyYaml({
      ...three,
      github: `reusable: "acme/fanfold/.github/workflows/publish.yml${pin}", environment: release, runner: [self-hosted, x], jobs-max: 9, credentials: { ${hub}, ${quay} }`,
    }),
  },
  {
    name: 'sets',
    yaml: familyYaml({ targets: 'api: {}, web: {}', more: 'sets: { both: [api, web] }', github: 'publish: leg' }),
  },
  { name: 'in-a-folder', yaml: familyYaml(), file: 'apps/web/fanfold.yaml' },
  {
    name: 'hostile-names',
    yaml: familyYaml({
      github: `name: ${hostile('n')}, environment: ${hostile('e')}, runner: [${hostile('r')}], branches: [${hostileRef('b')}], tags: [${hostileRef('t')}]`,
    }),
    file: `-a'"$(id)\`id\` \${{ github.event.head_commit.message }}; # %\n/fanfold.yaml`,
  },
];

/** A name that YAML, a shell and GitHub would each like to read as something else. */
function hostile(first: string): string {
  return JSON.stringify(`-${first}: '"$(id)\`id\`' {{ }} # & * ! | > %`);
}

/** The same as far as Git takes it. */
function hostileRef(first: string): string {
  return hostile(first).replaceAll(/[ :]/g, '');
}

/** The workflow of a configuration, as it would be committed. */
export function workflowOf({ name, yaml, file = 'fanfold.yaml' }: Configuration): CiFile {
  const { family, diagnostics } = parseFamily(yaml, `/top/${file}`);
  const found: Diagnostic[] = [...diagnostics];
  const workflow = family === undefined ? undefined : githubWorkflow(family, { file }, found);
  if (workflow === undefined || found.length > 0) {
    throw new Error(`${name}: ${found.map(({ message, hint }) => `${message} (${hint})`).join('\n')}`);
  }
  return workflow;
}
