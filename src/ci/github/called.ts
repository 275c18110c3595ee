/** The jobs of a workflow that calls the reusable one, whose stages are not the caller's to edit. */
import type { Diagnostic } from '../../base/errors/diagnostic.ts';
import { defaultGithub, type GithubSetting } from '../../source/project/github-setting.ts';
import type { Family } from '../../source/project/model.ts';
import { indented, literal, scalar } from '../yaml-text.ts';
import { gateJob, jobOf } from './jobs.ts';
import { accessOf } from './logins.ts';
import { uses } from './pins.ts';
import { runnerLines } from './runner-lines.ts';

/** `jobs:` and all below it: the call, and the gate. What the reusable workflow cannot do goes to `diagnostics`. */
export function calledJobs(
  family: Family,
  github: GithubSetting & { readonly reusable: string },
  { file }: { readonly file: string },
  { gate, diagnostics }: { readonly gate: string; readonly diagnostics: Diagnostic[] },
): readonly string[] {
  if (Object.keys(github.secrets).length > 0) diagnostics.push(noSecrets(github));
  const { legs, publish } = accessOf(family, github, diagnostics);
  const secrets = [
    ...secretLines('credentials', publish.credentials),
    ...(github.legs === 'staging' ? secretLines('staging-credentials', legs.credentials) : []),
  ];
  const call = [
    'permissions: { contents: read, packages: write } # what its jobs may ask for at the most',
    uses(github.reusable),
    'with:',
    ...indented(1, inputLines(github, file)),
    ...(secrets.length === 0 ? [] : ['secrets:', ...indented(1, secrets)]),
  ];
  return [
    'jobs:',
    ...jobOf('images', call),
    '',
    ...jobOf('gate', gateJob(gate, ['images'], runnerLines(github.runner))),
  ];
}

/** Only what is not as the reusable workflow has it by default. */
function inputLines(github: GithubSetting, file: string): readonly string[] {
  const { minutes, environment, contentEnvironment, contentJobs, jobsMax, runner } = github;
  const differing = [
    ['file', file, 'fanfold.yaml'],
    ['legs', github.legs, defaultGithub.legs],
    ['publish', github.publish, defaultGithub.publish],
    [
      'pull-request',
      github.pullRequest === 'off' ? defaultGithub.pullRequest : github.pullRequest,
      defaultGithub.pullRequest,
    ],
    ['content-environment', contentEnvironment ?? '', ''],
    ['environment', environment ?? '', ''],
    ['runner', runner === undefined ? '' : JSON.stringify(runner), ''],
  ] as const;
  return [
    'only: ${{ inputs.only }}',
    'force: ${{ inputs.force == true }}',
    'dry-run: ${{ inputs.dry-run == true }}',
    'take-tags: ${{ inputs.take-tags == true }}',
    ...differing.filter(([, given, usual]) => given !== usual).map(([name, given]) => `${name}: ${literal(given)}`),
    ...(jobsMax === undefined ? [] : [`jobs-max: ${jobsMax}`]),
    ...(contentJobs === defaultGithub.contentJobs ? [] : [`content-jobs: ${contentJobs}`]),
    ...(minutes.plan === defaultGithub.minutes.plan ? [] : [`plan-minutes: ${minutes.plan}`]),
    ...(minutes.publish === defaultGithub.minutes.publish ? [] : [`publish-minutes: ${minutes.publish}`]),
  ];
}

/** The job's own token is there already. */
function secretLines(name: string, credentials: readonly string[]): readonly string[] {
  const handed = credentials.filter((line) => line.includes('secrets.'));
  return handed.length === 0 ? [] : [`${scalar(name)}: |`, ...indented(1, handed)];
}

function noSecrets({ place }: GithubSetting): Diagnostic {
  const message = 'the reusable workflow hands no secrets to builds';
  return {
    code: 'config.invalid',
    severity: 'error',
    message,
    place,
    hint: 'leave out github.reusable, or github.secrets',
  };
}
